// Builds DOM nodes. Text only ever enters the page as text nodes, so nothing a message says can run.

const PROPERTIES = new Set([
  "value",
  "checked",
  "disabled",
  "hidden",
  "selected",
  "multiple",
  "open",
  "readOnly",
]);

/**
 * el("button", {class: "x", on: {click: f}, dataset: {id: 1}, "aria-label": "Close"}, child, "text")
 * Children that are null, undefined or false are left out.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProperty(node, name, value);
  append(node, children);
  return node;
}

function setProperty(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "on") {
    for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
  } else if (name === "dataset") {
    Object.assign(node.dataset, value);
  } else if (name === "style") {
    for (const [key, rule] of Object.entries(value)) node.style.setProperty(key, rule);
  } else if (PROPERTIES.has(name)) {
    node[name] = value;
  } else {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child);
  }
}

/** A plain button: never submits a form by accident. */
export function button(props, ...children) {
  return el("button", { type: "button", ...props }, ...children);
}

/** Replaces all children; accepts nested lists and gaps as el() does. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

let lastId = 0;

/** An id no other element of this page has. */
export function freshId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/** Arrow keys, Home and End walk through items; the caller decides which they are. */
export function walk(event, items, vertical = true) {
  const [back, forth] = vertical ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  const at = items.indexOf(document.activeElement);
  const next = {
    [back]: at <= 0 ? items.length - 1 : at - 1,
    [forth]: (at + 1) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  if (next === undefined || items.length === 0) return false;
  event.preventDefault();
  items[next].focus();
  return true;
}
