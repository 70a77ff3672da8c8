/** The narrow bar on the left: workspace, direct messages, documents, sandbox. */

import { avatar } from './avatar.js';
import { h } from './dom.js';
import { icon } from './icons.js';

export function mountRail(root, { openDirect, openFirst, openSandbox, store }) {
  const direct = railButton('message', 'DMs', openDirect);
  const home = railButton('home', 'Home', openFirst);
  root.append(
    h('span.workspace-tile', { 'aria-hidden': 'true' }, 'H'),
    home,
    direct,
    railButton('flask', 'Sandbox', openSandbox),
    h('a.rail-item', { href: '/docs', target: '_blank' }, h('span.rail-icon', {}, icon('book')), 'Docs'),
    h('span.rail-space', {}),
  );
  const face = h('span.rail-face', {});
  root.append(face);
  store.watch(['channel', 'me'], ({ channel, me }) => {
    mark(direct, isDirect(channel));
    mark(home, !isDirect(channel));
    face.replaceChildren(...(me ? [avatar(me, 36)] : []));
  });
}

export function isDirect(channel) {
  return Boolean(channel?.is_im);
}

function railButton(name, words, click) {
  return h('button.rail-item', { type: 'button', on: { click } }, h('span.rail-icon', {}, icon(name)), words);
}

function mark(button, current) {
  button.toggleAttribute('aria-current', current);
}
