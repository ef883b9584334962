// Editing one's own message in place.
import { button, el } from "./dom.js";
import { decode, encode } from "./mentions.js";

/**
 * Puts an input where the message's text stands. `save(content)` on Enter resolves false where it
 * was refused, and the input stays; `done()` once it is gone.
 */
export function editInPlace(view, store, save, done) {
  if (view.node.querySelector(".editor")) return;
  const input = el("textarea", {
    class: "editor-input",
    "aria-label": "Edit message",
    rows: 1,
    value: decode(view.message.content, store),
  });
  const close = () => {
    form.remove();
    view.content.hidden = false;
    done();
  };
  const finish = async () => {
    const content = encode(input.value.trim(), store);
    const isChanged = content !== view.message.content;
    if (!isChanged || (await save(content))) close();
  };
  const form = el(
    "div",
    { class: "editor", "aria-live": "off" },
    input,
    el(
      "div",
      { class: "editor-help" },
      "escape to ",
      button({ class: "text-button", on: { click: close } }, "cancel"),
      " • enter to ",
      button({ class: "text-button", on: { click: finish } }, "save"),
    ),
  );
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && !event.shiftKey) finish();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const fit = () => {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight}px`;
  };
  input.addEventListener("input", fit);
  view.content.hidden = true;
  view.content.after(form);
  fit();
  input.focus();
  input.setSelectionRange(input.value.length, input.value.length);
}
