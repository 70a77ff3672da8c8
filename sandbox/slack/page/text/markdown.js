/** Standard Markdown, as the `markdown` block takes it, as DOM nodes. */

import { scrollFrame } from '../controls.js';
import { fragment, h } from '../dom.js';
import { angle, decoded, link } from './links.js';
import { emojiNode } from './mrkdwn.js';

const INLINE = new RegExp(
  [
    '`([^`\\n]+)`',
    '!?\\[([^\\[\\]\\n]*)\\]\\(([^()\\s]+)\\)',
    '\\*\\*(?=\\S)([^\\n*]+)\\*\\*',
    '__(?=\\S)([^\\n_]+)__',
    '~~(?=\\S)([^\\n~]+)~~',
    '\\*(?=\\S)([^\\n*]+)\\*',
    '(?<![\\p{L}\\p{N}])_(?=\\S)([^\\n_]+)_(?![\\p{L}\\p{N}])',
    ':([a-z0-9_+-]+):',
    '<([@#!][^<>\\n]+|https?:[^<>\\s]+)>',
    '(https?:\\/\\/[^\\s<>|`)]+)',
    '\\\\([\\\\`*_{}\\[\\]()#+.!|~>-])',
  ].join('|'),
  'gu',
);

/** Block starts, tried in order: [pattern of the first line, reader of the block]. */
const STARTS = [
  [/^\s*([-*_])(\s*\1){2,}\s*$/, () => [h('hr'), 1]],
  [/^```/, fence],
  [/^#{1,6}\s/, heading],
  [/^>\s?/, quote],
  [/^\s*([-*+]|\d+[.)])\s/, list],
  [/^\s*\|.*\|\s*$/, table],
];

export function markdown(source, names) {
  return fragment(blocks(source.split('\n'), names));
}

function blocks(rows, names) {
  const nodes = [];
  for (let at = 0; at < rows.length; ) {
    const [node, used] = block(rows.slice(at), names);
    if (node) nodes.push(node);
    at += used;
  }
  return nodes;
}

function block(rows, names) {
  if (rows[0].trim() === '') return [null, 1];
  const rule = startOf(rows[0]);
  return rule ? rule[1](rows, names) : paragraph(rows, names);
}

function startOf(row) {
  return STARTS.find(([pattern]) => pattern.test(row));
}

function fence(rows) {
  const end = rows.findIndex((row, index) => index > 0 && row.startsWith('```'));
  const last = end === -1 ? rows.length : end;
  return [h('pre', {}, rows.slice(1, last).join('\n')), last + 1];
}

function heading([row], names) {
  const [, marks, text] = /^(#{1,6})\s+(.*?)\s*#*$/.exec(row);
  const content = inline(text, names);
  const level = marks.length;
  return [h('div.heading', { role: 'heading', 'aria-level': level + 2, 'data-level': level }, content), 1];
}

function quote(rows, names) {
  const used = countWhile(rows, (row) => row.startsWith('>'));
  const inner = rows.slice(0, used).map((row) => row.replace(/^(?:>\s?)+/, ''));
  return [h('blockquote', {}, blocks(inner, names)), used];
}

function list(rows, names) {
  const [, indent, mark] = /^(\s*)([-*+]|\d+[.)])\s/.exec(rows[0]);
  const node = h(/\d/.test(mark) ? 'ol' : 'ul', { start: /\d/.test(mark) ? parseInt(mark, 10) : null });
  const item = new RegExp(`^\\s{${indent.length}}([-*+]|\\d+[.)])\\s+`);
  let at = 0;
  while (at < rows.length && item.test(rows[at])) {
    const first = rows[at].replace(item, '');
    const nested = countWhile(rows.slice(at + 1), (row) => /^\s+\S/.test(row) && !item.test(row));
    const inner = rows.slice(at + 1, at + 1 + nested).map((row) => row.replace(/^\s{1,4}/, ''));
    node.append(h('li', {}, inline(first, names), blocks(inner, names)));
    at += 1 + nested;
  }
  return [node, Math.max(at, 1)];
}

function table(rows, names) {
  const used = countWhile(rows, (row) => /^\s*\|.*\|\s*$/.test(row));
  const cells = rows.slice(0, used).map((row) => row.trim().slice(1, -1).split('|'));
  const body = cells.filter((row) => !row.every((cell) => /^\s*:?-+:?\s*$/.test(cell)));
  const line = (row, index) =>
    h('tr', {}, row.map((cell) => h(index ? 'td' : 'th', {}, inline(cell.trim(), names))));
  return [scrollFrame('Table', h('table', {}, h('tbody', {}, body.map(line)))), used];
}

function paragraph(rows, names) {
  const used = Math.max(1, countWhile(rows, (row) => row.trim() !== '' && !startOf(row)));
  const texts = rows.slice(0, used).map((row) => inline(row, names));
  return [h('p', {}, texts.map((text, index) => (index ? [h('br'), text] : text))), used];
}

function countWhile(rows, test) {
  const end = rows.findIndex((row) => !test(row));
  return end === -1 ? rows.length : end;
}

function inline(text, names) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) nodes.push(decoded(text.slice(end, match.index)));
    nodes.push(inlineMatch(match, names));
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push(decoded(text.slice(end)));
  return nodes;
}

function inlineMatch(match, names) {
  const [whole, code, label, target, bold, bold2, strike, italic, italic2, ...rest] = match;
  const [shortcode, bracket, bare, escaped] = rest;
  if (code !== undefined) return h('code', {}, decoded(code));
  if (target !== undefined) return link(decoded(target), decoded(label) || target);
  if (bold ?? bold2) return h('strong', {}, inline(bold ?? bold2, names));
  if (strike !== undefined) return h('s', {}, inline(strike, names));
  if (italic ?? italic2) return h('em', {}, inline(italic ?? italic2, names));
  if (shortcode !== undefined) return emojiNode(shortcode) ?? whole;
  if (bracket !== undefined) return angle(bracket, names);
  if (bare !== undefined) return link(decoded(bare), decoded(bare));
  return escaped;
}
