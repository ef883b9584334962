// Draws markdown.js's tree as DOM nodes.
import { worded, full } from "./dates.js";
import { button, el } from "./dom.js";
import { isEmojiOnly } from "./emoji.js";
import { parse, parseLine } from "./markdown.js";

const SAFE_LINK = /^https?:\/\//i;

/** A message body: a fragment of blocks. `names` is the Store. */
export function body(text, names) {
  const blocks = parse(text).map((block) => drawBlock(block, names));
  const fragment = document.createDocumentFragment();
  fragment.append(...blocks);
  return fragment;
}

/** One line without blocks. */
export function line(text, names) {
  const fragment = document.createDocumentFragment();
  fragment.append(...drawAll(parseLine(text), names));
  return fragment;
}

/** True when nothing but a few emoji is written: Discord shows those large. */
export function isJumbo(text) {
  const bare = text.replace(/<a?:\w{2,32}:\d{1,20}>/g, "\u{1F642}");
  return bare.length > 0 && isEmojiOnly(bare);
}

/** The text as it reads without marks: previews, labels for screen readers. */
export function plain(text, names) {
  const holder = el("div");
  holder.append(body(text, names));
  return holder.textContent;
}

function drawAll(nodes, names) {
  return nodes.map((node) =>
    typeof node === "string" ? document.createTextNode(node) : draw(node, names),
  );
}

function drawBlock(block, names) {
  if (block.type === "paragraph")
    return el("span", { class: "paragraph" }, drawAll(block.children, names));
  if (block.type === "header")
    return el(
      `h${block.level + 2}`,
      { class: `md-h${block.level}` },
      drawAll(block.children, names),
    );
  if (block.type === "subtext")
    return el("small", { class: "subtext" }, drawAll(block.children, names));
  if (block.type === "fence") return fence(block);
  if (block.type === "quote")
    return el(
      "blockquote",
      {},
      block.children.map((child) => drawBlock(child, names)),
    );
  return list(block, names);
}

function fence(block) {
  const label = block.language ? el("span", { class: "fence-language" }, block.language) : null;
  return el(
    "div",
    { class: "fence" },
    label,
    el("pre", { tabindex: 0 }, el("code", {}, block.text)),
  );
}

function list(block, names) {
  const isOrdered = block.start !== null;
  return el(
    isOrdered ? "ol" : "ul",
    { start: isOrdered ? block.start : null },
    block.items.map((item) => el("li", {}, drawAll(item.children, names))),
  );
}

const TAGS = { strong: "strong", em: "em", underline: "u", strike: "s" };

function draw(node, names) {
  const tag = TAGS[node.type];
  if (tag) return el(tag, {}, drawAll(node.children, names));
  return DRAWERS[node.type](node, names);
}

const DRAWERS = {
  break: () => el("br"),
  code: (node) => el("code", { class: "inline-code" }, node.text),
  list: (node, names) => list(node, names),
  spoiler: (node, names) => spoiler(drawAll(node.children, names)),
  link: (node, names) => anchor(node, names),
  user: (node, names) =>
    el("span", { class: "mention", dataset: { user: node.id } }, `@${names.userName(node.id)}`),
  role: (node, names) => roleMention(names.role(node.id)),
  everyone: (node) => el("span", { class: "mention" }, node.text),
  channel: (node, names) => channelMention(node.id, names),
  command: (node, names) => commandMention(node.name, names),
  emoji: (node, names) => customEmoji(node, names),
  time: (node, names) => time(node, names.locale),
};

function anchor(node, names) {
  if (!SAFE_LINK.test(node.href)) return el("span", {}, drawAll(node.children, names));
  return el(
    "a",
    {
      href: node.href,
      title: node.title ?? node.href,
      target: "_blank",
      rel: "noopener noreferrer",
    },
    drawAll(node.children, names),
  );
}

/** Content hidden until it is clicked or its key pressed. */
export function spoiler(children) {
  const hidden = el("span", { class: "spoiler-text", inert: true }, children);
  const node = el(
    "span",
    {
      class: "spoiler",
      role: "button",
      tabindex: 0,
      "aria-label": "Spoiler",
      "aria-expanded": "false",
    },
    hidden,
  );
  const reveal = (event) => {
    if (node.classList.contains("is-revealed")) return;
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    node.classList.add("is-revealed");
    for (const name of ["role", "tabindex", "aria-label", "aria-expanded"])
      node.removeAttribute(name);
    hidden.inert = false;
  };
  node.addEventListener("click", reveal);
  node.addEventListener("keydown", reveal);
  return node;
}

function roleMention(role) {
  const node = el("span", { class: "mention" }, `@${role?.name ?? "deleted-role"}`);
  if (role?.color) node.style.setProperty("color", hex(role.color));
  return node;
}

/** Discord's colour number as CSS. */
export function hex(color) {
  return `#${(color & 0xffffff).toString(16).padStart(6, "0")}`;
}

function channelMention(id, names) {
  const channel = names.channel(id);
  if (!channel) return el("span", { class: "mention" }, "#unknown");
  return button({ class: "mention", on: { click: () => names.open(id) } }, `#${channel.name}`);
}

function commandMention(name, names) {
  return button({ class: "mention", on: { click: () => names.startCommand(name) } }, `/${name}`);
}

function customEmoji(node, names) {
  const source = names.cdn(`emojis/${node.id}.${node.animated ? "gif" : "png"}`);
  const image = el("img", {
    class: "emoji",
    src: source,
    alt: `:${node.name}:`,
    title: `:${node.name}:`,
    draggable: "false",
  });
  image.addEventListener("error", () => image.replaceWith(`:${node.name}:`));
  return image;
}

function time(node, locale) {
  const iso = isoOf(node.seconds);
  const data = node.style === "R" ? { relative: node.seconds } : {};
  return el(
    "time",
    { class: "md-time", datetime: iso, title: iso && full(iso, locale), dataset: data },
    worded(node.seconds, node.style, locale),
  );
}

function isoOf(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
