/** Select menus that take several options, shown as removable tokens. */

import { fill, h, keepingFocus } from '../dom.js';
import { icon } from '../icons.js';
import { decide } from './decide.js';
import { fillListbox } from './listbox.js';
import { labelOf, optionSource } from './options.js';
import { popupFor } from './popup.js';
import { placeholder } from './select.js';
import { currentValue } from './values.js';

export function multiSelect(element, place) {
  const { surface, block, id } = place;
  const values = () => currentValue(surface, block, element) ?? [];
  const tokens = h('span.tokens', {});
  const words = h('span.select-value.select-value--empty', {});
  const trigger = h('button.select-trigger', { type: 'button', id, 'data-action': element.action_id,
    'aria-haspopup': 'listbox', ...place.naming }, words, icon('down', 16));
  const change = (value) => decide(element, place, { control: trigger, value, redraw: draw });
  const toggle = (option) => {
    surface.known.set(option.value, option);
    const chosen = values();
    if (chosen.includes(option.value)) return change(chosen.filter((value) => value !== option.value));
    return isFull(element, chosen) ? undefined : change([...chosen, option.value]);
  };
  const draw = () => keepingFocus(tokens, () => {
    const chosen = values();
    const label = (value) => labelOf(value, element, place);
    const without = (value) => values().filter((each) => each !== value);
    fill(tokens, chosen.map((value) => token(label(value), () => change(without(value)))));
    fill(words, chosen.length ? addMore(element, chosen) : placeholder(element));
    const spoken = chosen.map(label).join(', ') || 'none chosen';
    trigger.setAttribute('aria-label', `${place.label || placeholder(element)}: ${spoken}`);
    if (menu?.popup.matches(':popover-open')) menu.settle();
  });
  const menu = popupFor(trigger, (popup) => fillListbox(popup, {
    label: place.label || placeholder(element),
    source: optionSource(element, place),
    multiple: true,
    isChosen: (value) => values().includes(value),
    names: surface.names(),
    settle: menu.settle,
    onPick: toggle,
  }));
  draw();
  return h('div.select.select--multi', {}, tokens, trigger, menu.popup);
}

function token(label, remove) {
  const attributes = { type: 'button', 'aria-label': `Remove ${label}`, on: { click: remove } };
  return h('span.token', {}, h('span', {}, label), h('button', attributes, icon('close', 12)));
}

function isFull(element, chosen) {
  return chosen.length >= (element.max_selected_items ?? Infinity);
}

function addMore(element, chosen) {
  return isFull(element, chosen) ? `At most ${element.max_selected_items}` : 'Add more';
}
