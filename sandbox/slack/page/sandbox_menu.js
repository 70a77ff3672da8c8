/** Behind the scenes: move the clock, see which calls were made and which writes took effect. */

import * as api from './api.js';
import { fill, h } from './dom.js';
import { icon } from './icons.js';
import { fullTime } from './text/dates.js';

const STEPS = [['10 minutes', 600], ['1 hour', 3600], ['1 day', 86_400], ['1 week', 604_800]];
const TABS = [['clock', 'Clock'], ['calls', 'Calls'], ['effects', 'Effects']];

/** Returns the function that opens the dialog. */
export function mountSandboxMenu(store, session) {
  const content = h('div.sheet-body', { id: 'sandbox-content', role: 'tabpanel', tabindex: 0 });
  const tabs = h('div.tabs', { role: 'tablist', 'aria-label': 'Sandbox' });
  const dialog = h('dialog.sheet.sheet--wide', { 'aria-labelledby': 'sandbox-title' },
    h('form', { method: 'dialog' },
      h('div.sheet-head', {}, h('h2', { id: 'sandbox-title' }, 'Sandbox'),
        h('button.icon-button', { 'aria-label': 'Close' }, icon('close'))),
      tabs, content));
  document.body.append(dialog);

  const VIEWS = { clock, calls, effects };

  async function choose(name) {
    fill(tabs, TABS.map(([key, words]) => h('button', { type: 'button', role: 'tab', id: `sandbox-${key}`,
      'aria-selected': String(key === name), 'aria-controls': 'sandbox-content', on: { click: () => choose(key) } }, words)));
    fill(content, await VIEWS[name]().catch((error) => h('p', {}, error.message)));
  }

  async function clock() {
    const advance = async (seconds) => {
      await api.advanceClock(seconds);
      await session.readClock();
      await choose('clock');
    };
    return [
      h('p', {}, 'The sandbox and the bot share one clock. It can only be moved forward.'),
      h('p.clock-now', {}, fullTime(store.now())),
      h('div.actions', {}, STEPS.map(([words, seconds]) =>
        h('button.button.button--large', { type: 'button', on: { click: () => advance(seconds) } }, `+ ${words}`))),
    ];
  }

  async function calls() {
    const { calls: rows } = await api.calls();
    const cells = rows.map((row) => [row.target, row.method, row.path_template, row.count, statuses(row.by_status)]);
    return table(['Target', 'Method', 'Path', 'Count', 'Answers'], cells, 'No calls were made yet.', '/calls');
  }

  async function effects() {
    const { effects: rows } = await api.effects();
    const cells = rows.toReversed().map((row) => [new Date(row.at).toLocaleTimeString('en-US'), row.target, row.kind, row.target_ids.join(', ')]);
    return table(['At', 'Target', 'What', 'On'], cells, 'Nothing was written yet.', '/effects');
  }

  return () => {
    dialog.showModal();
    choose('clock');
  };
}

function statuses(byStatus) {
  return Object.entries(byStatus).map(([status, count]) => `${status} × ${count}`).join(', ');
}

function table(head, rows, empty, address) {
  const source = h('p.sheet-source', {}, h('a', { href: address, target: '_blank' }, `Open ${address} as JSON`));
  if (!rows.length) return [h('p', {}, empty), source];
  const line = (cells, tag) => h('tr', {}, cells.map((cell) => h(tag, {}, String(cell))));
  return [h('div.table-scroll', {}, h('table', {}, h('thead', {}, line(head, 'th')), h('tbody', {}, rows.map((row) => line(row, 'td'))))), source];
}
