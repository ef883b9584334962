// The bar above the log: where one is, what it is about, and who is here.
import { channelIcon } from "./channelicon.js";
import { channelEntries } from "./channels.js";
import { button, el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { line } from "./markup.js";
import { showMenu } from "./popover.js";

export class Header {
  /** `does` = {openDrawer, toggleMembers} and what channelEntries() needs. */
  constructor({ store, does }) {
    Object.assign(this, { store, does });
    this.node = el("header", { class: "topbar" });
    for (const event of ["loaded", "channels", "opened"]) store.on(event, () => this.draw());
  }

  draw() {
    const { store, does } = this;
    const channel = store.channel(store.current);
    if (!channel) return;
    const isDirect = channel.type === 1;
    const parent = store.channel(channel.parent_id);
    const isThread = channel.type >= 10 && channel.type <= 12;
    fill(
      this.node,
      button(
        {
          class: "icon-button only-phone",
          "aria-label": "Open channels",
          on: { click: does.openDrawer },
        },
        icon("menu"),
      ),
      el("span", { class: "topbar-icon" }, icon(channelIcon(channel))),
      isThread &&
        parent &&
        button({ class: "topbar-parent", on: { click: () => store.open(parent.id) } }, parent.name),
      isThread && parent && el("span", { class: "topbar-step", "aria-hidden": "true" }, "›"),
      el("h2", { class: "topbar-name" }, isDirect ? store.directName(channel) : channel.name),
      channel.nsfw &&
        el(
          "span",
          { class: "restricted", title: "Age-restricted channel" },
          icon("warning"),
          el("span", {}, "Age-restricted"),
        ),
      channel.topic && el("div", { class: "topic" }, line(channel.topic, store)),
      el("div", { class: "topbar-end" }, this.#buttons(channel)),
    );
  }

  #buttons(channel) {
    const { does } = this;
    if (channel.type === 1) return null;
    const open = (event) =>
      showMenu(event.currentTarget, channelEntries(channel, this.store, does), "Channel options");
    return [tool("Channel options", "more", open), tool("Members", "people", does.toggleMembers)];
  }
}

function tool(label, picture, run) {
  return button(
    { class: "icon-button", "aria-label": label, title: label, on: { click: run } },
    icon(picture),
  );
}
