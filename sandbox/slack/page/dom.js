/** Builds DOM nodes from data. Text only ever becomes text nodes; nothing here parses HTML. */

/**
 * Make an element: h('button.primary', { type: 'button', on: { click } }, 'Approve').
 * Attributes that are null, undefined or false are left out; true becomes an empty attribute; `class` takes
 * a name or a list of which the falsy are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const node = document.createElement(name);
  if (classes.length) node.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) setAttribute(node, key, value);
  node.append(...children.flat(Infinity).filter(isPresent));
  return node;
}

/** Join nodes and strings without a wrapping element. */
export function fragment(...children) {
  const node = document.createDocumentFragment();
  node.append(...children.flat(Infinity).filter(isPresent));
  return node;
}

/** Show exactly these children. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter(isPresent));
  return node;
}

function isPresent(child) {
  return child !== null && child !== undefined && child !== false && child !== '';
}

function setAttribute(node, key, value) {
  if (key === 'on') {
    for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  } else if (key === 'class') {
    node.classList.add(...[value].flat().filter(Boolean));
  } else if (key === 'value') {
    node.value = value ?? '';
  } else if (value === true) {
    node.setAttribute(key, '');
  } else if (isPresent(value) || value === '') {
    node.setAttribute(key, value);
  }
}

let lastId = 0;

/** An id no other element of this page has. */
export function freshId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/** Change the content of a node without taking the focus from whoever is inside it. */
export function keepingFocus(node, change) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const id = focused?.id;
  change();
  if (id && focused !== document.activeElement) {
    document.getElementById(id)?.focus({ preventScroll: true });
  }
}
