/** A list to pick from by mouse or keys, with a search field where it is long or comes from the app. */

import { fill, freshId, h } from '../dom.js';
import { icon } from '../icons.js';
import { plainText, textNode } from '../text/objects.js';

const SEARCH_FROM = 8;
const PAUSE_MS = 150;

/**
 * Fill `root` with the list.
 * source: {groups: [{label, options}]} or {load(query) -> Promise<groups>, minimum};
 * isChosen(value) marks options; onPick(option) is told; `settle` is called when the height changed.
 */
export function fillListbox(root, { label, source, multiple, isChosen, onPick, names, settle }) {
  const list = h('ul.options', { role: 'listbox', id: freshId('options'), 'aria-label': label,
    'aria-multiselectable': multiple ? 'true' : null, tabindex: -1 });
  const cursor = cursorOver(list);
  const draw = (groups) => {
    fill(list, groups.map((group) => groupRows(group, { isChosen, names, pick })));
    if (!list.querySelector('[role=option]')) note(list, 'No matches.');
    cursor.reset();
    settle();
  };
  const pick = (option, row) => {
    onPick(option);
    if (multiple) row.setAttribute('aria-selected', String(isChosen(option.value)));
  };
  const searchable = Boolean(source.load) || count(source.groups) >= SEARCH_FROM;
  const field = searchable ? searchField(label, list, source, draw) : null;
  fill(root, field && h('div.options-search', {}, icon('search', 16), field), list);
  if (source.load && source.minimum > 0) note(list, typeMore(source.minimum));
  else if (source.load) load(source, '', draw, list);
  else draw(source.groups);
  const focus = field ?? list;
  focus.addEventListener('keydown', (event) => cursor.key(event));
  cursor.follow(focus);
  focus.focus({ preventScroll: true });
}

function count(groups) {
  return groups.reduce((sum, group) => sum + group.options.length, 0);
}

function groupRows({ label, options }, context) {
  const rows = options.map((option) => optionRow(option, context));
  if (!label) return rows;
  const id = freshId('group');
  return h('li', { role: 'none' },
    h('div.options-label', { id }, plainText(label)),
    h('ul', { role: 'group', 'aria-labelledby': id }, rows));
}

function optionRow(option, { isChosen, names, pick }) {
  const row = h('li.option', {
    role: 'option',
    id: freshId('option'),
    'data-value': option.value,
    'aria-selected': String(isChosen(option.value)),
    on: { click: () => pick(option, row), pointerdown: (event) => event.preventDefault() },
  },
  h('span.option-text', {}, textNode(option.text, names),
    option.description && h('small', {}, plainText(option.description))),
  icon('check', 16));
  return row;
}

function searchField(label, list, source, draw) {
  let pause = null;
  const search = () => {
    clearTimeout(pause);
    const query = field.value.trim();
    if (!source.load) return draw(matching(source.groups, query));
    if (query.length < source.minimum) return note(list, typeMore(source.minimum));
    pause = setTimeout(() => load(source, query, draw, list, () => field.value.trim()), PAUSE_MS);
    return undefined;
  };
  const field = h('input', {
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    placeholder: 'Search',
    'aria-label': `Search: ${label}`,
    'aria-expanded': 'true',
    'aria-controls': list.id,
    on: { input: search },
  });
  return field;
}

/** Ask the app; an answer to an older query is dropped. */
async function load(source, query, draw, list, latest = () => query) {
  note(list, 'Loading…');
  try {
    const groups = await source.load(query);
    if (latest() === query) draw(groups);
  } catch (error) {
    if (latest() === query) note(list, error.message);
  }
}

function matching(groups, query) {
  const wanted = query.toLowerCase();
  const keep = (option) => plainText(option.text).toLowerCase().includes(wanted);
  return groups
    .map((group) => ({ ...group, options: group.options.filter(keep) }))
    .filter((group) => group.options.length);
}

function note(list, sentence) {
  fill(list, h('li.options-note', { role: 'option', 'aria-disabled': 'true' }, sentence));
}

function typeMore(minimum) {
  return `Type ${minimum} or more characters to search.`;
}

/** The option the keys stand on. */
function cursorOver(list) {
  let at = -1;
  let focus = null;
  const rows = () => [...list.querySelectorAll('[role=option]:not([aria-disabled])')];
  const mark = () => {
    rows().forEach((row, index) => row.classList.toggle('option--active', index === at));
    const active = rows()[at];
    active?.scrollIntoView({ block: 'nearest' });
    if (active) focus?.setAttribute('aria-activedescendant', active.id);
    else focus?.removeAttribute('aria-activedescendant');
  };
  const moves = {
    ArrowDown: () => Math.min(at + 1, rows().length - 1),
    ArrowUp: () => Math.max(at - 1, 0),
    Home: () => 0,
    End: () => rows().length - 1,
  };
  return {
    follow(node) {
      focus = node;
      mark();
    },
    reset() {
      at = Math.max(0, rows().findIndex((row) => row.ariaSelected === 'true'));
      mark();
    },
    key(event) {
      const move = moves[event.key];
      if (move && (focus === list || !['Home', 'End'].includes(event.key))) {
        event.preventDefault();
        at = move();
        mark();
      } else if (event.key === 'Enter' || (event.key === ' ' && focus === list)) {
        event.preventDefault();
        rows()[at]?.click();
      }
    },
  };
}
