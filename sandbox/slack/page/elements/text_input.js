/** Text fields: one line or several, e-mail, address, number. */

import { h } from '../dom.js';
import { plainText } from '../text/objects.js';
import { attempt } from './feedback.js';
import { currentValue, keepValue } from './values.js';

const TYPES = { email_text_input: 'email', url_text_input: 'url', number_input: 'text' };

export function textInput(element, place) {
  const { surface, block } = place;
  const several = element.multiline || element.type === 'rich_text_input';
  const control = h(several ? 'textarea.text-field' : 'input.text-field', {
    id: place.id,
    type: several ? null : (TYPES[element.type] ?? 'text'),
    inputmode: element.type === 'number_input' ? 'decimal' : null,
    rows: several ? 4 : null,
    maxlength: element.max_length,
    placeholder: plainText(element.placeholder),
    autocomplete: 'off',
    autofocus: element.focus_on_load,
    'data-action': element.action_id,
    'aria-label': place.label || null,
    ...place.naming,
    value: currentValue(surface, block, element) ?? '',
  });
  control.addEventListener('input', () => {
    keepValue(surface, block, element, control.value || null);
    if (place.dispatches && triggers(element).includes('on_character_entered')) tell();
  });
  control.addEventListener('keydown', (event) => {
    const enter = event.key === 'Enter' && !event.shiftKey && !event.isComposing;
    if (!enter || !place.dispatches || !triggers(element).includes('on_enter_pressed')) return;
    event.preventDefault();
    tell();
  });
  const tell = () => attempt(control, () => surface.act(element, block, control.value || null));
  return control;
}

function triggers(element) {
  return element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
}
