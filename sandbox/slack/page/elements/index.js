/** Interactive elements by their Block Kit type. */

import { h } from '../dom.js';
import { picture } from '../blocks/picture.js';
import { button } from './button.js';
import { checkboxes, radioButtons } from './choice.js';
import { multiSelect } from './multi_select.js';
import { overflow } from './overflow.js';
import { picker } from './pickers.js';
import { select } from './select.js';
import { textInput } from './text_input.js';

const ELEMENTS = {
  button,
  checkboxes,
  overflow,
  radio_buttons: radioButtons,
  image: (element) => picture(element, 'accessory-image'),
  static_select: select,
  external_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  multi_static_select: multiSelect,
  multi_external_select: multiSelect,
  multi_users_select: multiSelect,
  multi_channels_select: multiSelect,
  multi_conversations_select: multiSelect,
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  rich_text_input: textInput,
  datepicker: picker,
  timepicker: picker,
  datetimepicker: picker,
};

/**
 * Draw an element. `place` says where: {surface, block, dispatches, label?, naming?}, where `naming`
 * holds ARIA attributes and `label` is the accessible name where no visible label names the control.
 */
export function renderElement(element, place) {
  const draw = ELEMENTS[element.type];
  if (!draw) return h('span.unknown', {}, `Cannot draw a "${element.type}" here.`);
  const id = elementId(place.surface, place.block, element);
  return draw(element, { naming: {}, label: '', ...place, id });
}

/** The same control keeps its id when its message is drawn anew, so that the focus can stay. */
export function elementId(surface, block, element) {
  return [surface.key, block.block_id, element.action_id].join('-').replace(/[^\w-]+/g, '_');
}
