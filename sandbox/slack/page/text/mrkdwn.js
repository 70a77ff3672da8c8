/** Slack's mrkdwn as DOM nodes. */

import { fragment, h } from '../dom.js';
import { emoji } from './emoji.js';
import { angle, decoded, link } from './links.js';

// Every alternative begins with its own character, so that hostile text cannot make it backtrack.
const INSIDE = (mark) => `((?:<[^<>\\n]*>|\`[^\`\\n]*\`|[^${mark}<\`\\n])+)`;
const SPAN = (mark) =>
  `(?<![\\p{L}\\p{N}${mark}])${mark}(?=[^\\s${mark}])${INSIDE(mark)}(?<=\\S)${mark}(?![\\p{L}\\p{N}${mark}])`;
const INLINE = new RegExp(
  [
    '`([^`\\n]+)`',
    '<([^<>\\n]+)>',
    ':([a-z0-9_+-]+):(?::skin-tone-[2-6]:)?',
    SPAN('\\*'),
    SPAN('_'),
    SPAN('~'),
    '(https?:\\/\\/[^\\s<>|`]+)',
  ].join('|'),
  'gu',
);
const FENCE = /```\n?([\s\S]*?)\n?```/g;
const QUOTE = /^(?:&gt;|>) ?/;
const ITEM = /^\s*(?:[•◦▪-]|\d+\.)\s/u;

/** `names` is what links.js asks for; `verbatim` leaves bare addresses alone. */
export function mrkdwn(source, names, { verbatim = false } = {}) {
  const parts = [];
  let end = 0;
  for (const fence of source.matchAll(FENCE)) {
    parts.push(lines(source.slice(end, fence.index).replace(/\n$/, ''), names, verbatim));
    parts.push(h('pre', {}, codeText(fence[1], names)));
    end = fence.index + fence[0].length;
  }
  const tail = end ? source.slice(end).replace(/^\n/, '') : source;
  return fragment(parts, lines(tail, names, verbatim));
}

function lines(text, names, verbatim) {
  if (text === '') return [];
  const nodes = [];
  let quote = null;
  text.split('\n').forEach((line, index) => {
    if (QUOTE.test(line)) {
      quote ??= nodes[nodes.push(h('blockquote')) - 1];
      quote.append(h('div', {}, orBreak(inline(line.replace(QUOTE, ''), names, verbatim))));
      return;
    }
    const follows = index > 0 && quote === null;
    quote = null;
    nodes.push(...plainLine(line, follows, nodes, names, verbatim));
  });
  return nodes;
}

/** List lines hang on their bullet; other lines are parted by breaks. */
function plainLine(line, follows, before, names, verbatim) {
  const content = inline(line, names, verbatim);
  if (ITEM.test(line)) return [h('div.hanging', {}, content)];
  const afterBlock = before.at(-1) instanceof HTMLDivElement;
  return follows && !afterBlock ? [document.createElement('br'), ...content] : content;
}

function orBreak(nodes) {
  return nodes.length ? nodes : [document.createElement('br')];
}

function inline(text, names, verbatim) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) nodes.push(decoded(text.slice(end, match.index)));
    nodes.push(...inlineMatch(match, names, verbatim));
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push(decoded(text.slice(end)));
  return nodes;
}

function inlineMatch(match, names, verbatim) {
  const [whole, code, bracket, shortcode, bold, italic, strike, address] = match;
  if (code !== undefined) return [h('code', {}, codeText(code, names))];
  if (bracket !== undefined) return [angle(bracket, names)];
  if (shortcode !== undefined) return [emojiNode(shortcode) ?? whole];
  if (bold !== undefined) return [h('strong', {}, inline(bold, names, verbatim))];
  if (italic !== undefined) return [h('em', {}, inline(italic, names, verbatim))];
  if (strike !== undefined) return [h('s', {}, inline(strike, names, verbatim))];
  return verbatim ? [decoded(whole)] : bareLink(address);
}

/** In code only <...> keeps its meaning. */
function codeText(text, names) {
  return text
    .split(/(<[^<>\n]+>)/)
    .map((part, index) => (index % 2 ? angle(part.slice(1, -1), names) : decoded(part)));
}

function bareLink(address) {
  const trailing = /[.,;:!?)'"*_~\]]+$/.exec(address)?.[0] ?? '';
  const target = decoded(trailing ? address.slice(0, -trailing.length) : address);
  return [link(target, target), trailing];
}

/** An emoji that a reader can also hear by name. */
export function emojiNode(name) {
  const character = emoji(name);
  if (character === null) return null;
  return h('span.emoji', { role: 'img', 'aria-label': name.replaceAll('_', ' ') }, character);
}
