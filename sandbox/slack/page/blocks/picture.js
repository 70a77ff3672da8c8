/** Pictures. Only the sandbox's own are fetched; others are shown by their description. */

import { h } from '../dom.js';
import { previewAddress } from '../files.js';
import { icon } from '../icons.js';
import { plainText } from '../text/objects.js';

export function image(block) {
  return h('figure', {},
    block.title && h('figcaption', {}, plainText(block.title)),
    picture(block, 'picture'));
}

/** `source` holds image_url or slack_file, and alt_text. */
export function picture(source, className) {
  const address = previewAddress(source.slack_file ?? { url: source.image_url });
  if (!address) return described(source, className);
  const node = h(`img.${className}`, { src: address, alt: source.alt_text ?? '', loading: 'lazy' });
  node.addEventListener('error', () => node.replaceWith(described(source, className)), { once: true });
  return node;
}

function described({ alt_text: words }, className) {
  const label = words || 'Picture';
  return h(`span.${className}.picture-described`, { role: 'img', 'aria-label': label, title: label },
    icon('file', 16), className === 'picture' && h('span', {}, label));
}
