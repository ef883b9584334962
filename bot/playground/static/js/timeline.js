// The messages of one channel that have been loaded, oldest first, without gaps.
import { compare } from "./snowflake.js";

export class Timeline {
  messages = [];
  /** True when nothing older exists. */
  isComplete = false;

  get last() {
    return this.messages.at(-1) ?? null;
  }

  find(id) {
    const index = this.#position(id);
    return this.messages[index]?.id === id ? this.messages[index] : null;
  }

  /** Adds or replaces; returns "added", "changed" or "same". */
  put(message) {
    const index = this.#position(message.id);
    const old = this.messages[index];
    if (old?.id !== message.id) {
      this.messages.splice(index, 0, message);
      return "added";
    }
    if (JSON.stringify(old) === JSON.stringify(message)) return "same";
    this.messages[index] = message;
    return "changed";
  }

  /** Returns true if the message was here. */
  remove(id) {
    const index = this.#position(id);
    if (this.messages[index]?.id !== id) return false;
    this.messages.splice(index, 1);
    return true;
  }

  /** Ids that are here, not in `newest`, though they lie in its stretch of time. */
  missingFrom(newest) {
    const known = new Set(newest.map((message) => message.id));
    const start = newest[0]?.id ?? "0";
    return this.messages
      .filter(
        (message) => !message.isLocal && compare(message.id, start) >= 0 && !known.has(message.id),
      )
      .map((message) => message.id);
  }

  #position(id) {
    let [low, high] = [0, this.messages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.messages[middle].id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
