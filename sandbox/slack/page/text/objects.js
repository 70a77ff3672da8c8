/** Text objects of Block Kit: {type: plain_text | mrkdwn, text, emoji?, verbatim?}. */

import { decoded } from './links.js';
import { withEmoji } from './emoji.js';
import { mrkdwn } from './mrkdwn.js';

/** A node for a text object; nothing for none. */
export function textNode(object, names) {
  if (!object) return null;
  if (object.type === 'mrkdwn') return mrkdwn(object.text, names, { verbatim: object.verbatim });
  return document.createTextNode(plainText(object));
}

/** The words of a text object, for labels and accessible names. */
export function plainText(object) {
  if (!object) return '';
  const text = decoded(object.text ?? '');
  return object.emoji === false ? text : withEmoji(text);
}
