/** Links and mentions: what stands between angle brackets in Slack's texts. */

import { h } from '../dom.js';
import { slackDate } from './dates.js';
import { withEmoji } from './emoji.js';

const SAFE = /^(https?:\/\/|mailto:|tel:)/i;
const ENTITIES = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** Slack decodes exactly these three entities in text objects. */
export function decoded(text) {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
}

/** A link that opens beside the page; an unsafe address is shown as text only. */
export function link(address, label) {
  if (!SAFE.test(address)) return document.createTextNode(label);
  return h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, label);
}

/** `names` knows people and channels: {user(id), channel(id), me, now()}. */
export function userMention(id, names, fallback = null) {
  const kind = id === names.me ? 'span.mention.mention--me' : 'span.mention';
  return h(kind, {}, `@${names.user(id) ?? fallback ?? id}`);
}

export function channelMention(id, names, fallback = null) {
  const name = names.channel(id) ?? fallback;
  if (name === null) return h('span.mention', {}, 'private channel');
  return h('a.mention', { href: '#', 'data-channel': id }, `#${name}`);
}

export function broadcast(range) {
  return h('span.mention.mention--me', { 'data-broadcast': range }, `@${range}`);
}

/** Render the inside of <...>: a mention, a date or a link. */
export function angle(content, names) {
  const [target, ...rest] = content.split('|');
  const label = rest.length ? decoded(rest.join('|')) : null;
  if (target.startsWith('@')) return userMention(target.slice(1), names, label);
  if (target.startsWith('#')) return channelMention(target.slice(1), names, label);
  if (target.startsWith('!')) return special(target.slice(1), label, names);
  if (SAFE.test(target)) return link(decoded(target), withEmoji(label ?? shown(target)));
  return document.createTextNode(`<${decoded(content)}>`);
}

function shown(target) {
  return decoded(target).replace(/^(mailto|tel):/i, '');
}

function special(command, label, names) {
  const [kind, ...args] = command.split('^');
  if (['here', 'channel', 'everyone'].includes(kind)) return broadcast(kind);
  if (kind === 'subteam') return h('span.mention', {}, label ?? `@${args[0]}`);
  if (kind === 'date') return date(args, label, names);
  return document.createTextNode(label ?? `<${kind}>`);
}

function date([epoch, pattern = '', address], label, names) {
  const text = slackDate(epoch, pattern, names.now()) ?? label ?? '';
  const node = h('time', { title: label }, text);
  return address ? link(decoded(address), text) : node;
}
