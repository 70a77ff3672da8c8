/** The alert block of modals: {text, level: default | info | warning | error | success}. */

import { h } from '../dom.js';
import { icon } from '../icons.js';
import { textNode } from '../text/objects.js';

const ICONS = { warning: 'warning', error: 'warning', success: 'check' };

export function alert(block, surface) {
  const level = block.level ?? 'default';
  return h(`div.alert.alert--${level}`, { role: 'note' },
    icon(ICONS[level] ?? 'bell', 18), h('div.rich', {}, textNode(block.text, surface.names())));
}
