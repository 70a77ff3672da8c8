/** Block Kit blocks by type. */

import { h } from '../dom.js';
import { actions } from './actions.js';
import { alert } from './alert.js';
import { context } from './context.js';
import { dataTable } from './data_table.js';
import { image } from './picture.js';
import { input } from './input.js';
import { richText } from './rich_text.js';
import { section } from './section.js';
import { table } from './table.js';
import { header, divider, markdownBlock } from './words.js';

const BLOCKS = {
  actions,
  alert,
  context,
  data_table: dataTable,
  divider,
  header,
  image,
  input,
  markdown: markdownBlock,
  rich_text: richText,
  section,
  table,
};

/** Draw blocks on a surface (see surfaces.js). A block the page cannot draw is named, not hidden. */
export function renderBlocks(blocks, surface) {
  return (blocks ?? []).map((block) =>
    h(`div.block.block--${block.type}`, { 'data-block': block.block_id }, drawn(block, surface)));
}

function drawn(block, surface) {
  const draw = BLOCKS[block.type];
  return draw ? draw(block, surface) : h('p.unknown', {}, `Cannot draw a "${block.type}" block here.`);
}
