/** Where a select takes its options from: its own list, the app, or the workspace. */

import { plainText } from '../text/objects.js';

const DEFAULT_MINIMUM = 3;

/** {groups} or {load, minimum}, as listbox.js takes them. */
export function optionSource(element, { surface, block }) {
  const kind = element.type.replace(/^multi_/, '');
  if (kind === 'external_select') return external(element, surface, block);
  if (kind === 'users_select') return workspace(surface.people());
  if (kind === 'channels_select' || kind === 'conversations_select') return workspace(surface.channels());
  return { groups: element.option_groups ?? [{ options: element.options ?? [] }] };
}

function external(element, surface, block) {
  return {
    minimum: element.min_query_length ?? DEFAULT_MINIMUM,
    load: async (query) => {
      const { options } = await surface.suggest(element, block, query);
      return [{ options }];
    },
  };
}

function workspace(rows) {
  const option = ({ id, name }) => ({ value: id, text: { type: 'plain_text', text: name, emoji: false } });
  return { groups: [{ options: rows.map(option) }] };
}

/** The words for a chosen value. */
export function labelOf(value, element, place) {
  const known = place.surface.known.get(value) ?? optionOf(value, element, place);
  return known ? plainText(known.text) : value;
}

function optionOf(value, element, place) {
  const prefilled = [element.initial_option, ...(element.initial_options ?? [])].filter(Boolean);
  const listed = optionSource(element, place).groups ?? [];
  return [...prefilled, ...listed.flatMap((group) => group.options)].find((option) => option.value === value);
}
