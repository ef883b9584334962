// Who is here, at the right edge.
import { avatar } from "./avatar.js";
import { button, el, fill } from "./dom.js";
import { hex } from "./markup.js";
import { showMenu } from "./popover.js";
import { nameOf } from "./store.js";

export class Members {
  /** `does` = {mention, userCommands, contextOnUser, copy}. */
  constructor({ store, does }) {
    Object.assign(this, { store, does });
    this.node = el("aside", { class: "members", "aria-label": "Members" });
    for (const event of ["loaded", "opened"]) store.on(event, () => this.draw());
  }

  draw() {
    const people = [...this.store.users.values()];
    fill(
      this.node,
      this.#group(
        "Online",
        people.filter((one) => !one.bot),
      ),
      this.#group(
        "Apps",
        people.filter((one) => one.bot),
      ),
    );
  }

  #group(title, people) {
    if (people.length === 0) return null;
    return [
      el("h3", { class: "members-title" }, `${title} — ${people.length}`),
      el(
        "ul",
        {},
        people.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b))).map((one) => this.#row(one)),
      ),
    ];
  }

  #row(user) {
    const name = el("span", { class: "member-name" }, nameOf(user));
    const color = this.#color(user.id);
    if (color) name.style.color = hex(color);
    const tag = user.bot && el("span", { class: "tag" }, "APP");
    const picture = el(
      "span",
      { class: "member-picture" },
      avatar(user, this.store, 64),
      el("span", { class: "dot" }),
    );
    const open = (event) => this.#openMenu(event.currentTarget, user);
    const label = user.bot ? `${nameOf(user)}, app` : nameOf(user);
    return el(
      "li",
      {},
      button(
        { class: "member", "aria-haspopup": "menu", "aria-label": label, on: { click: open } },
        picture,
        name,
        tag,
      ),
    );
  }

  #openMenu(anchor, user) {
    const { does } = this;
    const apps = does.userCommands();
    showMenu(
      anchor,
      [
        { label: "Mention", icon: "people", run: () => does.mention(user) },
        { label: "Copy User ID", icon: "hash", run: () => does.copy(user.id) },
        ...(apps.length ? [null, { heading: "Apps" }] : []),
        ...apps.map((command) => ({
          label: command.shownPath,
          icon: "slash",
          run: () => does.contextOnUser(user, command),
        })),
      ],
      nameOf(user),
    );
  }

  // The colour of a person's highest coloured role, where the state tells members.
  #color(id) {
    const guild = this.store.guildOf(this.store.channel(this.store.current));
    const held = guild?.members?.find((one) => (one.user?.id ?? one.user_id) === id)?.roles ?? [];
    const colored = (guild?.roles ?? []).filter((role) => held.includes(role.id) && role.color);
    return colored.sort((a, b) => b.position - a.position)[0]?.color;
  }
}
