/** The section block: text, fields in two columns, and one accessory. */

import { h } from '../dom.js';
import { renderElement } from '../elements/index.js';
import { textNode } from '../text/objects.js';

export function section(block, surface) {
  const names = surface.names();
  return h('div.section', {},
    h('div.section-words', {},
      block.text && h('div.rich', {}, textNode(block.text, names)),
      block.fields && h('div.fields', {},
        block.fields.map((field) => h('div.rich', {}, textNode(field, names))))),
    block.accessory && h(`div.accessory.accessory--${block.accessory.type}`, {},
      renderElement(block.accessory, { surface, block, dispatches: true })));
}
