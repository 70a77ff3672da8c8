/** Who wrote a message, and the switcher with which one acts as somebody else. */

import { avatar } from './avatar.js';
import { fill, h } from './dom.js';
import { icon } from './icons.js';
import { popupFor } from './elements/popup.js';

const ROLES = {
  tech: 'Technician',
  tech2: 'Technician, also Devon',
  manager: 'Manager',
  manager2: 'Manager',
  viewer: 'Viewer',
  guest: 'Guest',
  external: 'Other workspace',
  deactivated: 'Deactivated',
};

/** {id, name, role} of a message's author: one of the cast, the app, or Slack itself. */
export function authorOf({ user, user_name: name, app }, store) {
  const known = store.get().users.find(({ id }) => id === user);
  return known ?? { id: user, name, role: app ? 'bot' : 'slackbot' };
}

/** The button with the person's picture and the list of the cast behind it. */
export function mountSwitcher(root, store, session) {
  const face = h('span.switcher-face', {});
  const trigger = h('button.switcher', { type: 'button', 'aria-haspopup': 'menu' }, face, icon('down', 14));
  const menu = popupFor(trigger, (popup) => {
    popup.classList.add('popup--menu');
    fill(popup, cast(store, (id) => {
      menu.close();
      session.become(id);
    }));
    popup.querySelector('[aria-checked=true]')?.focus();
  });
  root.append(trigger, menu.popup);
  store.watch(['me'], ({ me }) => {
    if (!me) return;
    const words = h('span.switcher-words', {}, h('b', {}, me.name), h('small', {}, roleName(me)));
    fill(face, avatar(me, 26), words);
    trigger.setAttribute('aria-label', `You act as ${me.name}, ${roleName(me)}. Switch person`);
  });
}

function roleName({ role }) {
  return ROLES[role] ?? role;
}

function cast(store, choose) {
  const { users, me } = store.get();
  const rows = users.filter(({ role }) => role in ROLES).map((user) => person(user, me, choose));
  return h('div.cast', { role: 'menu', 'aria-label': 'Act as', on: { keydown: roam } },
    h('p.popup-title', {}, 'Act as'), rows);
}

function person(user, me, choose) {
  return h('button.cast-row', {
    type: 'button',
    role: 'menuitemradio',
    'aria-checked': String(user.id === me?.id),
    'data-role': user.role,
    on: { click: () => choose(user.id) },
  },
  avatar(user, 32),
  h('span.cast-words', {}, h('b', {}, user.name), h('small', {}, `${roleName(user)} · ${user.email}`)),
  icon('check', 16));
}

/** Arrow keys move through a menu. */
function roam(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll('[role^=menuitem]')];
  const at = rows.indexOf(document.activeElement);
  rows[(at + step + rows.length) % rows.length].focus();
}
