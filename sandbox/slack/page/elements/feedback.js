/** What a person sees while the app works on a click, and when it does not answer. */

import { h } from '../dom.js';
import { icon } from '../icons.js';

/**
 * Run `work` while the control looks busy and takes no second click; a failure is told beneath it.
 * Returns whether it went well.
 */
export async function attempt(control, work) {
  if (control.getAttribute('aria-busy') === 'true') return false;
  const block = control.closest('.block') ?? control;
  forget(block);
  control.setAttribute('aria-busy', 'true');
  try {
    await work();
    return true;
  } catch (error) {
    tell(block, error.message);
    return false;
  } finally {
    control.removeAttribute('aria-busy');
  }
}

function tell(block, sentence) {
  block.append(h('p.problem', { role: 'alert' }, icon('warning', 16), h('span', {}, sentence)));
}

function forget(block) {
  block.querySelector(':scope > .problem')?.remove();
}
