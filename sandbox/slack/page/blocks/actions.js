/** The actions block: up to 25 interactive elements in a row. */

import { h } from '../dom.js';
import { renderElement } from '../elements/index.js';

export function actions(block, surface) {
  return h('div.actions', {},
    block.elements.map((element) => renderElement(element, { surface, block, dispatches: true })));
}
