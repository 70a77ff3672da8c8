/** Reads what the person sees, and reads it again when something changed. */

import * as api from './api.js';

export function createReads(store, unread) {
  const READS = {
    async users() {
      return { users: (await api.users()).users };
    },
    async commands({ me }) {
      return { commands: (await api.commands(me.id)).commands };
    },
    async clock() {
      const { now } = await api.clock();
      return { clockOffset: new Date(now) - Date.now() };
    },
    async channels({ me, channel }) {
      const { channels } = await api.channels(me.id);
      return { channels, refusal: null, ...(channel && stillThere(channel, channels)) };
    },
    async messages({ me, channel }) {
      if (!channel) return {};
      const { messages } = await api.messages(me.id, channel.id);
      if (store.get().channel?.id === channel.id) unread.seen(channel.id, messages);
      return { messages };
    },
    async thread({ me, channel, thread }) {
      if (!thread) return {};
      const { messages } = await api.messages(me.id, channel.id, { thread: thread.ts });
      return { thread: messages.length ? { ts: thread.ts, messages } : null };
    },
    async view({ me }) {
      return { view: (await api.view(me.id)).view };
    },
    async home({ me, tab }) {
      return tab === 'home' ? { home: (await api.peekHome(me.id)).view } : {};
    },
  };
  const AFTER = {
    message: ['messages', 'thread'],
    view: ['view'],
    home: ['home'],
    poll: ['messages', 'thread', 'view', 'home'],
    connected: ['commands', 'clock', 'messages', 'thread', 'view', 'home'],
  };
  const due = new Set();
  let running = null;

  /** Read one part; an answer that comes after the person went elsewhere is dropped. */
  async function read(part) {
    const asked = store.get();
    try {
      const change = await READS[part](asked);
      if (isStill(asked, store.get(), part)) store.set({ ...change, online: true });
    } catch (error) {
      if (error.code === 'offline') store.set({ online: false });
      else if (part === 'channels') store.set({ channels: [], refusal: error.message });
    }
  }

  async function drain() {
    while (due.size) {
      const parts = [...due];
      due.clear();
      await Promise.all(parts.map(read));
    }
  }

  /** Read these parts; what is asked for while a round runs is served by one more round. */
  function again(...parts) {
    for (const part of parts) due.add(part);
    running ??= drain().finally(() => {
      running = null;
    });
    return running;
  }

  return {
    again,

    /** Something changed, as live.js tells it. */
    async changed({ kind, channel }) {
      if (kind === 'connected') await again('users', 'channels');
      const elsewhere = kind === 'message' && channel !== store.get().channel?.id;
      if (elsewhere) await unread.look(channel).catch(() => {});
      else await again(...AFTER[kind]);
      if (elsewhere && !isListed(channel)) await again('channels');
      if (kind === 'connected') await unread.lookAtAll().catch(() => {});
    },
  };

  function isListed(channelId) {
    return store.get().channels.some(({ id }) => id === channelId);
  }
}

/** A restarted sandbox gives direct messages a new id. */
function stillThere(channel, channels) {
  const same = channels.find(({ id }) => id === channel.id);
  return same ? {} : { channel: channels.find(({ name }) => name === channel.name) ?? channels[0] ?? null };
}

function isStill(asked, now, part) {
  const sameThread = part !== 'thread' || asked.thread?.ts === now.thread?.ts;
  return asked.me === now.me && asked.channel?.id === now.channel?.id && sameThread;
}
