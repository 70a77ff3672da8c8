/** Buttons: plain, primary, danger, and those that also open an address. */

import { h } from '../dom.js';
import { plainText } from '../text/objects.js';
import { confirmed } from './confirm.js';
import { attempt } from './feedback.js';

export function button(element, { surface, block, id }) {
  const press = async () => {
    if (!(await confirmed(element.confirm, surface.names()))) return;
    await attempt(control, () => surface.act(element, block, null));
  };
  const attributes = {
    id,
    class: element.style && `button--${element.style}`,
    'data-action': element.action_id,
    'aria-label': element.accessibility_label,
    on: { click: press },
  };
  const control = element.url
    ? h('a.button', { ...attributes, ...outward(element.url) }, plainText(element.text))
    : h('button.button', { ...attributes, type: 'button' }, plainText(element.text));
  return control;
}

function outward(address) {
  const safe = /^https?:\/\//i.test(address);
  if (!safe) return { role: 'button', tabindex: 0 };
  return { href: address, target: '_blank', rel: 'noopener noreferrer' };
}
