// Small questions as real dialog elements.
import { button, el, freshId } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Opens a dialog and returns {node, close}. `parts` = {title, content, actions, onClose, className}.
 * Escape and the close button end it.
 */
export function openDialog({ title, content, actions = [], onClose, className = "" }) {
  const heading = freshId("dialog");
  const close = () => node.close();
  const node = el(
    "dialog",
    { class: `dialog ${className}`.trim(), "aria-labelledby": heading },
    el(
      "header",
      { class: "dialog-head" },
      el("h2", { id: heading }, title),
      button({ class: "icon-button", "aria-label": "Close", on: { click: close } }, icon("close")),
    ),
    el("div", { class: "dialog-body" }, content),
    actions.length > 0 && el("footer", { class: "dialog-foot" }, actions),
  );
  const before = document.activeElement;
  node.addEventListener("close", () => {
    node.remove();
    onClose?.();
    if (document.activeElement === document.body && before?.isConnected) before.focus();
  });
  document.body.append(node);
  node.showModal();
  return { node, close };
}

/** Resolves true or false. */
export function confirm({ title, text, action, isDanger = false, extra = null }) {
  return new Promise((resolve) => {
    let answer = false;
    const yes = button({ class: `push-button ${isDanger ? "is-danger" : "is-primary"}`, on: { click: () => finish() } }, action);
    const no = button({ class: "push-button is-plain", on: { click: () => close() } }, "Cancel");
    const { close } = openDialog({ title, content: [el("p", {}, text), extra], actions: [no, yes], onClose: () => resolve(answer) });
    const finish = () => {
      answer = true;
      close();
    };
    yes.focus();
  });
}

/** Asks for one or more lines of text; resolves {name: value} or null. `fields` = [{name, label, multiline, value}]. */
export function ask({ title, action, fields }) {
  return new Promise((resolve) => {
    let answer = null;
    const rows = fields.map(fieldRow);
    const form = el("form", { method: "dialog", class: "ask" }, rows.map((row) => row.node));
    const yes = el("button", { type: "submit", class: "push-button is-primary" }, action);
    const no = button({ class: "push-button is-plain", on: { click: () => close() } }, "Cancel");
    form.addEventListener("submit", () => {
      answer = Object.fromEntries(rows.map((row) => [row.name, row.input.value.trim()]));
    });
    yes.setAttribute("form", (form.id = freshId("form")));
    const { close } = openDialog({ title, content: form, actions: [no, yes], onClose: () => resolve(answer) });
    rows[0].input.focus();
  });
}

function fieldRow({ name, label, multiline, value = "" }) {
  const id = freshId("field");
  const input = el(multiline ? "textarea" : "input", { id, class: "field-input", required: true, maxlength: multiline ? 2000 : 100, value, rows: multiline ? 4 : null });
  return { name, input, node: el("div", { class: "field" }, el("label", { for: id, class: "field-label" }, label), input) };
}
