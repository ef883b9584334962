// Which channels have messages the current person has not seen; kept by the browser.
import { compare } from "./snowflake.js";

export class Unread {
  #seen = {};
  #key = "";

  constructor(store) {
    this.store = store;
  }

  /** Reads one person's marks; channels never seen before count as read. */
  load() {
    this.#key = `read:${this.store.user?.id}`;
    this.#seen = read(this.#key);
    for (const channel of this.store.channels.values())
      this.#seen[channel.id] ??= this.#newest(channel) ?? "0";
    this.#save();
  }

  isUnread(channel) {
    const newest = this.#newest(channel);
    return (
      Boolean(newest) &&
      channel.id !== this.store.current &&
      compare(newest, this.#seen[channel.id] ?? "0") > 0
    );
  }

  /** The first unread message's id, or null; asked when a channel is opened. */
  firstNew(channel) {
    const seen = this.#seen[channel.id] ?? "0";
    const { messages } = this.store.timeline(channel.id);
    const fresh = messages.find(
      (message) => compare(message.id, seen) > 0 && message.author.id !== this.store.user?.id,
    );
    return fresh?.id ?? null;
  }

  /** How many unread messages name the person. */
  mentions(channel) {
    if (!this.isUnread(channel)) return 0;
    const seen = this.#seen[channel.id] ?? "0";
    const { messages } = this.store.timeline(channel.id);
    const isForMe = (message) =>
      channel.type === 1 || (message.mentions ?? []).some((one) => one.id === this.store.user?.id);
    return messages.filter((message) => compare(message.id, seen) > 0 && isForMe(message)).length;
  }

  markRead(id) {
    const channel = this.store.channel(id);
    const newest = channel && this.#newest(channel);
    if (!newest || this.#seen[id] === newest) return;
    this.#seen[id] = newest;
    this.#save();
  }

  #save() {
    localStorage.setItem(this.#key, JSON.stringify(this.#seen));
  }

  #newest(channel) {
    const loaded = this.store.timeline(channel.id).last;
    const told = channel.last_message_id;
    if (!loaded || loaded.isLocal) return told;
    return !told || compare(loaded.id, told) > 0 ? loaded.id : told;
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}
