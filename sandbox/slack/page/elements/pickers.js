/** Date and time pickers, on the browser's own. */

import { h } from '../dom.js';
import { plainText } from '../text/objects.js';
import { decide } from './decide.js';
import { currentValue } from './values.js';

const TYPES = { datepicker: 'date', timepicker: 'time', datetimepicker: 'datetime-local' };

export function picker(element, place) {
  const { surface, block } = place;
  const moment = element.type === 'datetimepicker';
  const stored = currentValue(surface, block, element);
  const control = h('input.text-field.text-field--picker', {
    type: TYPES[element.type],
    id: place.id,
    'data-action': element.action_id,
    'aria-label': place.label || plainText(element.placeholder) || 'Choose a date or time',
    ...place.naming,
    value: moment && stored ? localMoment(Number(stored)) : stored,
  });
  control.addEventListener('change', () => {
    const value = control.value && moment ? epoch(control.value) : control.value;
    decide(element, place, { control, value: value || null });
  });
  return control;
}

/** Epoch seconds -> "2026-11-22T14:30" in the person's own time zone. */
function localMoment(seconds) {
  const date = new Date(seconds * 1000);
  return new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function epoch(local) {
  return String(Math.floor(new Date(local).getTime() / 1000));
}
