/** The three dots that hide up to five actions. */

import { h } from '../dom.js';
import { icon } from '../icons.js';
import { confirmed } from './confirm.js';
import { attempt } from './feedback.js';
import { fillListbox } from './listbox.js';
import { popupFor } from './popup.js';

export function overflow(element, { surface, block, id }) {
  const trigger = h('button.button.button--icon', { type: 'button', id, 'data-action': element.action_id,
    'aria-haspopup': 'listbox', 'aria-label': 'More actions' }, icon('more', 16));
  const pick = async (option) => {
    menu.close();
    if (!(await confirmed(element.confirm, surface.names()))) return;
    if (/^https?:\/\//i.test(option.url ?? '')) window.open(option.url, '_blank', 'noopener');
    await attempt(trigger, () => surface.act(element, block, option.value));
  };
  const menu = popupFor(trigger, (popup) => fillListbox(popup, {
    label: 'More actions',
    source: { groups: [{ options: element.options }] },
    isChosen: () => false,
    names: surface.names(),
    settle: menu.settle,
    onPick: pick,
  }));
  return h('div.select.select--overflow', {}, trigger, menu.popup);
}
