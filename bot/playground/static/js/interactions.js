// Follows each command, click and form from the press until the bot has answered.
import { ApiError } from "./api.js";
import { fromNow } from "./snowflake.js";

/** The stand-in reports a silent bot after 3 s; if even that stays away the page gives up here. */
const GIVE_UP = 6000;

export class Interactions {
  #waiting = new Map();
  #early = new Map();

  constructor(api, store) {
    Object.assign(this, { api, store });
    store.on("interaction", ({ id, outcome }) => this.#settle(id, outcome));
  }

  /** "done" or "failed"; raises ApiError where the server refuses the action itself. */
  async run(action, payload, files) {
    const { interaction } = await this.api.act(action, payload, files);
    if (this.#early.has(interaction)) return this.#early.get(interaction);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(interaction, "done"), GIVE_UP);
      this.#waiting.set(interaction, { resolve, timer });
    });
  }

  /** The same for a form: a refusal comes back as its sentence. */
  async submit(modal, values, files) {
    try {
      return await this.run("submit", { modal, values }, files);
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  }

  // The feed may be faster than the answer to the press.
  #settle(id, outcome) {
    const waiting = this.#waiting.get(id);
    if (!waiting) {
      this.#early.set(id, outcome);
      return;
    }
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    waiting.resolve(outcome);
  }
}

/** The note Discord leaves after a command nobody answered; it lives on this page only. */
export function silentNote(store, channel, command) {
  return {
    id: fromNow(),
    channel_id: channel,
    type: 20,
    author: store.me,
    content: "",
    flags: 64,
    timestamp: new Date().toISOString(),
    edited_timestamp: null,
    attachments: [],
    embeds: [],
    components: [],
    mentions: [],
    interaction_metadata: { user: store.user, name: command },
    isLocal: true,
    problem: "The application did not respond",
  };
}
