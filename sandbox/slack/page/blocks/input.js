/** The input block: label, field, hint, and what is wrong with what was entered. */

import { h } from '../dom.js';
import { elementId, renderElement } from '../elements/index.js';
import { plainText } from '../text/objects.js';

export function input(block, surface) {
  const { element } = block;
  const id = elementId(surface, block, element);
  const error = surface.errors?.get(block.block_id);
  const label = plainText(block.label);
  const described = [block.hint && `${id}-hint`, error && `${id}-error`];
  const naming = {
    'aria-describedby': described.filter(Boolean).join(' ') || null,
    'aria-invalid': error ? 'true' : null,
    'aria-required': block.optional ? null : 'true',
  };
  const dispatches = Boolean(block.dispatch_action);
  return h('div.input', { class: error && 'input--wrong' },
    h('label.input-label', { for: id }, label, block.optional && h('span.input-optional', {}, ' (optional)')),
    renderElement(element, { surface, block, dispatches, label, naming }),
    error && h('p.input-error', { id: `${id}-error` }, error),
    block.hint && h('p.input-hint', { id: `${id}-hint` }, plainText(block.hint)));
}
