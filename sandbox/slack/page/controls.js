/** Small things many parts draw: icon buttons, tab lists, plain tables. */

import { h } from './dom.js';
import { icon } from './icons.js';

/** A button that shows only an icon; `words` is its name and its tooltip. */
export function iconButton(name, words, click, { size = 20, ...more } = {}) {
  const attributes = { type: 'button', title: words, 'aria-label': words, on: { click }, ...more };
  return h('button.icon-button', attributes, icon(name, size));
}

/** `tabs` is [[name, words, id of what it shows]]. */
export function tabList(label, tabs, current, choose) {
  const tab = ([name, words, shows]) => h('button', {
    type: 'button',
    role: 'tab',
    id: `tab-${name}`,
    'aria-selected': String(name === current),
    'aria-controls': shows,
    on: { click: () => choose(name) },
  }, words);
  return h('div.tabs', { role: 'tablist', 'aria-label': label }, tabs.map(tab));
}

/** A table of plain texts that scrolls sideways in its own frame. */
export function plainTable(label, head, rows) {
  const line = (cells, tag) => h('tr', {}, cells.map((cell) => h(tag, {}, String(cell))));
  return scrollFrame(label, h('table', {},
    h('thead', {}, line(head, 'th')),
    h('tbody', {}, rows.map((cells) => line(cells, 'td')))));
}

/** Wide content scrolls here, by keyboard too, and never the page. */
export function scrollFrame(label, content) {
  return h('div.table-scroll', { tabindex: 0, role: 'region', 'aria-label': label }, content);
}
