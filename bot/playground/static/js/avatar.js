// Pictures of people, characters and servers; letters on a colour where there is none.
import { el } from "./dom.js";
import { nameOf } from "./store.js";

const COLORS = [
  "#5865f2",
  "#3ba55c",
  "#b5761b",
  "#d0474c",
  "#c0428d",
  "#3d8a99",
  "#7a5fc7",
  "#6d7278",
];

/** A picture of `user`, which may be a webhook's author. Decoration: the name stands beside it. */
export function avatar(user, store, size = 80) {
  const letters = lettersOn(nameOf(user), user.id);
  if (!user.avatar) return letters;
  return picture(avatarAddress(user, store, size), letters);
}

/** A server's round picture. */
export function guildIcon(guild, store) {
  const letters = lettersOn(guild.name, guild.id);
  return guild.icon ? picture(store.cdn(`icons/${guild.id}/${guild.icon}.png`), letters) : letters;
}

function avatarAddress(user, store, size) {
  // The stand-in may hand out a whole address for a webhook's picture.
  if (/^(https?:|\/|data:image\/)/.test(user.avatar)) return user.avatar;
  return store.cdn(`avatars/${user.id}/${user.avatar}.png?size=${size}`);
}

function picture(source, letters) {
  const image = el("img", {
    class: "avatar",
    src: source,
    alt: "",
    loading: "lazy",
    draggable: "false",
  });
  image.addEventListener("error", () => image.replaceWith(letters), { once: true });
  return image;
}

function lettersOn(name, id) {
  const first = [...(name.match(/[\p{L}\p{N}]/u)?.[0] ?? "?")][0].toUpperCase();
  const color = COLORS[hash(`${id}${name}`) % COLORS.length];
  return el(
    "span",
    { class: "avatar avatar-letters", "aria-hidden": "true", style: { "background-color": color } },
    first,
  );
}

function hash(text) {
  let sum = 7;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) >>> 0;
  return sum;
}
