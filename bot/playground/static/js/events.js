// Applies gateway events, as the feed brings them, to the store.
import { compare } from "./snowflake.js";

/** Kinds of channels that are threads. */
export const THREADS = new Set([10, 11, 12]);

const HANDLERS = {
  MESSAGE_CREATE: (store, d) => {
    store.putMessage(d);
    const channel = store.channel(d.channel_id);
    if (channel && !(d.flags & 64)) {
      channel.last_message_id = d.id;
      store.emit("channels");
    }
  },
  MESSAGE_UPDATE: (store, d) => {
    const old = store.timeline(d.channel_id).find(d.id);
    if (old) store.putMessage({ ...old, ...d });
  },
  MESSAGE_DELETE: (store, d) => store.removeMessage(d.channel_id, d.id),
  MESSAGE_DELETE_BULK: (store, d) => d.ids.forEach((id) => store.removeMessage(d.channel_id, id)),
  MESSAGE_REACTION_ADD: (store, d) => react(store, d, 1),
  MESSAGE_REACTION_REMOVE: (store, d) => react(store, d, -1),
  MESSAGE_REACTION_REMOVE_ALL: (store, d) => setReactions(store, d, () => []),
  MESSAGE_REACTION_REMOVE_EMOJI: (store, d) =>
    setReactions(store, d, (all) => all.filter((one) => !isSameEmoji(one.emoji, d.emoji))),
  TYPING_START: (store, d) => store.emit("typing", d),
  CHANNEL_CREATE: putChannel,
  CHANNEL_UPDATE: putChannel,
  CHANNEL_DELETE: dropChannel,
  THREAD_CREATE: putChannel,
  THREAD_UPDATE: putChannel,
  THREAD_DELETE: dropChannel,
  COMMANDS: (store, d) => {
    const list = Array.isArray(d) ? d : d.commands;
    if (list) store.commands = list;
    store.emit(list ? "commands" : "stale");
  },
  INTENTS: (store, d) => {
    store.intents = d;
  },
  // Nothing on the page shows these.
  CHANNEL_PINS_UPDATE: () => {},
  THREAD_MEMBERS_UPDATE: () => {},
  WEBHOOKS_UPDATE: () => {},
  MODAL: (store, d) => store.emit("modal", d),
  INTERACTION_FAILED: (store, d) => store.emit("interaction", { ...d, outcome: "failed" }),
  INTERACTION_DONE: (store, d) => store.emit("interaction", { ...d, outcome: "done" }),
};

/** Events without a rule of their own make the page read the state again. */
export function apply(store, event) {
  const handler = HANDLERS[event.type];
  if (handler) handler(store, event.d);
  else store.emit("stale");
}

function putChannel(store, d) {
  store.channels.set(d.id, { ...store.channel(d.id), ...d });
  if (!THREADS.has(d.type) && store.permissions[d.id] === undefined) store.emit("stale");
  store.emit("channels");
}

function dropChannel(store, d) {
  store.channels.delete(d.id);
  store.emit("channels");
  if (store.current === d.id) store.open(null);
}

function isSameEmoji(a, b) {
  return a.id || b.id ? a.id === b.id : a.name === b.name;
}

function setReactions(store, d, change) {
  const message = store.timeline(d.channel_id).find(d.message_id);
  if (message) store.putMessage({ ...message, reactions: change(message.reactions ?? []) });
}

function react(store, d, step) {
  setReactions(store, d, (all) => {
    const old = all.find((one) => isSameEmoji(one.emoji, d.emoji)) ?? {
      emoji: d.emoji,
      count: 0,
      me: false,
    };
    const isMine = d.user_id === store.user?.id;
    const next = { ...old, count: old.count + step, me: isMine ? step > 0 : old.me };
    const at = all.indexOf(old);
    const list = at < 0 ? [...all, next] : all.with(at, next);
    return list.filter((one) => one.count > 0);
  });
}

/** Threads of a channel, newest activity first. */
export function threadsOf(store, parent) {
  return [...store.channels.values()]
    .filter((one) => THREADS.has(one.type) && one.parent_id === parent)
    .sort((a, b) => compare(b.last_message_id ?? b.id, a.last_message_id ?? a.id));
}
