/** Values of input elements, as the JSON API takes them: a string, a list of strings, or null. */

const SINGLE = ['initial_value', 'initial_date', 'initial_time', 'initial_date_time', 'initial_user',
  'initial_conversation', 'initial_channel'];
const SEVERAL = ['initial_users', 'initial_conversations', 'initial_channels'];

/** Where a surface keeps what was chosen; another kind of element begins anew. */
function keyOf(block, element) {
  return [block.block_id, element.action_id, element.type].join('/');
}

/** What the bot filled in beforehand. */
function initialValue(element) {
  if (element.initial_option) return element.initial_option.value;
  if (element.initial_options) return element.initial_options.map((option) => option.value);
  const one = SINGLE.find((key) => ['string', 'number'].includes(typeof element[key]));
  if (one) return String(element[one]);
  const several = SEVERAL.find((key) => element[key]);
  return several ? element[several] : null;
}

/** What the person chose or typed in this surface, else what the bot filled in. */
export function currentValue({ values }, block, element) {
  const key = keyOf(block, element);
  return values.has(key) ? values.get(key) : initialValue(element);
}

export function keepValue({ values }, block, element, value) {
  values.set(keyOf(block, element), value);
}

/** What all input blocks of a view hold, by "block_id/action_id". */
export function inputValues(view, surface) {
  const inputs = view.blocks.filter(({ type }) => type === 'input');
  return Object.fromEntries(inputs.map((block) =>
    [`${block.block_id}/${block.element.action_id}`, currentValue(surface, block, block.element)]));
}
