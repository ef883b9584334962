// What stands above the first message of a channel.
import { avatar } from "./avatar.js";
import { channelIcon } from "./channelicon.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { body } from "./markup.js";
import { nameOf } from "./store.js";

/** The beginning of a channel, thread or direct conversation. */
export function welcome(channel, store) {
  if (channel.type === 1) {
    const other =
      store.users.get(channel.recipients?.find((one) => one.id !== store.user?.id)?.id) ?? store.me;
    const name = store.directName(channel);
    return block(
      avatar(other, store, 160),
      name,
      `This is the beginning of your direct message history with ${name}.`,
    );
  }
  const picture = el("span", { class: "welcome-icon" }, icon(channelIcon(channel)));
  if (channel.type >= 10 && channel.type <= 12) {
    return block(
      picture,
      channel.name,
      "This is the start of the thread.",
      starter(channel, store),
    );
  }
  const text = `This is the start of the #${channel.name} channel.`;
  return block(
    picture,
    `Welcome to #${channel.name}!`,
    channel.topic ? `${text} ${channel.topic}` : text,
  );
}

function block(picture, title, text, extra) {
  return el("div", { class: "welcome" }, picture, el("h2", {}, title), el("p", {}, text), extra);
}

// A thread begun from a message has that message's id.
function starter(channel, store) {
  const message = store.timeline(channel.parent_id).find(channel.id);
  if (!message) return null;
  const name = el("b", { class: "author" }, nameOf(message.author));
  return el("blockquote", { class: "quoted" }, name, el("div", {}, body(message.content, store)));
}
