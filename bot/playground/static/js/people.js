// The corner with one's own name: switching to somebody else, language, settings.
import { avatar } from "./avatar.js";
import { button, el, fill } from "./dom.js";
import { ask } from "./dialogs.js";
import { icon } from "./icons.js";
import { showMenu } from "./popover.js";
import { nameOf } from "./store.js";

export class People {
  /** `does` = {become(id), add(name), openSettings}. */
  constructor({ store, does }) {
    Object.assign(this, { store, does });
    this.node = el("section", { class: "me", "aria-label": "You" });
    store.on("loaded", () => this.draw());
  }

  draw() {
    const { store, does } = this;
    if (!store.user) return;
    const name = nameOf(store.user);
    const who = button(
      {
        class: "me-button",
        "aria-haspopup": "menu",
        "aria-label": `You are ${name}. Switch person`,
        on: { click: (event) => this.#open(event.currentTarget) },
      },
      el(
        "span",
        { class: "member-picture" },
        avatar(store.user, store, 64),
        el("span", { class: "dot" }),
      ),
      el(
        "span",
        { class: "me-text" },
        el("b", {}, name),
        el("small", {}, LOCALES[store.locale] ?? store.locale),
      ),
      icon("chevron"),
    );
    fill(
      this.node,
      who,
      button(
        {
          class: "icon-button",
          "aria-label": "Settings",
          title: "Settings",
          on: { click: does.openSettings },
        },
        icon("settings"),
      ),
    );
  }

  #open(anchor) {
    const people = [...this.store.users.values()].filter((user) => !user.bot);
    showMenu(
      anchor,
      [
        { heading: "Who are you?" },
        ...people.map((user) => ({
          label: nameOf(user),
          picture: user.id === this.store.user.id ? icon("check") : avatar(user, this.store, 32),
          run: () => this.does.become(user.id),
        })),
        null,
        { label: "New person…", icon: "plus", run: () => this.#add() },
      ],
      "Switch person",
    );
  }

  async #add() {
    const answer = await ask({
      title: "New person",
      action: "Add",
      fields: [{ name: "name", label: "Name" }],
    });
    if (answer?.name) this.does.add(answer.name);
  }
}

/** Languages the bot speaks; any other Discord locale falls back to English. */
export const LOCALES = {
  "en-US": "English, US",
  ja: "日本語",
  "pt-BR": "Português do Brasil",
  "zh-CN": "中文",
};
