// Who is here, at the right edge.
import { avatar } from "./avatar.js";
import { el, fill } from "./dom.js";
import { hex } from "./markup.js";
import { nameOf } from "./store.js";

export class Members {
  constructor(store) {
    this.store = store;
    this.node = el("aside", { class: "members", "aria-label": "Members" });
    for (const event of ["loaded", "opened"]) store.on(event, () => this.draw());
  }

  draw() {
    const people = [...this.store.users.values()];
    fill(this.node, this.#group("Online", people.filter((one) => !one.bot)), this.#group("Apps", people.filter((one) => one.bot)));
  }

  #group(title, people) {
    if (people.length === 0) return null;
    return [
      el("h3", { class: "members-title" }, `${title} — ${people.length}`),
      el("ul", {}, people.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b))).map((one) => this.#row(one))),
    ];
  }

  #row(user) {
    const name = el("span", { class: "member-name" }, nameOf(user));
    const color = this.#color(user.id);
    if (color) name.style.color = hex(color);
    const tag = user.bot && el("span", { class: "tag" }, "APP");
    return el("li", { class: "member" }, el("span", { class: "member-picture" }, avatar(user, this.store, 64), el("span", { class: "dot" })), name, tag);
  }

  // The colour of a person's highest coloured role, where the state tells members.
  #color(id) {
    const guild = this.store.guildOf(this.store.channel(this.store.current));
    const held = guild?.members?.find((one) => (one.user?.id ?? one.user_id) === id)?.roles ?? [];
    const colored = (guild?.roles ?? []).filter((role) => held.includes(role.id) && role.color);
    return colored.sort((a, b) => b.position - a.position)[0]?.color;
  }
}
