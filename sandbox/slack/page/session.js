/** What the person does: go somewhere, write, click. Every deed ends with reading what came of it. */

import * as api from './api.js';
import { listen } from './live.js';
import { createReads } from './reads.js';
import { createUnread } from './unread.js';

export function createSession(store) {
  const unread = createUnread(store);
  const reads = createReads(store, unread);
  let stopListening = () => {};

  const whoAndWhere = () => ({ as: store.get().me.id, channel: store.get().channel?.id });

  /** Learn who is there; false while the sandbox cannot be reached. */
  async function meet() {
    await reads.again('users');
    return store.get().users.length > 0;
  }

  /** Act as this person (id or cast key), in the wished conversation where they see it. */
  async function become(name, { channel: wished = store.get().channel?.name, ...place } = {}) {
    stopListening();
    const { users } = store.get();
    const me = users.find(({ id, role }) => name === id || name === role) ?? users[0];
    store.set({ me, channel: null, channels: [], messages: [], notes: [], thread: null, view: null,
      home: undefined, refusal: null, unread: new Set() });
    await reads.again('channels', 'commands', 'clock');
    const { channels, refusal } = store.get();
    if (store.get().me !== me || refusal) return;
    const isWished = ({ id, name: called }) => wished === id || wished === called;
    await open(channels.find(isWished) ?? channels[0], place);
    stopListening = listen(me.id, reads.changed);
  }

  async function open(channel, { tab = 'messages', thread = null } = {}) {
    store.set({ channel, tab, messages: [], thread: thread && { ts: thread, messages: [] } });
    await Promise.all([reads.again('messages', 'thread', 'view'), tab === 'home' && openHome()]);
  }

  async function show(tab) {
    store.set({ tab });
    if (tab === 'home') await openHome();
  }

  async function openHome() {
    const { me } = store.get();
    const { view } = await api.openHome(me.id).catch(() => ({ view: null }));
    if (store.get().me === me) store.set({ home: view });
  }

  async function openThread(ts) {
    store.set({ thread: { ts, messages: store.get().messages.filter((message) => message.ts === ts) } });
    await reads.again('thread');
  }

  async function say(text, thread) {
    await api.say({ ...whoAndWhere(), text, thread });
    await reads.again('messages', 'thread');
  }

  /** A command Slack does not know, or cannot send, is answered by Slack itself. */
  async function command(text) {
    const { as, channel } = whoAndWhere();
    await api.command({ as, channel, text }).catch((error) => note(channel, error.message));
    await reads.again('messages', 'view');
  }

  function note(channel, text) {
    const ts = (store.now() / 1000).toFixed(6);
    const slackbot = { user: 'USLACKBOT', user_name: 'Slackbot' };
    const message = { ts, channel, text, ...slackbot, ephemeral: true, reactions: {}, files: [] };
    store.set({ notes: [...store.get().notes, message] });
  }

  /** Ask the app; throws Slack's sentence where it did not answer. */
  async function ask(send) {
    const outcome = await send(whoAndWhere());
    if (!outcome.acked && outcome.shown) throw new Error(outcome.shown);
    return outcome;
  }

  /** Send a click or a choice, and see what came of it either way. */
  function interact(send) {
    return ask(send).finally(() => reads.again('messages', 'thread', 'view', 'home'));
  }

  /** Leave the view on top, or with `clear` all of them. */
  async function closeView(view, { clear = false } = {}) {
    await api.closeView({ as: whoAndWhere().as, view_id: view.id, clear }).catch(() => {});
    await reads.again('view');
  }

  return {
    meet, become, open, show, openThread, say, command, ask, interact, closeView,
    closeThread: () => store.set({ thread: null }),
    readClock: () => reads.again('clock'),
  };
}
