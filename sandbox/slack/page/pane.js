/** A scrolling list of messages that redraws only what changed and stays where the reader is. */

import { h, keepingFocus } from './dom.js';
import { messageRow } from './message.js';
import { dayName, dayNumber, fromTs } from './text/dates.js';

const SHOWN = 150;
const NEAR_PX = 80;
const TOGETHER_S = 300;

/** `surfaceOf(message)` gives the surface for its blocks; `beginning()` the words above the first message. */
export function createPane(scroller, { store, surfaceOf, openThread = null, beginning = () => '' }) {
  const list = h('div.message-list', { role: 'log', 'aria-label': 'Messages' });
  const hidden = (click) => ({ type: 'button', hidden: true, on: { click } });
  const earlier = h('button.button.earlier', hidden(showEarlier), 'Show earlier messages');
  const latest = h('button.jump', hidden(toEnd), 'Newer messages ↓');
  let rows = new Map();
  let shown = SHOWN;
  let all = [];
  let atEnd = true;
  const first = h('p.beginning', {});
  scroller.append(earlier, first, list, latest);
  scroller.addEventListener('scroll', noticePlace, { passive: true });
  new ResizeObserver(followGrowth).observe(list);

  function noticePlace() {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
    if (atEnd) latest.hidden = true;
  }

  function followGrowth() {
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
  }

  function toEnd() {
    atEnd = true;
    latest.hidden = true;
    followGrowth();
  }

  function showEarlier() {
    const fromBottom = scroller.scrollHeight - scroller.scrollTop;
    shown += SHOWN;
    draw();
    scroller.scrollTop = scroller.scrollHeight - fromBottom;
  }

  function draw() {
    const part = all.slice(-shown);
    earlier.hidden = part.length === all.length;
    first.textContent = earlier.hidden ? beginning() : '';
    const next = new Map();
    const nodes = part.flatMap((message, index) => {
      const before = part[index - 1];
      const row = reuse(message, isCompact(message, before));
      next.set(message.ts, row);
      return [startsDay(message, before) && dayLine(message, store.now()), row.node];
    });
    keepingFocus(list, () => replaceRows(list, nodes.filter(Boolean)));
    rows = next;
  }

  function reuse(message, compact) {
    const print = JSON.stringify([message, compact, store.get().me?.id]);
    const known = rows.get(message.ts);
    if (known?.print === print) return known;
    return { print, node: messageRow(message, { store, surface: surfaceOf(message), compact, openThread }) };
  }

  return {
    /** Show these messages; `fresh` begins at the end, as in a channel just opened. */
    show(messages, { fresh = false } = {}) {
      if (fresh) {
        shown = SHOWN;
        rows = new Map();
        atEnd = true;
      }
      const arrived = messages.at(-1)?.ts !== all.at(-1)?.ts;
      all = messages;
      draw();
      if (atEnd) followGrowth();
      else if (arrived) latest.hidden = false;
    },
    toEnd,
  };
}

/** Put the nodes in place without touching those that already stand there. */
function replaceRows(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}

function isCompact(message, before) {
  return Boolean(before) && before.user === message.user && !before.ephemeral && !message.ephemeral &&
    Number(message.ts) - Number(before.ts) < TOGETHER_S && !startsDay(message, before) &&
    !(message.blocks?.length) && !(before.reply_count > 0);
}

function startsDay(message, before) {
  return !before || dayNumber(fromTs(message.ts)) !== dayNumber(fromTs(before.ts));
}

function dayLine(message, now) {
  return h('div.day', { role: 'separator' }, h('span', {}, dayName(fromTs(message.ts), now)));
}
