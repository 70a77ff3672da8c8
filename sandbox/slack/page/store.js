/** What the page knows, in one place; views redraw when their part of it changes. */

const EMPTY = {
  users: [], // the cast: [{id, name, email, role, ...}]
  me: null, // the person at the screen
  refusal: null, // why Slack does not let that person in
  channels: [], // conversations that person sees
  channel: null, // the open one
  tab: 'messages', // 'messages' or 'home', in the bot's direct messages
  messages: [], // of the open channel, oldest first
  notes: [], // what only this page knows, shaped like messages
  thread: null, // {ts, messages} of the open thread
  view: null, // the modal on top
  home: undefined, // the app's Home; null where none was published
  commands: [], // [{name, description, usage_hint}]
  unread: new Set(), // channel ids
  online: true, // does the sandbox answer?
  clockOffset: 0, // milliseconds the sandbox's clock is ahead
};

export function createStore() {
  let state = { ...EMPTY };
  const listeners = new Set();
  return {
    get: () => state,
    set(change) {
      const before = state;
      state = { ...state, ...change };
      for (const listener of listeners) listener(state, before);
    },
    /** Call `draw` now and whenever one of the named parts changes. */
    watch(keys, draw) {
      listeners.add((now, before) => {
        if (keys.some((key) => now[key] !== before[key])) draw(now, before);
      });
      draw(state, EMPTY);
    },
    now: () => new Date(Date.now() + state.clockOffset),
  };
}

/** What the text modules ask for: {user(id), channel(id), me, now()}. */
export function namesOf(store) {
  const { users, channels, me } = store.get();
  return {
    user: (id) => users.find((user) => user.id === id)?.name ?? null,
    channel: (id) => channels.find((channel) => channel.id === id)?.name ?? null,
    me: me?.id,
    now: store.now,
  };
}
