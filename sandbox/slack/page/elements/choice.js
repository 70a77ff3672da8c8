/** Checkboxes and radio buttons. */

import { h } from '../dom.js';
import { textNode } from '../text/objects.js';
import { decide } from './decide.js';
import { currentValue } from './values.js';

export function checkboxes(element, place) {
  const chosen = () => currentValue(place.surface, place.block, element) ?? [];
  const toggle = (value, on) => (on ? [...chosen(), value] : chosen().filter((each) => each !== value));
  return group(element, place, 'checkbox', {
    isChosen: (value) => chosen().includes(value),
    next: ({ value }, input) => toggle(value, input.checked),
  });
}

export function radioButtons(element, place) {
  const chosen = () => currentValue(place.surface, place.block, element);
  return group(element, place, 'radio', {
    isChosen: (value) => chosen() === value,
    next: ({ value }) => value,
  });
}

function group(element, place, type, { isChosen, next }) {
  const rows = element.options.map((option, index) => choice(option, index));
  const redraw = () => rows.forEach(({ input, option }) => {
    input.checked = isChosen(option.value);
  });
  function choice(option, index) {
    const input = h('input', { type, id: `${place.id}-${index}`, name: place.id, value: option.value });
    input.addEventListener('change', () =>
      decide(element, place, { control: input, value: next(option, input), redraw }));
    return { option, input, row: row(option, input) };
  }
  function row(option, input) {
    const names = place.surface.names();
    return h('label.choice', {}, input, h('span.rich', {}, textNode(option.text, names),
      option.description && h('small', {}, textNode(option.description, names))));
  }
  redraw();
  const role = type === 'radio' ? 'radiogroup' : 'group';
  const naming = { ...place.naming, 'aria-label': place.label || null };
  return h('div.choices', { role, id: place.id, 'data-action': element.action_id, ...naming },
    rows.map((each) => each.row));
}
