/** The data_table block: a captioned table that pages. */

import { scrollFrame } from '../controls.js';
import { fill, h } from '../dom.js';
import { cellNode, numberLook } from './table.js';

const PAGE_SIZE = 5;

export function dataTable(block, surface) {
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? PAGE_SIZE;
  const pages = Math.ceil(rows.length / size);
  let page = 0;
  const body = h('tbody', {});
  const where = h('span', { 'aria-live': 'polite' });
  const turn = (step) => {
    page = Math.min(Math.max(page + step, 0), pages - 1);
    const first = page * size;
    fill(body, rows.slice(first, first + size).map((cells) => line(cells, block, surface)));
    fill(where, `${first + 1}–${Math.min(first + size, rows.length)} of ${rows.length}`);
    before.disabled = page === 0;
    after.disabled = page === pages - 1;
  };
  const before = pageButton('Previous', () => turn(-1));
  const after = pageButton('Next', () => turn(1));
  turn(0);
  return h('div.data-table', {},
    scrollFrame(block.caption, h('table', {},
      h('caption', {}, block.caption),
      h('thead', {}, h('tr', {}, head.map((cell, index) =>
        h('th', { scope: 'col', class: numberLook(rows[0][index]) }, cell.text)))),
      body)),
    pages > 1 && h('div.pager', {}, before, where, after));
}

function line(cells, { row_header_column_index: named }, surface) {
  return h('tr', {}, cells.map((cell, index) => h(index === named ? 'th' : 'td',
    { scope: index === named && 'row', class: numberLook(cell) },
    cellNode(cell, surface))));
}

function pageButton(words, click) {
  return h('button.button', { type: 'button', on: { click } }, words);
}
