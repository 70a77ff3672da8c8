/** The field one writes in: messages, and slash commands with completion. */

import { completeCommands } from './completion.js';
import { iconButton } from './controls.js';
import { h } from './dom.js';
import { icon } from './icons.js';

const MARKS = [
  ['bold', 'Bold', '*'],
  ['italic', 'Italic', '_'],
  ['strike', 'Strikethrough', '~'],
  ['code', 'Code', '`'],
];

/** `send(text)` sends a message, `command(text)` a slash command, which threads do not take. */
export function mountComposer(root, store, { label, send, command, inThread = false }) {
  const field = h('textarea.composer-field', { rows: 1, autocomplete: 'off', 'aria-multiline': 'true' });
  const completions = h('div.completions', { hidden: true });
  const problem = h('p.problem', { role: 'alert', hidden: true });
  const sending = { type: 'button', 'aria-label': 'Send now', disabled: true, on: { click: submit } };
  const sendButton = h('button.send', sending, icon('send', 18));
  const commands = () => (inThread ? [] : store.get().commands);
  const completion = completeCommands(completions, field, commands, changed);
  root.append(completions, h('div.composer-box', {}, toolbar(field), field,
    h('div.composer-foot', {}, !inThread && slashButton(), sendButton)), problem);
  field.addEventListener('input', () => {
    completion.update();
    changed();
  });
  field.addEventListener('keydown', (event) => {
    if (completion.key(event) || event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });

  function changed() {
    sendButton.disabled = field.value.trim() === '';
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
    problem.hidden = true;
  }

  function slashButton() {
    return iconButton('slash', 'Show commands', () => {
      field.value = '/';
      field.focus();
      completion.update();
      changed();
    }, { size: 18 });
  }

  async function submit() {
    const text = field.value.trim();
    if (!text) return;
    const isCommand = text.startsWith('/') && !text.includes('\n');
    if (isCommand && inThread) {
      complain(`${text.split(/\s/)[0]} is not supported in threads. Sorry!`);
      return;
    }
    field.value = '';
    completion.update();
    changed();
    await (isCommand ? command(text) : send(text)).catch((error) => {
      field.value ||= text;
      changed();
      complain(error.message);
    });
  }

  function complain(sentence) {
    problem.textContent = sentence;
    problem.hidden = false;
  }

  store.watch(['channel', 'me'], () => {
    field.placeholder = label();
    field.setAttribute('aria-label', label());
    root.classList.toggle('composer--off', !store.get().channel);
  });
  return field;
}

/** Buttons that put marks around what is selected. */
function toolbar(field) {
  const tool = ([name, words, mark]) => iconButton(name, words, () => surround(field, mark), { size: 18 });
  return h('div.composer-tools', { role: 'toolbar', 'aria-label': 'Formatting' }, MARKS.map(tool));
}

function surround(field, mark) {
  const { selectionStart: from, selectionEnd: to } = field;
  const inside = field.value.slice(from, to);
  field.setRangeText(`${mark}${inside}${mark}`, from, to, 'end');
  if (!inside) field.setSelectionRange(from + 1, from + 1);
  field.focus();
  field.dispatchEvent(new Event('input'));
}
