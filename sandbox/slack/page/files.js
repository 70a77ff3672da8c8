/** Files in messages: a card with name and size, and a preview of tables and pictures. */

import { fill, h } from './dom.js';
import { icon } from './icons.js';

const ROWS = 8;
const KINDS = { csv: 'CSV', png: 'PNG', jpg: 'JPEG', json: 'JSON', txt: 'Plain text', jsonl: 'JSON Lines' };

/** Where the page itself may fetch a file of the sandbox; null for anything else. */
export function previewAddress({ id, url }) {
  if (id) return `/files/${encodeURIComponent(id)}`;
  if (!url) return null;
  const { origin, pathname } = new URL(url, location.origin);
  return origin === location.origin ? pathname : null;
}

export function fileCards(files) {
  return files.length > 0 && h('div.files', {}, files.map(card));
}

function card(file) {
  const address = previewAddress(file);
  const kind = extension(file);
  const preview = h('div.file-preview', { hidden: true });
  if (isPicture(file)) showPicture(preview, file, address);
  if (kind === 'csv') showTable(preview, address);
  return h('section.file', { 'aria-label': file.name },
    h('div.file-head', {},
      h('span.file-icon', { 'data-kind': kind }, icon('file', 22)),
      h('span.file-words', {}, h('b', {}, file.title || file.name), h('small', {}, [KINDS[kind] ?? kind.toUpperCase(), sizeOf(file)].filter(Boolean).join(' · '))),
      h('a.button', { href: address, download: file.name }, icon('download', 16), 'Download')),
    preview);
}

function extension({ name }) {
  return name.includes('.') ? name.split('.').at(-1).toLowerCase() : 'file';
}

function isPicture(file) {
  return (file.mimetype ?? '').startsWith('image/') || ['png', 'jpg', 'gif'].includes(extension(file));
}

function sizeOf({ size }) {
  if (size === undefined) return null;
  if (size < 1024) return `${size} bytes`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} kB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}

function showPicture(preview, file, address) {
  const words = file.alt_txt || file.title || file.name;
  fill(preview, h('img.picture', { src: address, alt: words }));
  preview.hidden = false;
}

/** The first rows; what cannot be fetched stays a plain card. */
async function showTable(preview, address) {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) return;
  const rows = parseCsv(await response.text());
  if (!rows.length) return;
  const [head, ...body] = rows;
  const line = (cells, tag) => h('tr', {}, cells.map((cell) => h(tag, {}, cell)));
  fill(preview,
    h('div.table-scroll', { tabindex: 0, role: 'region', 'aria-label': 'Preview' },
      h('table', {}, h('thead', {}, line(head, 'th')), h('tbody', {}, body.slice(0, ROWS).map((cells) => line(cells, 'td'))))),
    body.length > ROWS && h('p.file-more', {}, `${body.length - ROWS} more rows`));
  preview.hidden = false;
}

/** RFC 4180: quoted cells may hold commas, quotes and line breaks. */
function parseCsv(text) {
  const rows = [];
  let row = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  const source = text.replace(/^\ufeff/, '');
  while (cell.lastIndex < source.length) {
    const match = cell.exec(source);
    if (!match) break;
    row.push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
