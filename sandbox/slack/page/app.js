/** Puts the page together and starts it where the address says. */

import { fill, h } from './dom.js';
import { mountHeader } from './header.js';
import { mountHome } from './home.js';
import { icon } from './icons.js';
import { mountMessages } from './messages.js';
import { mountModal } from './modal.js';
import { mountSwitcher } from './people.js';
import { isDirect, mountRail } from './rail.js';
import { readRoute, writeRoute } from './route.js';
import { mountSandboxMenu } from './sandbox_menu.js';
import { createSession } from './session.js';
import { mountSidebar } from './sidebar.js';
import { createStore } from './store.js';
import { createSurfaces } from './surfaces.js';
import { mountThread } from './thread.js';

const RETRY_MS = 1000;
const byId = (id) => document.getElementById(id);

const store = createStore();
const session = createSession(store);
const surfaces = createSurfaces(store, session);

const openSandbox = mountSandboxMenu(store, session);

mountDrawer();
mountSwitcher(byId('switcher'), store, session);
mountSidebar(byId('sidebar'), store, { open: openChannel, openSandbox, workspaceName: 'Harbor IT Services' });
mountRail(byId('rail'), {
  store,
  openDirect: () => openFirst(isDirect),
  openFirst: () => openFirst((channel) => !isDirect(channel)),
  openSandbox,
});
mountHeader(byId('conversation-head'), store, { show: session.show });
mountHome(byId('home'), [byId('messages'), byId('composer')], store, surfaces);
mountRefusal();
mountMessages(byId('messages'), byId('composer'), store, session, surfaces);
mountThread(byId('thread'), store, session, surfaces);
mountModal(store, session, surfaces);
mountBanner();
store.watch(['me', 'channel', 'thread', 'tab', 'refusal'], (state) => {
  if (state.channel || state.refusal) writeRoute(state);
});
byId('skip').addEventListener('click', () => byId('conversation').focus());
window.addEventListener('hashchange', followRoute);
document.addEventListener('click', followMention);
start();

async function start() {
  const route = readRoute();
  while (!(await session.meet())) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  await session.become(route.as ?? 'tech', route);
}

/** Somebody changed the address by hand. */
async function followRoute() {
  const route = readRoute();
  await session.become(route.as, route);
}

function openChannel(channel) {
  closeDrawer();
  return session.open(channel);
}

function openFirst(wanted) {
  const { channels } = store.get();
  const channel = channels.find(wanted);
  if (channel) openChannel(channel);
}

function followMention(event) {
  const id = event.target.closest?.('[data-channel]')?.dataset.channel;
  if (!id) return;
  event.preventDefault();
  openFirst((channel) => channel.id === id);
}

/** Deactivated people see nothing but the reason. */
function mountRefusal() {
  store.watch(['refusal'], ({ refusal }) => {
    byId('refusal').hidden = !refusal;
    fill(byId('refusal'), h('h2', {}, 'Slack does not let this person in'), h('p', {}, refusal));
  });
}

function mountBanner() {
  store.watch(['online'], ({ online }) => {
    byId('banner').hidden = online;
    byId('banner').textContent = online ? '' : 'The sandbox does not answer. Trying to reconnect…';
  });
}

/** On a phone the channels slide in from the left. */
function mountDrawer() {
  byId('menu').append(icon('menu'));
  byId('menu').addEventListener('click', () => setDrawer(byId('app').classList.toggle('app--drawer')));
  byId('scrim').addEventListener('click', closeDrawer);
  document.addEventListener('keydown', (event) => event.key === 'Escape' && closeDrawer());
}

function closeDrawer() {
  byId('app').classList.remove('app--drawer');
  setDrawer(false);
}

function setDrawer(open) {
  byId('menu').setAttribute('aria-expanded', String(open));
  byId('scrim').hidden = !open;
}
