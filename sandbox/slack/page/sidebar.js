/** Channels and direct messages of the person; on a phone it slides in over the conversation. */

import { avatar } from './avatar.js';
import { fill, h, keepingFocus } from './dom.js';
import { icon } from './icons.js';
import { isDirect } from './rail.js';

export function mountSidebar(root, store, { open, openSandbox, workspaceName }) {
  const list = h('div.channel-list', {});
  root.append(h('div.sidebar-head', {}, h('b', {}, workspaceName)), list,
    h('div.sidebar-foot', {},
      h('p', {}, 'A stand-in for Slack. ', h('a', { href: '/docs', target: '_blank' }, 'How it works')),
      h('button.button', { type: 'button', on: { click: openSandbox } }, 'Sandbox')));
  store.watch(['channels', 'channel', 'unread'], ({ channels, channel, unread }) => {
    const row = (each) =>
      channelRow(each, { current: each.id === channel?.id, unread: unread.has(each.id), open });
    const rooms = channels.filter((each) => !isDirect(each));
    const direct = channels.filter(isDirect);
    keepingFocus(list, () => fill(list,
      group('Channels', rooms.map(row)),
      group('Direct messages', direct.map(row))));
  });
}

function group(title, rows) {
  return rows.length > 0 && h('section', {}, h('h2', {}, icon('down', 14), title), h('ul', {}, rows));
}

function channelRow(channel, { current, unread, open }) {
  return h('li', {},
    h('button.channel', {
      type: 'button',
      id: `channel-${channel.id}`,
      class: unread && 'channel--unread',
      'aria-current': current ? 'page' : null,
      'data-name': channel.name,
      on: { click: () => open(channel) },
    },
    h('span.channel-icon', {}, channelIcon(channel)),
    h('span.channel-name', {}, channelTitle(channel)),
    unread && h('span.channel-dot', { role: 'img', 'aria-label': 'unread' })));
}

export function channelTitle(channel) {
  return isDirect(channel) ? 'Gatehouse' : channel.name;
}

export function channelIcon(channel, size = 18) {
  if (isDirect(channel)) return avatar({ id: channel.id, name: 'Gatehouse', role: 'bot' }, size + 2);
  if (channel.is_private) return icon('lock', size);
  return icon(channel.is_ext_shared ? 'shared' : 'hash', size);
}
