/** A choice was made: keep it, and tell the app where the surface says so. */

import { confirmed } from './confirm.js';
import { attempt } from './feedback.js';
import { currentValue, keepValue } from './values.js';

/**
 * Take over the value, after the confirm dialog where there is one, and redraw the control.
 * Controls outside input blocks, and inputs with dispatch_action, tell the app at once.
 */
export async function decide(element, place, { control, value, redraw = () => {} }) {
  const { surface, block, dispatches } = place;
  const before = currentValue(surface, block, element);
  keepValue(surface, block, element, value);
  redraw();
  if (!dispatches) return;
  if (await confirmed(element.confirm, surface.names())) {
    await attempt(control, () => surface.act(element, block, value));
  } else {
    keepValue(surface, block, element, before);
    redraw();
  }
}
