/** One message: who, when, what it says, its blocks, files and the way into its thread. */

import { avatar } from './avatar.js';
import { renderBlocks } from './blocks/index.js';
import { iconButton } from './controls.js';
import { h } from './dom.js';
import { fileCards } from './files.js';
import { icon } from './icons.js';
import { authorOf } from './people.js';
import { ago, clockTime, fromTs, fullTime } from './text/dates.js';
import { emojiNode, mrkdwn } from './text/mrkdwn.js';

/**
 * Draw a message. `surface` is its message surface; `compact` leaves the author out;
 * `openThread(ts)` is null inside a thread.
 */
export function messageRow(message, { store, surface, compact, openThread }) {
  const author = authorOf(message, store);
  const repliable = openThread && !message.ephemeral;
  return h('article.message', {
    id: `${surface.key}-row`,
    class: [message.ephemeral && 'message--ephemeral', compact && 'message--compact'],
    'data-ts': message.ts,
    'aria-label': `${author.name}, ${clockTime(fromTs(message.ts))}`,
  },
  message.ephemeral && h('p.only-you', {}, icon('eye', 14), 'Only visible to you'),
  h('div.message-gutter', {}, compact ? timeOf(message) : avatar(author)),
  h('div.message-main', {},
    !compact && h('div.message-head', {}, h('b.author', {}, author.name), appTag(author), timeOf(message)),
    body(message, surface),
    fileCards(message.files),
    reactions(message.reactions),
    repliable && message.reply_count > 0 && threadLink(message, store, openThread)),
  repliable && h('div.message-tools', {},
    iconButton('reply', `Reply in thread to ${author.name}`, () => openThread(message.ts), { size: 18 })));
}

function appTag(author) {
  return author.role === 'bot' && h('span.app-tag', {}, 'APP');
}

function timeOf(message) {
  const date = fromTs(message.ts);
  return h('time.message-time', { datetime: date.toISOString(), title: fullTime(date) }, clockTime(date));
}

/** Blocks replace the text, which then only serves notifications. */
function body(message, surface) {
  const content = message.blocks?.length
    ? h('div.blocks', {}, renderBlocks(message.blocks, surface))
    : message.text && h('div.rich.message-text', {}, mrkdwn(message.text, surface.names()));
  return [content, message.edited && h('span.edited', { title: 'This message was changed' }, '(edited)')];
}

function reactions(given) {
  const rows = Object.entries(given);
  return rows.length > 0 && h('div.reactions', {}, rows.map(([name, people]) =>
    h('span.reaction', {}, emojiNode(name) ?? `:${name}:`, ` ${people.length}`)));
}

function threadLink(message, store, openThread) {
  const count = message.reply_count;
  const last = message.latest_reply && `Last reply ${ago(fromTs(message.latest_reply), store.now())}`;
  const click = () => openThread(message.ts);
  return h('button.thread-link', { type: 'button', id: `thread-${message.ts}`, on: { click } },
    icon('reply', 18), h('b', {}, count === 1 ? '1 reply' : `${count} replies`), h('span', {}, last));
}
