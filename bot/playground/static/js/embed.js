// Embeds: the boxes with a coloured bar.
import { full, heading } from "./dates.js";
import { el } from "./dom.js";
import { body, hex, line } from "./markup.js";
import { externalPicture } from "./attachments.js";

/** One embed as an element. */
export function embed(data, store) {
  const node = el(
    "section",
    { class: "embed", "aria-label": "Embed" },
    el(
      "div",
      { class: "embed-text" },
      author(data.author, store),
      title(data, store),
      data.description && el("div", { class: "embed-description" }, body(data.description, store)),
      fields(data.fields ?? [], store),
    ),
    data.thumbnail && externalPicture(data.thumbnail, "embed-thumbnail"),
    data.image && externalPicture(data.image, "embed-image"),
    footer(data, store),
  );
  if (Number.isInteger(data.color)) node.style.setProperty("--bar", hex(data.color));
  return node;
}

function author(data) {
  if (!data?.name) return null;
  const picture = data.icon_url && externalPicture({ url: data.icon_url }, "embed-icon");
  return el("div", { class: "embed-author" }, picture, linked(data.name, data.url));
}

function title(data, store) {
  if (!data.title) return null;
  const content = line(data.title, store);
  return el("div", { class: "embed-title" }, data.url ? linked(content, data.url) : content);
}

function linked(content, address) {
  if (!/^https?:\/\//i.test(address ?? "")) return content;
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, content);
}

function fields(list, store) {
  if (list.length === 0) return null;
  return el(
    "div",
    { class: "embed-fields" },
    list.map((field) =>
      el(
        "div",
        { class: field.inline ? "embed-field is-inline" : "embed-field" },
        el("div", { class: "embed-field-name" }, line(field.name, store)),
        el("div", { class: "embed-field-value" }, body(field.value, store)),
      ),
    ),
  );
}

function footer(data, store) {
  if (!data.footer?.text && !data.timestamp) return null;
  const picture =
    data.footer?.icon_url && externalPicture({ url: data.footer.icon_url }, "embed-icon");
  const time =
    data.timestamp &&
    el(
      "time",
      { datetime: data.timestamp, title: full(data.timestamp, store.locale) },
      heading(data.timestamp, store.locale),
    );
  const dot = data.footer?.text && time ? " • " : null;
  return el(
    "div",
    { class: "embed-footer" },
    picture,
    el("span", {}, data.footer?.text, dot, time),
  );
}
