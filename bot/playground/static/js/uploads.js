// Files waiting to be sent: chosen, dropped or pasted.
import { sizeOf } from "./attachments.js";
import { button, el, fill } from "./dom.js";
import { icon } from "./icons.js";

const MOST_FILES = 10;
const LARGEST_BYTES = 10 * 1024 * 1024;

export class Uploads {
  files = [];

  constructor(onProblem) {
    this.onProblem = onProblem;
    this.node = el("ul", { class: "uploads", hidden: true, "aria-label": "Files to send" });
  }

  add(list) {
    for (const file of list) {
      if (this.files.length >= MOST_FILES)
        return this.onProblem(`A message takes ${MOST_FILES} files at most.`);
      const problem = tooLarge(file);
      if (problem) this.onProblem(problem);
      else this.files.push(file);
    }
    return this.#draw();
  }

  /** Hands over the files and forgets them. */
  take() {
    const { files } = this;
    this.files = [];
    this.#draw();
    return files;
  }

  #draw() {
    this.node.hidden = this.files.length === 0;
    fill(
      this.node,
      this.files.map((file) => this.#card(file)),
    );
  }

  #card(file) {
    const drop = button(
      {
        class: "icon-button upload-drop",
        "aria-label": `Remove ${file.name}`,
        on: { click: () => this.#remove(file) },
      },
      icon("trash"),
    );
    return el(
      "li",
      { class: "upload" },
      el("div", { class: "upload-picture" }, preview(file)),
      el("div", { class: "upload-name" }, file.name),
      drop,
    );
  }

  #remove(file) {
    this.files = this.files.filter((one) => one !== file);
    this.#draw();
  }
}

/** Why Discord does not take a file of this size; null where it does. */
export function tooLarge(file) {
  if (file.size <= LARGEST_BYTES) return null;
  return `${file.name} is too large: ${sizeOf(LARGEST_BYTES)} per file at most.`;
}

/** A small picture of an image file, an icon of any other. */
export function preview(file) {
  if (!/^image\/(png|jpeg|gif|webp)$/.test(file.type)) return icon("file");
  const address = URL.createObjectURL(file);
  const image = el("img", { src: address, alt: "" });
  image.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
  return image;
}

/** Files of a drop or paste event. */
export function filesOf(transfer) {
  return [...(transfer?.files ?? [])];
}
