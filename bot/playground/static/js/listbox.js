// The list above the input: commands, options, choices, names. Focus stays in the input.
import { el, fill, freshId } from "./dom.js";

export class Listbox {
  entries = [];
  #active = -1;
  #onPick = null;

  constructor(input) {
    this.input = input;
    this.id = freshId("listbox");
    this.title = el("div", { class: "listbox-title" });
    this.list = el("div", { class: "listbox-rows", role: "listbox", id: this.id });
    this.node = el("div", { class: "listbox", hidden: true }, this.title, this.list);
    // A press must not take the focus from the input.
    this.node.addEventListener("mousedown", (event) => event.preventDefault());
    input.setAttribute("aria-controls", this.id);
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-haspopup", "listbox");
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /** The entry the next Enter takes, or null. */
  get active() {
    return this.entries[this.#active] ?? null;
  }

  /**
   * `entries` = [{label, detail, note, picture, …}]; `title` a node or text above them;
   * `active` = index marked at first, -1 for none. `onPick(entry)` on a click.
   */
  show({ entries, label, title = null, active = 0, onPick }) {
    this.entries = entries;
    this.#onPick = onPick;
    this.list.setAttribute("aria-label", label);
    fill(this.title, title);
    this.title.hidden = title === null;
    fill(
      this.list,
      entries.map((entry, index) => this.#row(entry, index)),
    );
    this.list.hidden = entries.length === 0;
    this.node.hidden = false;
    this.#mark(entries.length ? active : -1);
  }

  hide() {
    this.node.hidden = true;
    this.entries = [];
    this.#mark(-1);
  }

  /** Moves the mark; wraps around. */
  move(step) {
    const count = this.entries.length;
    if (count === 0) return;
    const start = this.#active < 0 && step < 0 ? count : this.#active;
    this.#mark((start + step + count) % count);
  }

  #row(entry, index) {
    const row = el(
      "div",
      {
        class: "listbox-row",
        role: "option",
        id: `${this.id}-${index}`,
        "aria-selected": "false",
        "aria-label": entry.label,
      },
      entry.picture,
      el("span", { class: "listbox-label" }, entry.label),
      entry.detail && el("span", { class: "listbox-detail" }, entry.detail),
      entry.note && el("span", { class: "listbox-note" }, entry.note),
    );
    if (entry.detail) row.setAttribute("aria-description", entry.detail);
    row.addEventListener("click", () => this.#onPick(entry));
    row.addEventListener("mousemove", () => this.#mark(index));
    return row;
  }

  #mark(index) {
    this.list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    this.#active = index;
    const row = this.list.children[index];
    if (!row) return this.input.removeAttribute("aria-activedescendant");
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    return this.input.setAttribute("aria-activedescendant", row.id);
  }
}
