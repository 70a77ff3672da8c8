/** The page's line icons, drawn on a grid of 20 by 20. */

const NAMESPACE = 'http://www.w3.org/2000/svg';

const PATHS = {
  back: 'M12.5 4.5 7 10l5.5 5.5',
  bell: 'M10 3a5 5 0 0 0-5 5v3l-1.5 3h13L15 11V8a5 5 0 0 0-5-5ZM8.5 16.5a1.7 1.7 0 0 0 3 0',
  bold: 'M6.5 4h4.2a2.9 2.9 0 0 1 0 5.8H6.5Zm0 5.8h5a3.1 3.1 0 0 1 0 6.2h-5Z',
  book: 'M4 4.5h4.2A1.8 1.8 0 0 1 10 6.3V16a1.8 1.8 0 0 0-1.8-1.5H4ZM16 4.5h-4.2A1.8 1.8 0 0 0 10 6.3V16a1.8 1.8 0 0 1 1.8-1.5H16Z',
  check: 'm4.5 10.5 3.7 3.7 7.3-8',
  clock: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14ZM10 6v4.2l2.8 1.8',
  close: 'm5 5 10 10M15 5 5 15',
  code: 'M7 6 3 10l4 4M13 6l4 4-4 4',
  down: 'm5.5 8 4.5 4.5L14.5 8',
  download: 'M10 3.5v9M6.5 9l3.5 3.5L13.5 9M4 16.5h12',
  eye: 'M2.5 10S5.3 5 10 5s7.5 5 7.5 5-2.8 5-7.5 5-7.5-5-7.5-5ZM10 7.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4Z',
  file: 'M5 3h6.5L15 6.5V17H5ZM11.5 3v3.5H15',
  flask: 'M8 3h4M8.8 3v5L4.5 15.5c-.4.8.1 1.5 1 1.5h9c.9 0 1.4-.7 1-1.5L11.2 8V3M6.8 12h6.4',
  hash: 'M8 3 6.5 17M13.5 3 12 17M3.8 7.5h13M3.2 12.5h13',
  home: 'M3.5 9.5 10 4l6.5 5.5V16.5h-4.5v-4H8v4H3.5Z',
  italic: 'M9 4h5M6 16h5M11.5 4l-3 12',
  lock: 'M5 9h10v7.5H5ZM7 9V6.5a3 3 0 0 1 6 0V9',
  menu: 'M3.5 6h13M3.5 10h13M3.5 14h13',
  message: 'M4 4.5h12v9h-6.5L6 16.8v-3.3H4Z',
  more: 'M4.8 10h.4M9.8 10h.4M14.8 10h.4',
  reply: 'M4 4.5h12v9h-6.5L6 16.8v-3.3H4ZM7 8h6M7 10.5h4',
  search: 'M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4ZM12.7 12.7 16.5 16.5',
  send: 'M4 16.5 17 10 4 3.5V8.5l7 1.5-7 1.5Z',
  shared: 'M7 6.5 10.5 10 7 13.5 3.5 10ZM13 6.5l3.5 3.5-3.5 3.5-1.8-1.8M13 6.5l-1.8 1.8',
  slash: 'M4.5 3.5h11v13h-11ZM11.5 6.5l-3 7',
  strike: 'M3.5 10h13M13.5 6.8C13.2 5.2 11.9 4.2 10 4.2c-2.2 0-3.6 1.1-3.6 2.7 0 1 .5 1.7 1.5 2.2M6.2 13c.3 1.7 1.7 2.8 3.9 2.8 2.3 0 3.8-1.2 3.8-3 0-.5-.1-1-.4-1.4',
  warning: 'M10 3.5 17.5 16.5h-15ZM10 8.5v3.7M10 14.3v.3',
};

/** A decorative icon; the control around it carries the words. */
export function icon(name, size = 20) {
  const svg = document.createElementNS(NAMESPACE, 'svg');
  const attributes = { viewBox: '0 0 20 20', width: size, height: size, class: `icon icon--${name}` };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(NAMESPACE, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
