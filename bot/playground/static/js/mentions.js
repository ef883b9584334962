// What the input offers while one types @, # or :, and how names become mentions when sent.
import { avatar } from "./avatar.js";
import { matching, replaceNames } from "./emoji.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { nameOf } from "./store.js";

const WORD = /(?:^|\s)([@#:])([^\s@#:]{0,32})$/u;
const SHOWN = 10;

/** The word under the caret that asks for a list: {mark, text, start} or null. */
export function wordAt(text, caret) {
  const match = WORD.exec(text.slice(0, caret));
  if (!match || (match[1] === ":" && match[2].length < 2)) return null;
  return { mark: match[1], text: match[2], start: caret - match[2].length - 1 };
}

/** Entries {label, detail, picture, insert} for such a word. */
export function offers(word, store) {
  const wanted = word.text.toLowerCase();
  const has = (...names) => names.some((name) => name.toLowerCase().includes(wanted));
  if (word.mark === ":")
    return matching(wanted, SHOWN).map(([name, character]) => emojiEntry(name, character));
  if (word.mark === "#") {
    return channelsHere(store)
      .filter((one) => has(one.name))
      .slice(0, SHOWN)
      .map((one) => ({ label: one.name, picture: icon("hash"), insert: `#${one.name} ` }));
  }
  const users = [...store.users.values()].filter((user) => has(nameOf(user), user.username));
  return users.slice(0, SHOWN).map((user) => ({
    label: nameOf(user),
    detail: user.username,
    picture: avatar(user, store, 32),
    insert: `@${nameOf(user)} `,
  }));
}

function emojiEntry(name, character) {
  return {
    label: `:${name}:`,
    picture: el("span", { class: "emoji-text" }, character),
    insert: `${character} `,
  };
}

function channelsHere(store) {
  const guild = store.channel(store.current)?.guild_id;
  return [...store.channels.values()].filter(
    (channel) => guild && channel.guild_id === guild && channel.type !== 4,
  );
}

function pairs(store) {
  const roles = [...store.guilds.values()].flatMap((guild) => guild.roles ?? []);
  return [
    ...[...store.users.values()].flatMap((user) =>
      [nameOf(user), user.username].map((name) => [`@${name}`, `<@${user.id}>`]),
    ),
    ...roles
      .filter((role) => !role.name.startsWith("@"))
      .map((role) => [`@${role.name}`, `<@&${role.id}>`]),
    ...channelsHere(store).map((channel) => [`#${channel.name}`, `<#${channel.id}>`]),
  ].sort(([a], [b]) => b.length - a.length);
}

/** Text as sent: known @names and #names become mentions, :names: become emoji; code stays. */
export function encode(text, store) {
  const known = pairs(store);
  const parts = replaceNames(text).split(/(```[^]*?```|`[^`\n]+`)/);
  return parts.map((part, index) => (index % 2 ? part : replaceAllKnown(part, known))).join("");
}

function replaceAllKnown(text, known) {
  if (!/[@#]/.test(text)) return text;
  let result = "";
  for (let position = 0; position < text.length;) {
    const found = known.find(([name]) => isNameAt(text, position, name));
    result += found ? found[1] : text[position];
    position += found ? found[0].length : 1;
  }
  return result;
}

function isNameAt(text, position, name) {
  if (!text.startsWith(name, position)) return false;
  const isWordGoingOn = /[\p{L}\p{N}_]/u.test(text[position + name.length] ?? "");
  return !isWordGoingOn && (position === 0 || !/[\w<]/.test(text[position - 1]));
}

/** The other way, for editing what was sent. */
export function decode(text, store) {
  return text
    .replace(/<@!?(\d+)>/g, (whole, id) => (store.users.has(id) ? `@${store.userName(id)}` : whole))
    .replace(/<@&(\d+)>/g, (whole, id) => (store.role(id) ? `@${store.role(id).name}` : whole))
    .replace(/<#(\d+)>/g, (whole, id) =>
      store.channel(id) ? `#${store.channel(id).name}` : whole,
    );
}
