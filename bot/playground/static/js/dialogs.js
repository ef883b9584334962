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
    const yes = button(
      {
        class: `push-button ${isDanger ? "is-danger" : "is-primary"}`,
        on: { click: () => finish() },
      },
      action,
    );
    const no = button({ class: "push-button is-plain", on: { click: () => close() } }, "Cancel");
    const { close } = openDialog({
      title,
      content: [el("p", {}, text), extra],
      actions: [no, yes],
      onClose: () => resolve(answer),
    });
    const finish = () => {
      answer = true;
      close();
    };
    yes.focus();
  });
}

/**
 * Asks for a few things; resolves {name: value} or null.
 * `fields` = [{name, label, kind: "line" | "text" | "choice" | "check", choices: {value: text}}].
 */
export function ask({ title, action, fields }) {
  return new Promise((resolve) => {
    let answer = null;
    const rows = fields.map(fieldRow);
    const form = el(
      "form",
      { method: "dialog", class: "ask", id: freshId("form") },
      rows.map((row) => row.node),
    );
    const yes = el(
      "button",
      { type: "submit", form: form.id, class: "push-button is-primary" },
      action,
    );
    const no = button({ class: "push-button is-plain", on: { click: () => close() } }, "Cancel");
    form.addEventListener("submit", () => {
      answer = Object.fromEntries(rows.map((row) => [row.name, row.value()]));
    });
    const { close } = openDialog({
      title,
      content: form,
      actions: [no, yes],
      onClose: () => resolve(answer),
    });
    rows[0].control.focus();
  });
}

const CONTROLS = {
  line: (id) =>
    el("input", { id, class: "field-input", required: true, maxlength: 100, autocomplete: "off" }),
  text: (id) =>
    el("textarea", { id, class: "field-input", required: true, maxlength: 2000, rows: 4 }),
  choice: (id, choices) =>
    el(
      "select",
      { id, class: "select" },
      Object.entries(choices).map(([value, text]) => el("option", { value }, text)),
    ),
  check: (id) => el("input", { id, type: "checkbox", class: "switch", role: "switch" }),
};

function fieldRow({ name, label, kind = "line", choices }) {
  const id = freshId("field");
  const control = CONTROLS[kind](id, choices);
  const title = el("label", { for: id, class: "field-label" }, label);
  const node = el("div", { class: kind === "check" ? "field is-row" : "field" }, title, control);
  return {
    name,
    control,
    node,
    value: () => (kind === "check" ? control.checked : control.value.trim()),
  };
}
