// Server-sent events with reconnect; after a gap the whole state is read again.
import { query } from "./api.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

export class Feed {
  #source = null;
  #timer = 0;
  #wait = FIRST_WAIT;
  #wasOpen = false;

  /** `onEvent(event)` per event, `onLost()` when the line breaks, `onBack()` when it is up again. */
  constructor({ onEvent, onLost, onBack }) {
    Object.assign(this, { onEvent, onLost, onBack });
  }

  /** Resolves once the line stands, so that nothing between state and feed is missed. */
  start(user) {
    this.stop();
    this.#wasOpen = false;
    return new Promise((resolve) => this.#connect(user, resolve));
  }

  stop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #connect(user, resolve) {
    const source = new EventSource(`/playground/events${query({ user })}`);
    this.#source = source;
    source.addEventListener("message", (message) => this.onEvent(JSON.parse(message.data)));
    source.addEventListener("open", () => {
      this.#wait = FIRST_WAIT;
      if (this.#wasOpen) this.onBack();
      this.#wasOpen = true;
      resolve();
    });
    source.addEventListener("error", () => this.#retry(source, user, resolve));
  }

  // The browser's own retry gives up on an HTTP error, so the page retries by itself.
  #retry(source, user, resolve) {
    source.close();
    if (source !== this.#source) return;
    this.onLost();
    resolve();
    this.#wasOpen = true;
    this.#timer = setTimeout(() => this.#connect(user, () => {}), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}
