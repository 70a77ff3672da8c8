/** The context block: small print and small pictures in one line. */

import { h } from '../dom.js';
import { textNode } from '../text/objects.js';
import { picture } from './picture.js';

export function context(block, surface) {
  return h('div.context', {}, block.elements.map((element) =>
    element.type === 'image'
      ? picture(element, 'context-image')
      : h('div.rich', {}, textNode(element, surface.names()))));
}
