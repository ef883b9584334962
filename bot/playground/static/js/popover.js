// Small panels beside a control: menus, choices, emoji. Escape or a press elsewhere closes them.
import { button, el, walk } from "./dom.js";
import { icon } from "./icons.js";

const MARGIN = 8;

/**
 * Shows `content` beside `anchor` (an element, or {x, y}). Returns a function that closes it.
 * width: "anchor" makes it as wide as the anchor; onClose runs in every case.
 */
export function showPopover(anchor, content, { width, onClose } = {}) {
  const panel = el("div", { class: "popover", popover: "auto" }, content);
  // Inside an open dialog a panel elsewhere would be inert.
  const host =
    anchor instanceof Element ? (anchor.closest("dialog") ?? document.body) : document.body;
  host.append(panel);
  panel.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    const hadFocus =
      panel.contains(document.activeElement) || document.activeElement === document.body;
    panel.remove();
    onClose?.();
    if (hadFocus && anchor instanceof HTMLElement && anchor.isConnected) anchor.focus();
  });
  panel.showPopover();
  place(panel, anchor, width);
  return () => panel.isConnected && panel.hidePopover();
}

function place(panel, anchor, width) {
  const box =
    anchor instanceof Element
      ? anchor.getBoundingClientRect()
      : new DOMRect(anchor.x, anchor.y, 0, 0);
  if (width === "anchor") panel.style.width = `${box.width}px`;
  const size = panel.getBoundingClientRect();
  const below = box.bottom + 4;
  const fits = below + size.height + MARGIN <= innerHeight;
  const top = fits ? below : Math.max(MARGIN, box.top - 4 - size.height);
  const left = Math.min(
    Math.max(MARGIN, box.left),
    Math.max(MARGIN, innerWidth - size.width - MARGIN),
  );
  panel.style.top = `${top}px`;
  panel.style.left = `${left}px`;
}

/** A menu of {label, icon, run, isDanger} entries; an entry {heading} or null divides. */
export function showMenu(anchor, entries, label, onClose) {
  let close = () => {};
  const rows = entries
    .filter((entry) => entry !== false && entry !== undefined)
    .map((entry) => menuRow(entry, () => close()));
  const items = rows.filter((row) => row.getAttribute("role") === "menuitem");
  const menu = el("div", { class: "menu", role: "menu", "aria-label": label }, rows);
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Tab") close();
    walk(event, items);
  });
  close = showPopover(anchor, menu, { onClose });
  items[0]?.focus();
  return close;
}

function menuRow(entry, close) {
  if (entry === null) return el("div", { class: "menu-line", role: "separator" });
  if (entry.heading)
    return el("div", { class: "menu-heading", role: "presentation" }, entry.heading);
  const run = () => {
    close();
    entry.run();
  };
  return button(
    {
      class: entry.isDanger ? "menu-item is-danger" : "menu-item",
      role: "menuitem",
      tabindex: -1,
      on: { click: run },
    },
    el("span", { class: "menu-label" }, entry.label, entry.detail && el("small", {}, entry.detail)),
    entry.icon && icon(entry.icon),
    entry.picture,
  );
}
