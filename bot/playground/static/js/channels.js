// The rail of servers and the list of channels, threads and direct conversations.
import { avatar, guildIcon } from "./avatar.js";
import { channelIcon, channelKind } from "./channelicon.js";
import { button, el, fill, walk } from "./dom.js";
import { THREADS, threadsOf } from "./events.js";
import { icon } from "./icons.js";
import { showMenu } from "./popover.js";

const CATEGORY = 4;
const FORUM = 15;
const MANAGE_WEBHOOKS = 29;

export class ChannelList {
  #wanted = false;
  #drawn = "";

  /** `does` = {open, openGuild, addChannel, setRestricted, openDirect}; `unread` an Unread. */
  constructor({ store, unread, does }) {
    Object.assign(this, { store, unread, does });
    this.rail = el("nav", { class: "rail", "aria-label": "Servers" });
    this.title = el("header", { class: "side-title" });
    this.list = el("nav", { class: "channel-list", "aria-label": "Channels" });
    this.list.addEventListener("keydown", (event) =>
      walk(event, [...this.list.querySelectorAll(".channel")]),
    );
    this.rail.addEventListener("keydown", (event) =>
      walk(event, [...this.rail.querySelectorAll("button")]),
    );
    this.side = el("div", { class: "side" }, this.title, this.list);
    for (const event of ["loaded", "channels", "opened", "message"])
      store.on(event, () => this.#later());
  }

  // Many events arrive together; the list is drawn once for all of them.
  #later() {
    if (this.#wanted) return;
    this.#wanted = true;
    requestAnimationFrame(() => {
      this.#wanted = false;
      this.draw();
    });
  }

  draw() {
    const { store } = this;
    const facts = this.#facts();
    if (facts === this.#drawn) return;
    this.#drawn = facts;
    const focused = document.activeElement?.dataset?.channel;
    const current = store.channel(store.current);
    const guild = store.guildOf(current);
    this.#drawRail(guild);
    fill(
      this.title,
      el("h1", {}, guild ? guild.name : "Direct Messages"),
      guild && this.#addButton(guild),
    );
    fill(this.list, guild ? this.#guildRows(guild) : this.#directRows());
    if (focused) this.list.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
  }

  // Everything the rows show. Messages stream in far more often than any of it changes.
  #facts() {
    const { store, unread } = this;
    const channels = [...store.channels.values()].map((one) => [
      one.id,
      one.name,
      one.type,
      one.position,
      one.parent_id,
      one.nsfw,
      one.thread_metadata?.archived,
      THREADS.has(one.type) && one.last_message_id,
      unread.isUnread(one),
      unread.mentions(one),
    ]);
    return JSON.stringify([
      store.current,
      store.user?.id,
      [...store.guilds.values()].map((one) => one.name),
      channels,
    ]);
  }

  #drawRail(current) {
    const directs = this.#directs();
    const direct = this.#railButton(
      current ? "Direct Messages" : "Direct Messages, selected",
      icon("direct"),
      !current,
      directs,
      () => this.does.openDirect(),
    );
    direct.classList.add("is-direct");
    const guilds = [...this.store.guilds.values()].map((guild) => {
      const channels = [...this.store.channels.values()].filter((one) => one.guild_id === guild.id);
      return this.#railButton(
        guild.name,
        guildIcon(guild, this.store),
        guild === current,
        channels,
        () => this.does.openGuild(guild),
      );
    });
    fill(this.rail, direct, el("div", { class: "rail-line", role: "presentation" }), guilds);
  }

  #railButton(name, picture, isCurrent, channels, run) {
    const count = channels.reduce((sum, channel) => sum + this.unread.mentions(channel), 0);
    const isUnread = channels.some((channel) => this.unread.isUnread(channel));
    return button(
      {
        class: `rail-button${isUnread ? " is-unread" : ""}`,
        "aria-label": count ? `${name}, ${mentions(count)}` : name,
        title: name,
        "aria-current": isCurrent ? "true" : null,
        on: { click: run },
      },
      picture,
      count > 0 && el("span", { class: "badge", "aria-hidden": "true" }, String(count)),
    );
  }

  #directs() {
    return [...this.store.channels.values()].filter((channel) => channel.type === 1);
  }

  #directRows() {
    const rows = this.#directs().map((channel) => this.#row(channel));
    return rows.length ? rows : el("p", { class: "side-empty" }, "No conversations yet.");
  }

  #guildRows(guild) {
    const channels = [...this.store.channels.values()].filter(
      (one) => one.guild_id === guild.id && !THREADS.has(one.type),
    );
    const inOrder = (list) =>
      list.toSorted(
        (a, b) =>
          Number(a.type === 2) - Number(b.type === 2) || (a.position ?? 0) - (b.position ?? 0),
      );
    const inside = (parent) =>
      inOrder(
        channels.filter((one) => one.type !== CATEGORY && (one.parent_id ?? null) === parent),
      );
    const categories = inOrder(channels.filter((one) => one.type === CATEGORY));
    return [
      inside(null).map((channel) => this.#withThreads(channel)),
      categories.map((category) => [
        el("h2", { class: "category" }, category.name),
        inside(category.id).map((channel) => this.#withThreads(channel)),
      ]),
    ];
  }

  #withThreads(channel) {
    const isOpen = (thread) =>
      !thread.thread_metadata?.archived || thread.id === this.store.current;
    const threads = threadsOf(this.store, channel.id).filter(isOpen);
    const shown = channel.type === FORUM ? threads.slice(0, 5) : threads;
    return [this.#row(channel), shown.map((thread) => this.#row(thread, true))];
  }

  #row(channel, isThread = false) {
    const { store } = this;
    const name = channel.type === 1 ? store.directName(channel) : channel.name;
    const isUnread = this.unread.isUnread(channel);
    const count = this.unread.mentions(channel);
    const label = [
      name,
      channelKind(channel),
      channel.nsfw && "age-restricted",
      isUnread && "unread",
      count && mentions(count),
    ];
    const row = button(
      {
        class: ["channel", isThread && "is-thread", isUnread && "is-unread"]
          .filter(Boolean)
          .join(" "),
        "aria-label": label.filter(Boolean).join(", "),
        "aria-current": channel.id === store.current ? "page" : null,
        dataset: { channel: channel.id },
        on: { click: () => this.does.open(channel.id) },
      },
      this.#picture(channel),
      el("span", { class: "channel-name" }, name),
      count > 0 && el("span", { class: "badge" }, String(count)),
    );
    row.addEventListener("contextmenu", (event) => this.#openMenu(event, channel));
    return row;
  }

  #picture(channel) {
    if (channel.type === 1) {
      const other = channel.recipients?.find((one) => one.id !== this.store.user?.id);
      return avatar(this.store.users.get(other?.id) ?? this.store.me, this.store, 64);
    }
    const mark =
      channel.nsfw && el("span", { class: "nsfw-mark", title: "Age-restricted" }, icon("warning"));
    return el("span", { class: "channel-icon" }, icon(channelIcon(channel)), mark);
  }

  #openMenu(event, channel) {
    if (channel.type === 1) return;
    event.preventDefault();
    showMenu(event.currentTarget, channelEntries(channel, this.store, this.does), channel.name);
  }

  #addButton(guild) {
    return button(
      {
        class: "icon-button",
        "aria-label": "Create Channel",
        title: "Create Channel",
        on: { click: () => this.does.addChannel(guild) },
      },
      icon("plus"),
    );
  }
}

function mentions(count) {
  return count === 1 ? "1 mention" : `${count} mentions`;
}

/** Menu entries for a channel or thread of a server. */
export function channelEntries(channel, store, does) {
  const copy = { label: "Copy Channel ID", icon: "hash", run: () => does.copy(channel.id) };
  if (THREADS.has(channel.type)) {
    const isClosed = Boolean(channel.thread_metadata?.archived);
    return [
      {
        label: isClosed ? "Reopen Thread" : "Close Thread",
        icon: "thread",
        run: () => does.setArchived(channel, !isClosed),
      },
      copy,
    ];
  }
  const isDenied = deniesBot(channel, store, MANAGE_WEBHOOKS);
  return [
    {
      label: channel.nsfw ? "Lift age restriction" : "Mark as age-restricted",
      icon: "warning",
      run: () => does.setRestricted(channel, !channel.nsfw),
    },
    {
      label: isDenied ? "Let the bot use webhooks" : "Forbid the bot webhooks",
      icon: "link",
      run: () => does.allowBot(channel, "manage_webhooks", isDenied),
    },
    copy,
    {
      label: "Delete Channel",
      icon: "trash",
      isDanger: true,
      run: () => does.removeChannel(channel),
    },
  ];
}

function deniesBot(channel, store, bit) {
  const own = channel.permission_overwrites?.find((one) => one.id === store.me.id);
  return Boolean(own) && (BigInt(own.deny) & (1n << BigInt(bit))) !== 0n;
}
