/** A menu that hangs on the control which opens it, above everything else. */

import { h } from '../dom.js';

const GAP = 4;
const MARGIN = 8;

/**
 * Tie a popup to its trigger. `open(popup)` fills it each time it is shown.
 * Returns {popup, close}; the caller puts the popup beside the trigger.
 */
export function popupFor(trigger, open) {
  const popup = h('div.popup', { popover: 'auto' });
  trigger.popoverTargetElement = popup; // so that a click on it is not a click outside
  trigger.setAttribute('aria-expanded', 'false');
  trigger.addEventListener('click', (event) => {
    event.preventDefault();
    if (!popup.togglePopover()) return;
    trigger.setAttribute('aria-expanded', 'true');
    open(popup);
    settle(popup, trigger);
  });
  popup.addEventListener('toggle', ({ newState }) => {
    if (newState === 'open') return;
    trigger.setAttribute('aria-expanded', 'false');
    popup.replaceChildren();
  });
  return { popup, close: () => popup.hidePopover(), settle: () => settle(popup, trigger) };
}

/** Below the trigger where it fits, else above it; never beyond the window's edges. */
function settle(popup, trigger) {
  const anchor = (trigger.closest('.select') ?? trigger).getBoundingClientRect();
  popup.style.minWidth = `${Math.min(anchor.width, window.innerWidth - 2 * MARGIN)}px`;
  const { width, height } = popup.getBoundingClientRect();
  const below = anchor.bottom + GAP;
  const fits = below + height <= window.innerHeight - MARGIN;
  const top = fits ? below : Math.max(MARGIN, anchor.top - GAP - height);
  const left = Math.min(anchor.left, window.innerWidth - MARGIN - width);
  popup.style.top = `${top}px`;
  popup.style.left = `${Math.max(MARGIN, left)}px`;
}
