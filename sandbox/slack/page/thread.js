/** The thread pane: a message, its replies, and a field to answer. */

import { mountComposer } from './composer.js';
import { iconButton } from './controls.js';
import { fill, h } from './dom.js';
import { createPane } from './pane.js';
import { channelTitle } from './sidebar.js';

export function mountThread(root, store, session, surfaces) {
  const where = h('span.thread-where', {});
  const scroller = h('div.scroller', {});
  const composer = h('div.composer', {});
  root.append(
    h('header.thread-head', {}, h('h2', {}, 'Thread'), where,
      iconButton('close', 'Close thread', session.closeThread)),
    scroller, composer);
  const pane = createPane(scroller, { store, surfaceOf: surfaces.message });
  const field = mountComposer(composer, store, {
    label: () => 'Reply…',
    send: (text) => session.say(text, store.get().thread.ts),
    inThread: true,
  });
  root.addEventListener('keydown', (event) => {
    const taken = event.defaultPrevented || root.querySelector(':popover-open');
    if (event.key === 'Escape' && !taken) session.closeThread();
  });
  let open = null;
  store.watch(['thread', 'channel'], ({ thread, channel }) => {
    const another = thread && thread.ts !== open;
    open = thread?.ts ?? null;
    root.hidden = !thread;
    document.getElementById('app').classList.toggle('app--thread', Boolean(thread));
    if (!thread) return;
    fill(where, channel ? channelTitle(channel) : '');
    pane.show(rootFirst(thread), { fresh: another });
    if (another) field.focus();
  });
}

/** The first message is the root, whatever the order they came in. */
function rootFirst({ ts, messages }) {
  return [...messages].sort((one, other) => (other.ts === ts) - (one.ts === ts));
}
