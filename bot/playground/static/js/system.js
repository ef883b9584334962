// Lines that Discord writes itself: joins, pins, threads.
import { nameOf } from "./store.js";

const SENTENCES = {
  1: (who) => `${who} added someone to the group.`,
  4: (who, message) => `${who} changed the channel name: ${message.content}`,
  6: (who) => `${who} pinned a message to this channel.`,
  7: (who) => `${who} joined the server.`,
  8: (who) => `${who} boosted the server!`,
  18: (who, message) => `${who} started a thread: ${message.content}`,
};

/** A sentence, or null where the message is somebody's own words. */
export function systemText(message) {
  return SENTENCES[message.type]?.(nameOf(message.author), message) ?? null;
}
