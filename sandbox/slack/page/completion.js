/** The list of slash commands over the composer, and the usage of the one being typed. */

import { fill, freshId, h } from './dom.js';

/** Watch `field`; returns {key(event) -> handled, update()}. */
export function completeCommands(root, field, commands, changed) {
  const id = freshId('commands');
  const list = h('ul.completions-list', { role: 'listbox', id, 'aria-label': 'Commands' });
  let matches = [];
  let at = 0;
  field.setAttribute('role', 'combobox');
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-controls', list.id);
  field.addEventListener('blur', hide);

  function update() {
    const text = field.value;
    matches = /^\/\S*$/.test(text) ? commands().filter(({ name }) => name.startsWith(text)) : [];
    at = 0;
    if (matches.length) draw();
    else usage(text);
  }

  function draw() {
    const rows = matches.map((match, index) => completionRow(match, index === at, () => choose(index)));
    fill(list, rows);
    fill(root, h('p.completions-title', {}, 'Gatehouse', h('span.app-tag', {}, 'APP')), list);
    root.hidden = false;
    field.setAttribute('aria-expanded', 'true');
    field.setAttribute('aria-activedescendant', rows[at].id);
    rows[at].scrollIntoView({ block: 'nearest' });
  }

  /** Once the command is typed, say what may follow. */
  function usage(text) {
    hide();
    const typed = commands().find(({ name }) => text.startsWith(`${name} `));
    if (!typed?.usage_hint) return;
    fill(root, h('p.usage', {}, h('b', {}, typed.name), ` ${typed.usage_hint}`));
    root.hidden = false;
  }

  function hide() {
    matches = [];
    root.hidden = true;
    field.setAttribute('aria-expanded', 'false');
    field.removeAttribute('aria-activedescendant');
  }

  function choose(index) {
    field.value = `${matches[index].name} `;
    field.focus();
    changed();
    update();
  }

  const KEYS = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Tab: () => choose(at),
    Enter: () => choose(at),
    Escape: hide,
  };

  function move(step) {
    at = (at + step + matches.length) % matches.length;
    draw();
  }

  return {
    update,
    /** True where the key was for the list. A command typed in full is sent by Enter. */
    key(event) {
      const complete = event.key === 'Enter' && matches[at]?.name === field.value;
      if (!matches.length || !KEYS[event.key] || event.shiftKey || complete) return false;
      event.preventDefault();
      KEYS[event.key]();
      return true;
    },
  };
}

function completionRow({ name, usage_hint: usage, description }, active, choose) {
  return h('li.completion', {
    role: 'option',
    id: freshId('command'),
    class: active && 'completion--active',
    'aria-selected': String(active),
    'data-command': name,
    on: { pointerdown: (event) => event.preventDefault(), click: choose },
  },
  h('span.completion-name', {}, h('b', {}, name), ' ', h('span', {}, usage)),
  h('small', {}, description));
}
