/** Pictures of people and apps: coloured initials, and the bot's gate. */

import { h } from './dom.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const COLOURS = 8;

/** `who` is {id, name, role}; size in pixels. Decorative: the name stands beside it. */
export function avatar(who, size = 36) {
  const node = h('span.avatar', { 'aria-hidden': 'true', 'data-colour': colourOf(who.id) });
  node.style.setProperty('--size', `${size}px`);
  if (who.role === 'bot') node.append(gate());
  else node.append(initials(who.name));
  node.classList.toggle('avatar--app', who.role === 'bot');
  node.classList.toggle('avatar--slackbot', who.role === 'slackbot');
  return node;
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return words.map((word) => [...word][0]).slice(0, 2).join('').toUpperCase();
}

function colourOf(id) {
  return [...id].reduce((sum, character) => sum * 31 + character.codePointAt(0), 7) % COLOURS;
}

/** An arch with a portcullis. */
function gate() {
  const svg = document.createElementNS(NAMESPACE, 'svg');
  svg.setAttribute('viewBox', '0 0 36 36');
  const arch = 'M8 29V16a10 10 0 0 1 20 0v13h-4.5V16a5.5 5.5 0 0 0-11 0v13Z';
  const bars = 'M15.2 19v10M18 17.5v11.5M20.8 19v10M13 22.5h10';
  svg.append(stroke(arch, 'avatar-arch'), stroke(bars, 'avatar-bars'));
  return svg;
}

function stroke(d, className) {
  const path = document.createElementNS(NAMESPACE, 'path');
  path.setAttribute('d', d);
  path.setAttribute('class', className);
  return path;
}
