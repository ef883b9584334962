// What the page knows, as Discord objects; views listen for what changed.
import { compare } from "./snowflake.js";
import { Timeline } from "./timeline.js";

/** The state endpoint gives this many messages of each channel; fewer means there are no older ones. */
const STATE_MESSAGES = 100;

export class Store extends EventTarget {
  me = null;
  user = null;
  locale = "en-US";
  users = new Map();
  guilds = new Map();
  channels = new Map();
  commands = [];
  permissions = {};
  faults = [];
  intents = {};
  startChannel = null;
  hint = null;
  /** Id of the channel on screen. */
  current = null;
  #timelines = new Map();
  #dismissed = new Set();

  on(type, listener) {
    this.addEventListener(type, (event) => listener(event.detail));
  }

  emit(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Takes the answer of /playground/state; known timelines are patched, not replaced. */
  load(state) {
    if (this.user?.id !== state.user) {
      this.#timelines.clear();
      this.emit("person");
    }
    this.me = state.me;
    this.users = byId([...state.users, state.me]);
    this.user = this.users.get(state.user) ?? null;
    this.guilds = byId(state.guilds);
    this.channels = byId(state.channels);
    for (const name of ["commands", "permissions", "faults", "intents", "locale"])
      this[name] = state[name] ?? this[name];
    this.startChannel = state.start_channel ?? null;
    this.hint = state.hint ?? null;
    for (const [channel, messages] of Object.entries(state.messages))
      this.#merge(channel, messages);
    this.emit("loaded");
  }

  #merge(channel, newest) {
    const timeline = this.timeline(channel);
    const gap =
      timeline.last &&
      newest[0] &&
      newest.length >= STATE_MESSAGES &&
      compare(timeline.last.id, newest[0].id) < 0;
    if (gap) this.#timelines.delete(channel);
    for (const id of timeline.missingFrom(newest)) this.removeMessage(channel, id);
    if (this.timeline(channel).messages.length === 0)
      this.timeline(channel).isComplete = newest.length < STATE_MESSAGES;
    for (const message of newest) this.putMessage(message, channel);
    if (gap) this.emit("timeline", { channel });
  }

  timeline(channel) {
    if (!this.#timelines.has(channel)) this.#timelines.set(channel, new Timeline());
    return this.#timelines.get(channel);
  }

  putMessage(message, channel = message.channel_id) {
    if (this.#dismissed.has(message.id)) return;
    const outcome = this.timeline(channel).put(message);
    if (outcome !== "same") this.emit("message", { message, channel, outcome });
  }

  /** Older messages, oldest first, put before all others. */
  putOlder(channel, messages) {
    const timeline = this.timeline(channel);
    if (messages.length === 0) timeline.isComplete = true;
    for (const message of messages) if (!this.#dismissed.has(message.id)) timeline.put(message);
  }

  removeMessage(channel, id) {
    if (this.timeline(channel).remove(id)) this.emit("removed", { channel, id });
  }

  /** Takes an ephemeral answer off this page for good. */
  dismiss(message) {
    this.#dismissed.add(message.id);
    this.removeMessage(message.channel_id, message.id);
  }

  // ---- names ---------------------------------------------------------------------------------

  channel(id) {
    return this.channels.get(id) ?? null;
  }

  role(id) {
    for (const guild of this.guilds.values()) {
      const role = guild.roles?.find((one) => one.id === id);
      if (role) return role;
    }
    return null;
  }

  userName(id) {
    const user = this.users.get(id);
    return user ? nameOf(user) : "unknown-user";
  }

  /** "#tavern", or "@Name" for a direct conversation. */
  channelLabel(channel) {
    if (channel.type === 1) return `@${this.directName(channel)}`;
    return `#${channel.name}`;
  }

  directName(channel) {
    const others = (channel.recipients ?? []).filter((one) => one.id !== this.user?.id);
    return others.length ? others.map(nameOf).join(", ") : nameOf(this.me);
  }

  guildOf(channel) {
    return this.guilds.get(channel?.guild_id) ?? null;
  }

  cdn(path) {
    return `/cdn/${path}`;
  }

  /** True if the current person may, by Discord's permission bit, in the channel. */
  may(bit, channelId) {
    const bits = this.permissions[channelId];
    return bits === undefined ? true : (BigInt(bits) & (1n << BigInt(bit))) !== 0n;
  }

  // ---- wishes of views -------------------------------------------------------------------------

  open(channel) {
    this.emit("open", { channel });
  }

  startCommand(name) {
    this.emit("command", { name });
  }
}

/** The name Discord shows for a user. */
export function nameOf(user) {
  return user?.nick ?? user?.global_name ?? user?.username ?? "Unknown";
}

/** True for a message of a character: a webhook's, not the bot's own answer to a command. */
export function isCharacter(message, store) {
  return Boolean(message.webhook_id) && message.author.id !== store.me.id;
}

function byId(list) {
  return new Map(list.map((one) => [one.id, one]));
}
