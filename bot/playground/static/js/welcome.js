// What stands above the first message of a channel.
import { avatar } from "./avatar.js";
import { el } from "./dom.js";
import { channelIcon } from "./channelicon.js";
import { icon } from "./icons.js";

/** The beginning of a channel, thread or direct conversation. */
export function welcome(channel, store) {
  if (channel.type === 1) {
    const other = store.users.get(channel.recipients?.find((one) => one.id !== store.user?.id)?.id) ?? store.me;
    const name = store.directName(channel);
    return block(avatar(other, store, 160), name, `This is the beginning of your direct message history with ${name}.`);
  }
  const isThread = channel.type >= 10 && channel.type <= 12;
  const title = isThread ? channel.name : `Welcome to #${channel.name}!`;
  const text = isThread ? "This is the start of the thread." : `This is the start of the #${channel.name} channel.`;
  return block(el("span", { class: "welcome-icon" }, icon(channelIcon(channel))), title, channel.topic ? `${text} ${channel.topic}` : text);
}

function block(picture, title, text) {
  return el("div", { class: "welcome" }, picture, el("h2", {}, title), el("p", {}, text));
}
