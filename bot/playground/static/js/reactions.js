// The row of reactions under a message.
import { button, el } from "./dom.js";
import { nameOf } from "./emoji.js";

/** Null where nobody reacted. `onToggle(emoji)` adds or takes back one's own. */
export function reactions(list, store, onToggle) {
  if (!list?.length) return null;
  return el(
    "div",
    { class: "reactions", role: "group", "aria-label": "Reactions" },
    list.map((one) => pill(one, store, onToggle)),
  );
}

function pill(reaction, store, onToggle) {
  const label = `${nameOf(reaction.emoji.name)}, ${reaction.count} ${reaction.count === 1 ? "reaction" : "reactions"}`;
  return button(
    {
      class: "reaction",
      "aria-pressed": String(Boolean(reaction.me)),
      "aria-label": label,
      on: { click: () => onToggle(reaction.emoji) },
    },
    emojiNode(reaction.emoji, store),
    el("span", { class: "reaction-count" }, String(reaction.count)),
  );
}

/** An emoji object of Discord, drawn. */
export function emojiNode(emoji, store) {
  if (!emoji.id) return el("span", { class: "emoji-text", "aria-hidden": "true" }, emoji.name);
  const source = store.cdn(`emojis/${emoji.id}.${emoji.animated ? "gif" : "png"}`);
  const image = el("img", { class: "emoji", src: source, alt: emoji.name ?? "" });
  image.addEventListener("error", () => image.replaceWith(`:${emoji.name}:`), { once: true });
  return image;
}

/** The form in which REST paths and this page's actions name an emoji. */
export function emojiPath(emoji) {
  return emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name;
}
