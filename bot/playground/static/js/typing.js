// "Mira is typing…" under the input.
import { el, fill } from "./dom.js";
import { nameOf } from "./store.js";

/** Discord shows a typing person for ten seconds. */
const SHOWN_FOR = 10_000;

export class Typing {
  #people = new Map();

  constructor(store) {
    this.store = store;
    this.node = el("div", { class: "typing", role: "status" });
    store.on("typing", (d) => this.#start(d));
    store.on(
      "message",
      ({ message, outcome }) =>
        outcome === "added" &&
        this.#stop(message.channel_id, message.application_id ?? message.author.id),
    );
    store.on("opened", () => this.draw());
    store.on("loaded", () => this.#people.clear());
  }

  #start({ channel_id: channel, user_id: user }) {
    if (user === this.store.user?.id) return;
    const key = `${channel} ${user}`;
    clearTimeout(this.#people.get(key)?.timer);
    this.#people.set(key, {
      channel,
      user,
      timer: setTimeout(() => this.#stop(channel, user), SHOWN_FOR),
    });
    this.draw();
  }

  #stop(channel, user) {
    const key = `${channel} ${user}`;
    clearTimeout(this.#people.get(key)?.timer);
    if (this.#people.delete(key)) this.draw();
  }

  draw() {
    const here = [...this.#people.values()].filter((one) => one.channel === this.store.current);
    const names = here.map(({ user }) => nameOf(this.store.users.get(user)));
    const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    fill(this.node, names.length > 0 && [dots, el("span", {}, sentence(names))]);
  }
}

function sentence(names) {
  if (names.length > 3) return "Several people are typing…";
  const bold = names.map((name) => el("b", {}, name));
  const words = bold.flatMap((node, index) => [
    index === 0 ? "" : index === bold.length - 1 ? " and " : ", ",
    node,
  ]);
  return [...words, names.length === 1 ? " is typing…" : " are typing…"];
}
