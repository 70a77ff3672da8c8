/** Behind the scenes: move the clock, see which calls were made and which writes took effect. */

import * as api from './api.js';
import { iconButton, plainTable, tabList } from './controls.js';
import { fill, h } from './dom.js';
import { clockTime, fullTime } from './text/dates.js';

const STEPS = [['10 minutes', 600], ['1 hour', 3600], ['1 day', 86_400], ['1 week', 604_800]];
const SHOWN = 'sandbox-content';
const TABS = [['clock', 'Clock', SHOWN], ['calls', 'Calls', SHOWN], ['effects', 'Effects', SHOWN]];

/** Returns the function that opens the dialog. */
export function mountSandboxMenu(store, session) {
  const content = h('div.sheet-body', { id: SHOWN, role: 'tabpanel', tabindex: 0 });
  const tabs = h('div', {});
  const title = h('h2', { id: 'sandbox-title' }, 'Sandbox');
  const close = iconButton('close', 'Close', () => dialog.close());
  const dialog = h('dialog.sheet.sheet--wide', { 'aria-labelledby': title.id },
    h('div.sheet-head', {}, title, close), tabs, content);
  document.body.append(dialog);

  const VIEWS = { clock, calls, effects };

  async function choose(name) {
    fill(tabs, tabList('Sandbox', TABS, name, choose));
    fill(content, await VIEWS[name]().catch((error) => h('p', {}, error.message)));
  }

  async function clock() {
    const advance = async (seconds) => {
      await api.advanceClock(seconds);
      await session.readClock();
      await choose('clock');
    };
    const step = ([words, seconds]) =>
      h('button.button.button--large', { type: 'button', on: { click: () => advance(seconds) } },
        `+ ${words}`);
    return [
      h('p', {}, 'The sandbox and the bot share one clock. It can only be moved forward.'),
      h('p.clock-now', {}, fullTime(store.now())),
      h('div.actions', {}, STEPS.map(step)),
    ];
  }

  return () => {
    dialog.showModal();
    choose('clock');
  };
}

async function calls() {
  const { calls: rows } = await api.calls();
  const cells = rows.map((row) =>
    [row.target, row.method, row.path_template, row.count, statuses(row.by_status)]);
  return report('/calls', ['Target', 'Method', 'Path', 'Count', 'Answers'], cells, 'No calls were made yet.');
}

async function effects() {
  const { effects: rows } = await api.effects();
  const cells = rows.toReversed().map((row) =>
    [clockTime(new Date(row.at)), row.target, row.kind, row.target_ids.join(', ')]);
  return report('/effects', ['At', 'Target', 'What', 'On'], cells, 'Nothing was written yet.');
}

function statuses(byStatus) {
  return Object.entries(byStatus).map(([status, count]) => `${status} × ${count}`).join(', ');
}

function report(address, head, rows, empty) {
  const source = h('a', { href: address, target: '_blank' }, `Open ${address} as JSON`);
  return [rows.length ? plainTable(address, head, rows) : h('p', {}, empty), h('p.sheet-source', {}, source)];
}
