/** Select menus that take one option: static, external, users, channels, conversations. */

import { fill, h } from '../dom.js';
import { icon } from '../icons.js';
import { plainText } from '../text/objects.js';
import { decide } from './decide.js';
import { fillListbox } from './listbox.js';
import { labelOf, optionSource } from './options.js';
import { popupFor } from './popup.js';
import { currentValue } from './values.js';

export function select(element, place) {
  const { surface, block, id } = place;
  const value = () => currentValue(surface, block, element);
  const words = h('span.select-value', {});
  const trigger = h('button.select-trigger', { type: 'button', id, 'data-action': element.action_id,
    'aria-haspopup': 'listbox', ...place.naming }, words, icon('down', 16));
  const draw = () => {
    const chosen = value();
    words.classList.toggle('select-value--empty', chosen === null);
    fill(words, chosen === null ? placeholder(element) : labelOf(chosen, element, place));
    trigger.setAttribute('aria-label', `${place.label || placeholder(element)}: ${words.textContent}`);
  };
  const menu = popupFor(trigger, (popup) => fillListbox(popup, {
    label: place.label || placeholder(element),
    source: optionSource(element, place),
    isChosen: (candidate) => candidate === value(),
    names: surface.names(),
    settle: menu.settle,
    onPick: (option) => {
      surface.known.set(option.value, option);
      menu.close();
      decide(element, place, { control: trigger, value: option.value, redraw: draw });
    },
  }));
  draw();
  return h('div.select', {}, trigger, menu.popup);
}

export function placeholder(element) {
  return plainText(element.placeholder) || 'Choose an option';
}
