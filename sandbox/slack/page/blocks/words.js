/** Blocks that are only words: header, divider, markdown. */

import { h } from '../dom.js';
import { markdown } from '../text/markdown.js';
import { plainText } from '../text/objects.js';

export function header(block) {
  return h('h3.header-text', { 'data-level': block.level }, plainText(block.text));
}

export function divider() {
  return h('hr');
}

export function markdownBlock(block, surface) {
  return h('div.rich.markdown', {}, markdown(block.text, surface.names()));
}
