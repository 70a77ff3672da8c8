/** The head of the conversation: its name, who is in it, and the tabs of the app's direct messages. */

import { tabList } from './controls.js';
import { fill, h, keepingFocus } from './dom.js';
import { isDirect } from './rail.js';
import { channelIcon, channelTitle } from './sidebar.js';

const TABS = [['home', 'Home', 'home'], ['messages', 'Messages', 'messages']];

export function mountHeader(root, store, { show }) {
  store.watch(['channel', 'tab'], ({ channel, tab }) => {
    document.title = channel ? `${channelTitle(channel)} · Gatehouse sandbox` : 'Gatehouse sandbox';
    keepingFocus(root, () => fill(root, channel && [
      h('h1', {}, channelIcon(channel), h('span', {}, channelTitle(channel)),
        isDirect(channel) && h('span.app-tag', {}, 'APP')),
      channel.is_ext_shared && h('span.external-note', {}, 'Shared with another workspace'),
      isDirect(channel) && tabList('Gatehouse', TABS, tab, show),
    ]));
    root.classList.toggle('conversation-head--tabs', isDirect(channel));
  });
}
