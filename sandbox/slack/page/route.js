/** The address bar: #as=manager&channel=gatehouse-approvals&thread=TS&tab=home. */

export function readRoute() {
  const fields = new URLSearchParams(location.hash.slice(1));
  return {
    as: fields.get('as'),
    channel: fields.get('channel'),
    thread: fields.get('thread'),
    tab: fields.get('tab') === 'home' ? 'home' : 'messages',
  };
}

/** Write who, where and what is open, so that a link or a screenshot can be made again. */
export function writeRoute({ me, channel, thread, tab }) {
  const fields = new URLSearchParams();
  if (me) fields.set('as', me.role ?? me.id);
  if (channel) fields.set('channel', channel.name ?? channel.id);
  if (thread) fields.set('thread', thread.ts);
  if (tab === 'home') fields.set('tab', tab);
  const hash = `#${fields}`;
  if (hash !== location.hash) history.replaceState(null, '', hash);
}
