/** The dialog that asks before an action: {title, text, confirm, deny, style}. */

import { freshId, h } from '../dom.js';
import { icon } from '../icons.js';
import { plainText, textNode } from '../text/objects.js';

/** Ask; true when the person agreed. No confirm object means yes. */
export function confirmed(confirm, names) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const dialog = drawn(confirm, names);
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function drawn(confirm, names) {
  const titleId = freshId('confirm');
  const style = confirm.style === 'danger' ? 'danger' : 'primary';
  return h('dialog.sheet.sheet--small', { 'aria-labelledby': titleId },
    h('form', { method: 'dialog' },
      h('div.sheet-head', {},
        h('h2', { id: titleId }, plainText(confirm.title)),
        h('button.icon-button', { value: 'no', 'aria-label': 'Close', formnovalidate: true }, icon('close'))),
      h('div.sheet-body.rich', {}, textNode(confirm.text, names)),
      h('div.sheet-foot', {},
        h('button.button.button--large', { value: 'no' }, plainText(confirm.deny) || 'Cancel'),
        h(`button.button.button--large.button--${style}`, { value: 'yes', autofocus: true },
          plainText(confirm.confirm) || 'Yes'))));
}
