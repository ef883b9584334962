// A bot's modal as a dialog: shown, checked, sent, and closed once the bot has answered.
import { avatar } from "./avatar.js";
import { button, el, freshId } from "./dom.js";
import { openDialog } from "./dialogs.js";
import { field } from "./fields.js";
import { nameOf } from "./store.js";

/** `submit(values, files)` resolves "done", "failed", or a sentence of the server. */
export function openModal(modal, store, submit) {
  const parts = modal.components.map((part) => field(part, store));
  const inputs = parts.map((part) => part.input).filter(Boolean);
  const form = el(
    "form",
    { class: "modal-form", id: freshId("form"), novalidate: true },
    parts.map((part) => part.node),
  );
  const note = el("div", { class: "modal-problem", role: "alert" });
  const send = el(
    "button",
    { type: "submit", form: form.id, class: "push-button is-primary" },
    "Submit",
  );
  const cancel = button({ class: "push-button is-plain", on: { click: () => close() } }, "Cancel");
  const { close } = openDialog({
    title: modal.title,
    className: "modal",
    content: [warning(store), form, note],
    actions: [cancel, send],
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    note.textContent = "";
    const wrong = inputs.filter((input) => input.check() !== "");
    if (wrong.length) return focus(wrong[0]);
    send.disabled = true;
    send.classList.add("is-busy");
    const outcome = await submit(...collect(inputs));
    send.disabled = false;
    send.classList.remove("is-busy");
    if (outcome === "done") return close();
    note.textContent = outcome === "failed" ? "Something went wrong. Try again." : outcome;
    return undefined;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  if (inputs[0]) focus(inputs[0]);
}

function focus(input) {
  if (input.focus) input.focus();
  else input.control.focus();
}

// Files are named by their place in the list that is sent with the values.
function collect(inputs) {
  const files = [];
  const values = {};
  for (const input of inputs) {
    const own = input.files?.();
    values[input.customId] = own ? own.map((file) => files.push(file) - 1) : input.value();
  }
  return [values, files];
}

function warning(store) {
  const text = `This form will be submitted to ${nameOf(store.me)}. Do not share passwords or other sensitive information.`;
  return el("div", { class: "modal-warning" }, avatar(store.me, store, 32), el("span", {}, text));
}
