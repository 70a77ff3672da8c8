/** The rich_text block: sections, lists, quotes and preformatted text. Its texts are literal. */

import { h } from '../dom.js';
import { slackDate } from '../text/dates.js';
import { broadcast, channelMention, link, userMention } from '../text/links.js';
import { emojiNode } from '../text/mrkdwn.js';

const PARTS = {
  rich_text_section: (part, names) => h('div', {}, pieces(part, names)),
  rich_text_preformatted: (part, names) => h('pre', {}, pieces(part, names)),
  rich_text_quote: (part, names) => h('blockquote', {}, pieces(part, names)),
  rich_text_list: list,
};

const PIECES = {
  text: (piece) => piece.text,
  link: (piece) => link(piece.url, piece.text || piece.url),
  user: (piece, names) => userMention(piece.user_id, names),
  channel: (piece, names) => channelMention(piece.channel_id, names),
  usergroup: (piece) => h('span.mention', {}, `@${piece.usergroup_id}`),
  broadcast: (piece) => broadcast(piece.range),
  emoji: (piece) => emojiNode(piece.name) ?? `:${piece.name}:`,
  date: ({ timestamp, format, fallback }, names) =>
    h('time', {}, slackDate(timestamp, format, names.now()) ?? fallback),
  color: (piece) => h('code', {}, piece.value),
};

const STYLES = { bold: 'strong', italic: 'em', strike: 's', underline: 'u', code: 'code' };

export function richText(block, surface) {
  const names = surface.names();
  return h('div.rich', {}, block.elements.map((part) => PARTS[part.type]?.(part, names)));
}

function list(part, names) {
  const ordered = part.style === 'ordered';
  const start = ordered && part.offset ? part.offset + 1 : null;
  return h(ordered ? 'ol' : 'ul', { 'data-indent': part.indent ?? 0, start },
    part.elements.map((item) => h('li', {}, pieces(item, names))));
}

function pieces(part, names) {
  return part.elements.map((piece) => styled(PIECES[piece.type]?.(piece, names), piece.style));
}

function styled(content, style = {}) {
  return Object.keys(STYLES)
    .filter((key) => style[key])
    .reduce((inner, key) => h(STYLES[key], {}, inner), content);
}
