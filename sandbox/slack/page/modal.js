/** The app's modal: the top view of the stack, with its errors, its waiting state and its way out. */

import * as api from './api.js';
import { avatar } from './avatar.js';
import { renderBlocks } from './blocks/index.js';
import { iconButton } from './controls.js';
import { fill, h, keepingFocus } from './dom.js';
import { inputValues } from './elements/values.js';
import { plainText } from './text/objects.js';

const APP = { id: 'app', name: 'Gatehouse', role: 'bot' };
const FIRST_FIELD = '[autofocus], input, textarea, .select-trigger, .button';

export function mountModal(store, session, surfaces) {
  const parts = emptyModal();
  const { dialog, form, banner, head, body, foot } = parts;
  let view = null;
  let print = 'null';

  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    session.closeView(view, { clear: true });
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  document.body.append(dialog);
  store.watch(['view'], ({ view: next }) => show(next));

  /** Draw the view where it changed; typed values and the focus outlive an update by the app. */
  function show(next) {
    const nextPrint = JSON.stringify(next && { ...next, state: null, hash: null });
    if (nextPrint === print) return;
    print = nextPrint;
    const another = next?.id !== view?.id;
    view = next;
    if (!view) {
      dialog.close();
      return;
    }
    draw();
    if (!dialog.open) dialog.showModal();
    if (another) begin();
  }

  function draw() {
    banner.hidden = true;
    fill(head, backOrAvatar(view, leave), h('h2', { id: 'modal-title' }, plainText(view.title)),
      iconButton('close', 'Close', () => session.closeView(view, { clear: true })));
    drawBody();
    fill(foot, footButtons(view, leave));
    foot.hidden = !foot.childElementCount;
  }

  function drawBody() {
    keepingFocus(body, () => fill(body, renderBlocks(view.blocks, surfaces.view(view))));
  }

  function leave() {
    session.closeView(view);
  }

  /** A view just opened: from the top, with the focus on its first field. */
  function begin() {
    body.scrollTop = 0;
    (body.querySelector(FIRST_FIELD) ?? dialog).focus({ preventScroll: true });
  }

  async function submit() {
    if (form.ariaBusy === 'true' || !view.submit) return;
    const submitted = view;
    const surface = surfaces.view(submitted);
    banner.hidden = true;
    wait(true);
    try {
      const values = inputValues(submitted, surface);
      const { errors = {}, shown } = await session.interact(({ as }) =>
        api.submitView({ as, view_id: submitted.id, values }));
      if (shown) warn(`${shown} ${errors.response ?? ''}`);
      else complain(surface, errors);
    } catch (error) {
      warn(error.message);
    } finally {
      wait(false);
    }
  }

  function warn(sentence) {
    banner.textContent = sentence;
    banner.hidden = false;
  }

  /** Show the sentences beneath their fields, and go to the first. */
  function complain(surface, errors) {
    surface.errors.clear();
    for (const [block, sentence] of Object.entries(errors)) surface.errors.set(block, sentence);
    drawBody();
    const wrong = body.querySelector('.input--wrong');
    wrong?.scrollIntoView({ block: 'nearest' });
    wrong?.querySelector('[aria-invalid=true]')?.focus({ preventScroll: true });
  }

  function wait(waiting) {
    form.ariaBusy = String(waiting);
    foot.querySelector('[type=submit]')?.setAttribute('aria-busy', String(waiting));
    body.inert = waiting;
  }
}

function emptyModal() {
  const head = h('div.sheet-head', {});
  const banner = h('p.sheet-banner', { role: 'alert', hidden: true });
  const body = h('div.sheet-body.blocks', {});
  const foot = h('div.sheet-foot', {});
  const form = h('form', { novalidate: true }, head, banner, body, foot);
  const dialog = h('dialog.sheet.modal', { 'aria-labelledby': 'modal-title' }, form);
  return { dialog, form, head, banner, body, foot };
}

/** A pushed view leads back to the one beneath it. */
function backOrAvatar(view, leave) {
  return view.previous_view_id ? iconButton('back', 'Back', leave) : avatar(APP, 28);
}

function footButtons(view, leave) {
  if (!view.submit && !view.close) return [];
  const close = plainText(view.close) || 'Cancel';
  const submit = plainText(view.submit);
  return [
    h('button.button.button--large', { type: 'button', on: { click: leave } }, close),
    submit && h('button.button.button--large.button--primary', { type: 'submit' }, submit),
  ];
}
