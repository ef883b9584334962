// Starts the page: makes the views, joins them to the server, and gives each verb its action.
import { Actions } from "./actions.js";
import { Api, ApiError } from "./api.js";
import { ChannelList } from "./channels.js";
import { Composer } from "./composer.js";
import { refreshRelative } from "./dates.js";
import { apply } from "./events.js";
import { Feed } from "./feed.js";
import { Forum } from "./forum.js";
import { Header } from "./header.js";
import { Hint } from "./hint.js";
import { Interactions } from "./interactions.js";
import { build } from "./layout.js";
import { Members } from "./members.js";
import { MessageList } from "./messages.js";
import { openModal } from "./modal.js";
import { People } from "./people.js";
import { Store, isCharacter } from "./store.js";
import { Toasts } from "./toast.js";
import { Toolbar } from "./toolbar.js";
import { Typing } from "./typing.js";
import { Unread } from "./unread.js";

const STALE_WAIT = 150;
const RELATIVE_EVERY = 10_000;
const RETRY_WAIT = 1000;
const UNKNOWN_PERSON = 400;

class App {
  #staleTimer = 0;
  #named = "";

  constructor() {
    this.api = new Api();
    this.store = new Store();
    this.toasts = new Toasts();
    this.unread = new Unread(this.store);
    this.interactions = new Interactions(this.api, this.store);
    this.actions = new Actions(this);
    this.#makeViews();
    this.layout = build(this);
    this.feed = new Feed({
      onEvent: (event) => apply(this.store, event),
      onLost: () => this.#loseTouch(),
      onBack: () => this.#comeBack(),
    });
    this.#listen();
  }

  #makeViews() {
    const { store, unread, actions } = this;
    const does = actions.verbs;
    this.channels = new ChannelList({ store, unread, does });
    this.header = new Header({ store, does });
    this.members = new Members({ store, does });
    this.people = new People({ store, does });
    this.forum = new Forum({ store, does });
    this.typing = new Typing(store);
    this.hint = new Hint(store);
    this.list = new MessageList({
      store,
      actions: does,
      older: does.older,
      onRead: (id) => this.#onRead(id),
    });
    this.toolbar = new Toolbar({ list: this.list, store, can: does });
    this.composer = new Composer({ store, does });
  }

  #listen() {
    const { store } = this;
    store.on("open", ({ channel }) => this.open(channel));
    store.on("command", ({ name }) => this.composer.startCommand(name));
    store.on("modal", (modal) =>
      openModal(modal, store, (values, files) => this.interactions.submit(modal.id, values, files)),
    );
    store.on("person", () => (this.layout.shown = null));
    store.on("stale", () => this.#refreshSoon());
    store.on("loaded", () => this.#onLoaded());
    addEventListener("hashchange", () => this.open(location.hash.slice(1)));
    addEventListener("focus", () => this.#onRead(store.current));
    setInterval(() => refreshRelative(this.list.log, store.locale), RELATIVE_EVERY);
  }

  /** Reads everything and follows the feed as `user`; null lets the server choose. */
  async start(user) {
    this.api.user = user;
    if (!(await this.refresh())) {
      this.layout.setOffline(true);
      setTimeout(() => this.start(null), RETRY_WAIT);
      return;
    }
    this.layout.setOffline(false);
    this.api.user = this.store.user.id;
    sessionStorage.setItem("user", this.api.user);
    await this.feed.start(this.api.user);
    // Whatever happened between the first look and the feed's first breath.
    await this.refresh();
  }

  /** True once the store holds the server's present state. */
  async refresh() {
    try {
      this.store.load(await this.api.state());
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== UNKNOWN_PERSON) this.toasts.show(error.message);
      return false;
    }
  }

  /** Shows a channel; an unknown one leads to the starting channel. */
  open(id) {
    const { store } = this;
    const channel = store.channel(id) ?? store.channel(store.startChannel) ?? firstText(store);
    if (!channel || (channel.id === store.current && this.layout.shown === channel.id)) return;
    const newFrom = this.unread.firstNew(channel);
    store.current = channel.id;
    if (location.hash.slice(1) !== channel.id) history.pushState(null, "", `#${channel.id}`);
    this.layout.show(channel);
    if (channel.type === 15) this.forum.draw();
    else {
      this.list.show(channel.id, newFrom);
      this.composer.open(channel);
    }
    this.unread.markRead(channel.id);
    store.emit("opened");
    document.title = `${store.channelLabel(channel)} | Tavernkeeper playground`;
    if (!matchMedia("(max-width: 480px)").matches) this.composer.focus();
  }

  #onLoaded() {
    const { store } = this;
    document.documentElement.lang = store.locale;
    this.unread.load();
    const isHere = store.channel(store.current) !== null && this.layout.shown === store.current;
    if (!isHere) this.open(store.current ?? location.hash.slice(1));
    else if (store.channel(store.current).type !== 15) this.composer.refresh();
    this.#redrawIfNamed();
  }

  // Mentions, times and names in drawn messages follow people, channels and language.
  #redrawIfNamed() {
    const { store } = this;
    const named = JSON.stringify([
      store.locale,
      [...store.users.values()],
      [...store.channels.values()].map((one) => one.name),
    ]);
    if (this.#named !== named) this.list.redraw();
    this.#named = named;
  }

  #onRead(id) {
    if (!id || !document.hasFocus()) return;
    this.unread.markRead(id);
  }

  #refreshSoon() {
    clearTimeout(this.#staleTimer);
    this.#staleTimer = setTimeout(() => this.refresh(), STALE_WAIT);
  }

  // A playground that was started anew knows nobody who was added on this page.
  #loseTouch() {
    this.layout.setOffline(true);
    this.api.state().catch((error) => error.status === UNKNOWN_PERSON && this.start(null));
  }

  async #comeBack() {
    this.layout.setOffline(false);
    await this.refresh();
  }
}

// Where a character has spoken there is something to answer; otherwise the first text channel.
function firstText(store) {
  const channels = [...store.channels.values()].filter((channel) => channel.type === 0);
  const hasCharacter = (channel) =>
    store.timeline(channel.id).messages.some((message) => isCharacter(message, store));
  return channels.find(hasCharacter) ?? channels[0] ?? store.channels.values().next().value ?? null;
}

const asked = new URLSearchParams(location.search).get("user");
await new App().start(asked ?? sessionStorage.getItem("user"));
