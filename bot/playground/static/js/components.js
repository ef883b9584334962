// Interactive parts of messages: rows of buttons and selects, and the layout parts of Components V2.
import { externalPicture, fileCard } from "./attachments.js";
import { button, el } from "./dom.js";
import { icon } from "./icons.js";
import { body, hex, spoiler } from "./markup.js";
import { emojiNode } from "./reactions.js";
import { selectControl } from "./select.js";

const BUTTON_STYLES = {
  1: "primary",
  2: "secondary",
  3: "success",
  4: "danger",
  5: "link",
  6: "primary",
};

/**
 * All components of a message.
 * `context` = {store, message, onUse(component, values, control)}
 */
export function components(list, context) {
  if (!list?.length) return null;
  return el(
    "div",
    { class: "components" },
    list.map((part) => component(part, context)),
  );
}

function component(part, context) {
  return DRAWERS[part.type]?.(part, context) ?? null;
}

function all(list, context) {
  return (list ?? []).map((part) => component(part, context));
}

const select = (part, context) =>
  selectControl(part, context.store, (values, control) => context.onUse(part, values, control));

const DRAWERS = {
  1: (part, context) => el("div", { class: "action-row" }, all(part.components, context)),
  2: pushButton,
  3: select,
  5: select,
  6: select,
  7: select,
  8: select,
  9: section,
  10: (part, context) => el("div", { class: "text-display" }, body(part.content, context.store)),
  11: (part) => media(part, part.description, "thumbnail"),
  12: gallery,
  13: file,
  14: (part) =>
    el("div", { class: separatorClass(part), role: part.divider === false ? null : "separator" }),
  17: container,
};

function pushButton(part, context) {
  const content = [
    part.emoji && emojiNode(part.emoji, context.store),
    part.label && el("span", {}, part.label),
  ];
  const name = part.label ?? part.emoji?.name ?? "Button";
  const style = `push-button is-${BUTTON_STYLES[part.style] ?? "secondary"}`;
  if (part.style === 5) return linkButton(part, content, style, name);
  const control = button(
    {
      class: style,
      disabled: Boolean(part.disabled),
      "aria-label": part.label ? null : name,
      dataset: { customId: part.custom_id ?? "" },
      on: { click: () => context.onUse(part, undefined, control) },
    },
    content,
  );
  return control;
}

function linkButton(part, content, style, name) {
  const isSafe = /^(https?|discord):/i.test(part.url ?? "") && !part.disabled;
  return el(
    "a",
    {
      class: style,
      href: isSafe ? part.url : null,
      role: isSafe ? null : "link",
      "aria-disabled": isSafe ? null : "true",
      "aria-label": part.label ? null : name,
      target: "_blank",
      rel: "noopener noreferrer",
    },
    content,
    icon("link"),
  );
}

function section(part, context) {
  return el(
    "div",
    { class: "section" },
    el("div", { class: "section-text" }, all(part.components, context)),
    part.accessory && el("div", { class: "section-accessory" }, component(part.accessory, context)),
  );
}

function media(part, description, className) {
  const picture = externalPicture(part.media, className, description);
  return part.spoiler ? spoiler([picture]) : picture;
}

function gallery(part) {
  return el(
    "div",
    { class: "gallery", dataset: { count: Math.min(part.items.length, 4) } },
    part.items.map((item) => media(item, item.description, "gallery-item")),
  );
}

function file(part) {
  const address = part.file.url ?? "";
  const name = part.name ?? address.split("?")[0].split("/").at(-1);
  const card = fileCard(name, part.size, address);
  return part.spoiler ? spoiler([card]) : card;
}

function separatorClass(part) {
  const space = part.spacing === 2 ? "is-large" : "is-small";
  return `separator ${space}${part.divider === false ? "" : " has-line"}`;
}

function container(part, context) {
  const parts = all(part.components, context);
  const node = el("div", { class: "container" }, part.spoiler ? spoiler(parts) : parts);
  const accent = part.accent_color ?? null;
  if (accent !== null) node.style.setProperty("--bar", hex(accent));
  return node;
}
