/** The table block: rows of cells, the first row its heading. */

import { scrollFrame } from '../controls.js';
import { h } from '../dom.js';
import { richText } from './rich_text.js';

export function table(block, surface) {
  const settings = block.column_settings ?? [];
  const [head, ...body] = block.rows;
  return scrollFrame('Table', h('table', {},
    h('thead', {}, row(head, 'th', settings, surface)),
    h('tbody', {}, body.map((cells) => row(cells, 'td', settings, surface)))));
}

function row(cells, tag, settings, surface) {
  return h('tr', {}, cells.map((cell, index) => {
    const { align, is_wrapped: wrapped } = settings[index] ?? {};
    const look = [align && `align-${align}`, wrapped && 'wrapped', numberLook(cell)];
    return h(tag, { class: look, scope: tag === 'th' && 'col' }, cellNode(cell, surface));
  }));
}

export function numberLook({ type }) {
  return type === 'raw_number' && 'number';
}

/** raw_text and raw_number are literal; rich_text is formatted. */
export function cellNode(cell, surface) {
  return cell.type === 'rich_text' ? richText(cell, surface) : cell.text;
}
