/** The app's Home tab. */

import { renderBlocks } from './blocks/index.js';
import { fill, h, keepingFocus } from './dom.js';
import { isDirect } from './rail.js';

/** Show Home instead of the messages while its tab is chosen. */
export function mountHome(root, others, store, surfaces) {
  let print = null;
  store.watch(['home', 'tab', 'channel'], ({ home, tab, channel }) => {
    const shown = tab === 'home' && isDirect(channel);
    root.hidden = !shown;
    for (const other of others) other.hidden = shown;
    const next = shown ? JSON.stringify(home) : null;
    if (next === print) return;
    print = next;
    keepingFocus(root, () => fill(root, shown && content(home, surfaces)));
  });
}

function content(home, surfaces) {
  if (!home) {
    return h('div.empty', {}, h('h2', {}, 'This is the beginning of Gatehouse’s Home'),
      h('p', {}, 'The app has not published anything here yet.'));
  }
  return h('div.home-blocks.blocks', {}, renderBlocks(home.blocks, surfaces.view(home)));
}
