// The log: a window onto one channel's messages that grows and shrinks while one scrolls.
import { day } from "./dates.js";
import { button, el } from "./dom.js";
import { icon } from "./icons.js";
import { MessageView } from "./message.js";
import { compare } from "./snowflake.js";
import { welcome } from "./welcome.js";

const FIRST = 60;
const STEP = 50;
/** More articles than this are not kept; scrolling brings them back. */
const MOST = 260;
const NEAR = 400;
const BOTTOM = 48;
const GROUP_MILLISECONDS = 7 * 60_000;

export class MessageList {
  channel = null;
  rows = [];
  #isStuck = true;
  #isLoading = false;
  #missed = 0;
  #newFrom = null;
  #lastTop = 0;

  /** `actions` as MessageView wants them; `older(channel, before)` loads; `onRead()` when the end is seen. */
  constructor({ store, actions, older, onRead }) {
    Object.assign(this, { store, actions, older, onRead });
    this.start = el("div", { class: "log-start" });
    this.body = el("div", { class: "log-rows" });
    this.log = el(
      "div",
      { class: "log", role: "log", tabindex: 0, "aria-relevant": "additions" },
      this.start,
      this.body,
    );
    this.present = button({ class: "jump", hidden: true, on: { click: () => this.toPresent() } });
    this.node = el("div", { class: "log-frame" }, this.log, this.present);
    this.log.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    const keepBottom = new ResizeObserver(() => this.#isStuck && this.#toBottom());
    keepBottom.observe(this.body);
    keepBottom.observe(this.log);
    store.on("message", (change) => this.#onMessage(change));
    store.on("removed", ({ channel, id }) => channel === this.channel && this.#remove(id));
    store.on("person", () => (this.channel = null));
    store.on("timeline", ({ channel }) => channel === this.channel && this.show(channel));
  }

  /** Shows the newest messages of a channel; `newFrom` is the first unread one's id. */
  show(channel, newFrom = null) {
    this.channel = channel;
    this.#newFrom = newFrom;
    this.rows = [];
    this.body.replaceChildren();
    const { messages } = this.store.timeline(channel);
    for (const message of messages.slice(-FIRST)) this.#insert(message, this.rows.length);
    this.log.setAttribute(
      "aria-label",
      `Messages in ${this.store.channelLabel(this.store.channel(channel))}`,
    );
    this.#showStart();
    this.#stick();
    this.#onScroll();
  }

  /** The view of a message on screen, or undefined. */
  view(id) {
    return this.rows.find((row) => row.message.id === id);
  }

  redraw() {
    this.rows.forEach((row) => row.redraw());
    this.#decorateFrom(0, this.rows.length);
  }

  toPresent() {
    if (this.#isAtEnd()) return this.#stick();
    return this.show(this.channel);
  }

  /** Scrolls to a message and marks it for a moment; false if it has not been loaded. */
  jump(id) {
    const { messages } = this.store.timeline(this.channel);
    const index = messages.findIndex((message) => message.id === id);
    if (index < 0) return false;
    if (!this.view(id)) this.#window(Math.max(0, index - STEP / 2), index + STEP / 2);
    const { node } = this.view(id);
    this.#isStuck = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("is-target");
    setTimeout(() => node.classList.remove("is-target"), 2000);
    node.focus({ preventScroll: true });
    return true;
  }

  // ---- changes ---------------------------------------------------------------------------------

  #onMessage({ message, channel, outcome }) {
    if (channel !== this.channel) return;
    const at = this.#position(message.id);
    if (outcome === "changed" || this.rows[at]?.message.id === message.id)
      return this.#update(message);
    const wasAtEnd = this.#isAtEnd(message.id);
    if (at === this.rows.length && !wasAtEnd) return this.#miss();
    if (at === 0 && this.rows.length > 0 && !this.#isAtStart(message.id)) return undefined;
    this.#insert(message, at);
    this.#showStart();
    if (this.#isStuck || this.#isOwn(message)) this.#stick();
    else if (at === this.rows.length - 1) this.#miss();
    return undefined;
  }

  #update(message) {
    const index = this.#position(message.id);
    if (this.rows[index]?.message.id !== message.id) return;
    this.rows[index].update(message);
    this.#decorateFrom(index, index + 2);
  }

  #remove(id) {
    const index = this.#position(id);
    const row = this.rows[index];
    if (row?.message.id !== id) return;
    const hadFocus = row.node.contains(document.activeElement);
    this.#drop(index, 1);
    this.#decorateFrom(index, index + 1);
    if (hadFocus) (this.rows[index] ?? this.rows[index - 1])?.node.focus();
  }

  #insert(message, index) {
    const row = new MessageView(message, this.store, this.actions);
    const next = this.rows[index];
    this.body.insertBefore(row.node, next ? (next.divider ?? next.node) : null);
    this.rows.splice(index, 0, row);
    this.#decorateFrom(index, index + 2);
  }

  #drop(index, count) {
    for (const row of this.rows.splice(index, count)) {
      row.divider?.remove();
      row.node.remove();
    }
  }

  // Grouping and dividers depend on the message above.
  #decorateFrom(start, end) {
    for (let index = start; index < Math.min(end, this.rows.length); index += 1) {
      this.#decorate(this.rows[index], this.rows[index - 1]);
    }
  }

  #decorate(row, above) {
    const { message } = row;
    const isNew = message.id === this.#newFrom;
    const isOtherDay =
      above &&
      new Date(above.message.timestamp).toDateString() !==
        new Date(message.timestamp).toDateString();
    const label = isOtherDay ? day(message.timestamp, this.store.locale) : "";
    const wanted = isNew || isOtherDay ? `${label}|${isNew}` : "";
    row.compact = !wanted && isGrouped(message, above?.message);
    if (row.dividerKey === wanted) return;
    row.dividerKey = wanted;
    row.divider?.remove();
    row.divider = wanted ? divider(label, isNew) : null;
    if (row.divider) row.node.before(row.divider);
  }

  // ---- the window ------------------------------------------------------------------------------

  #window(start, end) {
    const { messages } = this.store.timeline(this.channel);
    this.#drop(0, this.rows.length);
    messages.slice(start, end).forEach((message, index) => this.#insert(message, index));
    this.#showStart();
  }

  #onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    const rest = scrollHeight - scrollTop - clientHeight;
    // Only moving up lets go of the bottom; the log becoming smaller does not.
    if (rest < BOTTOM) this.#isStuck = this.#isAtEnd();
    else if (scrollTop < this.#lastTop) this.#isStuck = false;
    this.#lastTop = scrollTop;
    if (this.#isStuck) this.#seen();
    if (rest < NEAR) this.#growDown();
    if (scrollTop < NEAR) this.#growUp();
    this.#showJump();
  }

  async #growUp() {
    const { channel } = this;
    const timeline = this.store.timeline(channel);
    if (this.#isLoading) return;
    if (this.#isAtStart() && !timeline.isComplete) {
      const first = this.rows[0]?.message.id;
      this.#isLoading = true;
      const messages = await this.older(channel, first);
      this.#isLoading = false;
      if (!messages) return;
      this.store.putOlder(channel, messages);
      if (channel !== this.channel) return;
      if (!first) {
        this.show(channel);
        return;
      }
    }
    const end = timeline.messages.findIndex((message) => message.id === this.rows[0]?.message.id);
    this.#keepPlace(() => {
      timeline.messages
        .slice(Math.max(0, end - STEP), end)
        .forEach((message, index) => this.#insert(message, index));
      if (this.rows.length > MOST) this.#drop(MOST, this.rows.length - MOST);
      this.#showStart();
    });
  }

  #growDown() {
    if (this.#isAtEnd() || this.rows.length === 0) return;
    const { messages } = this.store.timeline(this.channel);
    const start = messages.findIndex((message) => message.id === this.rows.at(-1).message.id) + 1;
    this.#keepPlace(() => {
      for (const message of messages.slice(start, start + STEP))
        this.#insert(message, this.rows.length);
      if (this.rows.length > MOST) this.#drop(0, this.rows.length - MOST);
      this.#decorateFrom(0, 1);
    });
  }

  // Rows above the reader come and go without moving what is being read.
  #keepPlace(change) {
    const top = this.log.getBoundingClientRect().top;
    const anchor = this.rows.find((row) => row.node.getBoundingClientRect().bottom > top)?.node;
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected) this.log.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  // What a person wrote, and what answers their command, is brought into view.
  #isOwn(message) {
    const asker = message.interaction_metadata?.user ?? message.author;
    return asker.id === this.store.user?.id;
  }

  #isAtEnd(except) {
    const { messages } = this.store.timeline(this.channel);
    const newest = messages.findLast((message) => message.id !== except);
    return !newest || this.rows.at(-1)?.message.id === newest.id;
  }

  #isAtStart(except) {
    const { messages } = this.store.timeline(this.channel);
    const oldest = messages.find((message) => message.id !== except);
    return this.rows[0]?.message.id === oldest?.id;
  }

  #position(id) {
    const index = this.rows.findIndex((row) => compare(row.message.id, id) >= 0);
    return index < 0 ? this.rows.length : index;
  }

  #showStart() {
    const isWhole = this.store.timeline(this.channel).isComplete && this.#isAtStart();
    const key = isWhole ? this.channel : "";
    if (this.start.dataset.channel === key) return;
    this.start.dataset.channel = key;
    this.start.replaceChildren(
      ...(isWhole ? [welcome(this.store.channel(this.channel), this.store)] : []),
    );
  }

  // ---- the bottom --------------------------------------------------------------------------------

  #stick() {
    this.#isStuck = true;
    this.#toBottom();
    this.#seen();
    this.#showJump();
  }

  #toBottom() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  #seen() {
    this.#missed = 0;
    this.onRead(this.channel);
  }

  #miss() {
    this.#missed += 1;
    this.#showJump();
  }

  #showJump() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    const isFar = scrollHeight - scrollTop - clientHeight > clientHeight * 1.5 || !this.#isAtEnd();
    this.present.hidden = this.#isStuck || (!isFar && this.#missed === 0);
    const news = this.#missed === 1 ? "1 new message" : `${this.#missed} new messages`;
    this.present.replaceChildren(
      this.#missed ? `${news} · Jump to present` : "Jump to present",
      icon("chevron"),
    );
  }
}

function isGrouped(message, above) {
  if (
    !above ||
    [message, above].some((one) => ![0, 19, 20, 23].includes(one.type)) ||
    message.type !== 0 ||
    message.interaction_metadata
  )
    return false;
  const isSame =
    message.author.id === above.author.id && message.author.username === above.author.username;
  const gap = new Date(message.timestamp) - new Date(above.timestamp);
  return isSame && gap < GROUP_MILLISECONDS && (message.flags & 64) === (above.flags & 64);
}

function divider(label, isNew) {
  const text = label && el("span", { class: "divider-label" }, label);
  const mark = isNew && el("span", { class: "divider-new" }, "New");
  return el("div", { class: isNew ? "divider is-new" : "divider", role: "separator" }, text, mark);
}
