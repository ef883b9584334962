// One line for newcomers: what to try next.
import { button, el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { commandOf } from "./message.js";
import { isCharacter, nameOf } from "./store.js";

const KEY = "hint-closed";
const STEPS = [
  ["/persona new", "says who you are"],
  ["/connect use", "brings a real model"],
];

export class Hint {
  constructor(store) {
    this.store = store;
    this.node = el("div", { class: "hint", role: "note", hidden: true });
    for (const event of ["opened", "loaded"]) store.on(event, () => this.draw());
    // A character who comes in gives the hint a name; whoever has spoken is shown the next step,
    // and none that is done.
    store.on("message", ({ message }) => {
      if (this.node.hidden) return;
      const isAnswer = commandOf(message.interaction_metadata) !== null;
      if (isAnswer || isCharacter(message, store) || this.#isOwn(message)) this.draw();
    });
  }

  draw() {
    const channel = this.store.channel(this.store.current);
    const isWanted = localStorage.getItem(KEY) === null && channel && channel.type !== 15;
    const text = isWanted ? this.#text(channel) : "";
    this.node.hidden = text === "";
    if (this.node.hidden) return;
    const close = button(
      { class: "icon-button", "aria-label": "Dismiss hint", on: { click: () => this.#close() } },
      icon("close"),
    );
    fill(this.node, el("span", {}, text), close);
  }

  #text(channel) {
    const { messages } = this.store.timeline(channel.id);
    if (messages.some((one) => this.#isOwn(one))) {
      const used = messages.map((one) => commandOf(one.interaction_metadata));
      const left = STEPS.filter(([command]) => !used.includes(command));
      return left.length ? `Next: ${left.map((step) => step.join(" ")).join(", ")}.` : "";
    }
    if (this.store.hint && channel.id === this.store.startChannel) return this.store.hint;
    const character = messages.findLast((one) => isCharacter(one, this.store));
    const name = character && nameOf(character.author);
    return name
      ? `Say something to ${name}, or type / to see commands.`
      : "Say something, or type / to see commands.";
  }

  #isOwn(message) {
    return message.author.id === this.store.user?.id;
  }

  #close() {
    localStorage.setItem(KEY, "1");
    this.node.hidden = true;
  }
}
