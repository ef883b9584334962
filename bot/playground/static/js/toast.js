// Short notices in the corner, read out at once.
import { button, el } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_FOR = 8000;

export class Toasts {
  node = el("div", { class: "toasts", role: "alert", popover: "manual" });

  show(text) {
    const row = el("div", { class: "toast" }, icon("warning"), el("span", {}, text));
    row.append(
      button(
        {
          class: "icon-button",
          "aria-label": "Close notice",
          on: { click: () => this.#drop(row) },
        },
        icon("close"),
      ),
    );
    this.node.append(row);
    // Shown anew each time, so that it lies above a dialog opened meanwhile.
    if (this.node.matches(":popover-open")) this.node.hidePopover();
    this.node.showPopover();
    setTimeout(() => this.#drop(row), SHOWN_FOR);
  }

  #drop(row) {
    row.remove();
    if (!this.node.children.length && this.node.matches(":popover-open")) this.node.hidePopover();
  }
}
