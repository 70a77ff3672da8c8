/** The head of the conversation: its name, who is in it, and the tabs of the app's direct messages. */

import { fill, h, keepingFocus } from './dom.js';
import { isDirect } from './rail.js';
import { channelIcon, channelTitle } from './sidebar.js';

export function mountHeader(root, store, { show }) {
  store.watch(['channel', 'tab'], ({ channel, tab }) => {
    document.title = channel ? `${channelTitle(channel)} · Gatehouse sandbox` : 'Gatehouse sandbox';
    keepingFocus(root, () => fill(root, channel && [
      h('h1', {}, channelIcon(channel), h('span', {}, channelTitle(channel)), isDirect(channel) && h('span.app-tag', {}, 'APP')),
      channel.is_ext_shared && h('span.external-note', {}, 'Shared with another workspace'),
      isDirect(channel) && tabs(tab, show),
    ]));
    root.classList.toggle('conversation-head--tabs', isDirect(channel));
  });
}

function tabs(tab, show) {
  const one = (name, words) => h('button', { type: 'button', role: 'tab', id: `tab-${name}`,
    'aria-selected': String(tab === name), 'aria-controls': name, on: { click: () => show(name) } }, words);
  return h('div.tabs', { role: 'tablist', 'aria-label': 'Gatehouse' }, one('home', 'Home'), one('messages', 'Messages'));
}
