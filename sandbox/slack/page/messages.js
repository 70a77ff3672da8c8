/** The conversation: its messages, what Slack noted for the person, and the field beneath. */

import { mountComposer } from './composer.js';
import { createPane } from './pane.js';
import { isDirect } from './rail.js';

export function mountMessages(scroller, composer, store, session, surfaces) {
  const pane = createPane(scroller, {
    store,
    surfaceOf: surfaces.message,
    openThread: session.openThread,
    beginning: () => naming(store, (name) => `This is the very beginning of ${name}.`),
  });
  mountComposer(composer, store, {
    label: () => naming(store, (name) => `Message ${name}`),
    send: (text) => session.say(text),
    command: session.command,
  });
  let open = null;
  store.watch(['messages', 'notes', 'users', 'channel'], ({ messages, notes, channel }) => {
    const here = notes.filter((note) => note.channel === channel?.id);
    const rows = [...messages, ...here].sort((one, other) => Number(one.ts) - Number(other.ts));
    pane.show(rows, { fresh: channel?.id !== open });
    open = channel?.id;
  });
}

function naming(store, sentence) {
  const { channel } = store.get();
  if (!channel) return '';
  return sentence(isDirect(channel) ? 'Gatehouse' : `#${channel.name}`);
}
