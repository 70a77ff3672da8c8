/** Files in messages: a card with name and size, and a preview of tables and pictures. */

import { plainTable } from './controls.js';
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
  const preview = h('div.file-preview', { hidden: true });
  if (isPicture(file)) showPicture(preview, file, address);
  if (extension(file) === 'csv') showTable(preview, file, address);
  return h('section.file', { 'aria-label': file.name },
    h('div.file-head', {},
      h('span.file-icon', { 'data-kind': extension(file) }, icon('file', 22)),
      h('span.file-words', {}, h('b', {}, file.title || file.name), h('small', {}, description(file))),
      h('a.button', { href: address, download: file.name }, icon('download', 16), 'Download')),
    preview);
}

/** "CSV · 4.2 kB". */
function description(file) {
  const kind = extension(file);
  return `${KINDS[kind] ?? kind.toUpperCase()} · ${sizeInWords(file.size)}`;
}

function extension({ name }) {
  return name.includes('.') ? name.split('.').at(-1).toLowerCase() : 'file';
}

function isPicture({ mimetype }) {
  return mimetype.startsWith('image/');
}

function sizeInWords(size) {
  if (size < 1024) return `${size} bytes`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} kB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}

function showPicture(preview, file, address) {
  const words = file.alt_txt || file.title || file.name;
  fill(preview, h('img.picture', { src: address, alt: words }));
  preview.hidden = false;
}

/** The first rows; what cannot be fetched stays a plain card. */
async function showTable(preview, file, address) {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) return;
  const [head, ...rows] = parseCsv(await response.text());
  if (!head) return;
  fill(preview,
    plainTable(`Preview of ${file.name}`, head, rows.slice(0, ROWS)),
    rows.length > ROWS && h('p.file-more', {}, `${rows.length - ROWS} more rows`));
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
