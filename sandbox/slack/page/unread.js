/** Which conversations hold messages the person has not seen, remembered in the browser. */

import * as api from './api.js';

export function createUnread(store) {
  const keyOf = (channelId) => `read/${store.get().me.id}/${channelId}`;

  function mark(channelId, isUnread) {
    const unread = new Set(store.get().unread);
    if (isUnread === unread.has(channelId)) return;
    unread[isUnread ? 'add' : 'delete'](channelId);
    store.set({ unread });
  }

  /** Look whether somebody else wrote since the person last looked. */
  async function look(channelId) {
    const { me } = store.get();
    const { messages } = await api.messages(me.id, channelId, { after: recall(keyOf(channelId)) });
    const stillMatters = store.get().me === me && store.get().channel?.id !== channelId;
    if (stillMatters) mark(channelId, messages.some(({ user }) => user !== me.id));
  }

  return {
    look,
    lookAtAll() {
      const news = store.get().channels.filter(({ id, latest }) => latest > (recall(keyOf(id)) ?? ''));
      return Promise.all(news.map(({ id }) => look(id)));
    },

    /** The person has the conversation open. */
    seen(channelId, messages) {
      const newest = messages.at(-1)?.ts;
      if (newest) remember(keyOf(channelId), newest);
      mark(channelId, false);
    },
  };
}

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Where the browser keeps nothing, every conversation counts as unread until it is opened. */
function remember(key, ts) {
  try {
    localStorage.setItem(key, ts);
  } catch {
    /* see above */
  }
}
