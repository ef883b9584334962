// Files of messages: pictures inline, sound and film with a player, the rest as cards.
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { spoiler } from "./markup.js";

const SPOILER_FLAG = 8;
const LARGEST = { width: 400, height: 300 };

/** Everything attached to a message; null where nothing is. */
export function attachments(list) {
  if (!list?.length) return null;
  const pictures = list.filter(isPicture);
  const others = list.filter((one) => !isPicture(one));
  return el(
    "div",
    { class: "attachments" },
    pictures.length > 0 &&
      el("div", { class: pictures.length > 1 ? "mosaic" : "single" }, pictures.map(pictureOf)),
    others.map(cardOrPlayer),
  );
}

/** The files that no embed of the message shows already. */
export function loose(list, embeds) {
  const shown = new Set(
    (embeds ?? [])
      .flatMap((one) => [one.image?.url, one.thumbnail?.url, one.author?.icon_url])
      .filter(Boolean)
      .map(pathOf),
  );
  return (list ?? []).filter((file) => !shown.has(pathOf(file.url)));
}

// Without the signature, which is made anew each time.
function pathOf(address) {
  return address.split("?")[0];
}

function isPicture(file) {
  return /^image\/(png|jpe?g|gif|webp|avif|apng)$/.test(kindOf(file));
}

function kindOf(file) {
  const kind = (file.content_type ?? "").split(";")[0];
  if (kind) return kind;
  const ending = file.filename?.toLowerCase().match(/\.(png|jpe?g|gif|webp)$/)?.[1];
  return ending ? `image/${ending.replace("jpg", "jpeg")}` : "";
}

function pictureOf(file) {
  const image = imageOf(file, file.description ?? file.filename);
  const link = el(
    "a",
    { class: "picture", href: file.url, target: "_blank", rel: "noopener" },
    image,
  );
  const isHidden = file.filename?.startsWith("SPOILER_") || (file.flags & SPOILER_FLAG) !== 0;
  return isHidden ? spoiler([link]) : link;
}

function imageOf(file, description) {
  const image = el("img", { src: local(file), alt: description ?? "Image", loading: "lazy" });
  // Reserving the space keeps the log from jumping when the picture arrives.
  if (file.width && file.height) {
    const scale = Math.min(1, LARGEST.width / file.width, LARGEST.height / file.height);
    image.width = Math.round(file.width * scale);
    image.height = Math.round(file.height * scale);
  }
  return image;
}

function cardOrPlayer(file) {
  const kind = kindOf(file).split("/")[0];
  if (kind === "audio" || kind === "video") {
    return el(kind, {
      class: "player",
      controls: true,
      preload: "metadata",
      src: local(file),
      "aria-label": file.filename,
    });
  }
  return fileCard(file.filename, file.size, file.url);
}

/** A file with its name, size and a way to save it. */
export function fileCard(name, size, address) {
  return el(
    "div",
    { class: "file-card" },
    icon("file", "file-icon"),
    el(
      "div",
      { class: "file-text" },
      el("a", { href: address, target: "_blank", rel: "noopener", class: "file-name" }, name),
      Number.isFinite(size) && el("div", { class: "file-size" }, sizeOf(size)),
    ),
    el(
      "a",
      { href: address, download: name, class: "icon-button", "aria-label": `Download ${name}` },
      icon("download"),
    ),
  );
}

/** "1.2 MB", as Discord words sizes. */
export function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(2)} ${["", "KB", "MB", "GB"][power]}`;
}

/** A picture named by an embed or component. */
export function externalPicture(media, className, description) {
  const address = local(media);
  const image = imageOf(media, description ?? "Image");
  image.className = className;
  // Pictures elsewhere are not fetched: the page works offline and tells nobody who reads it.
  image.addEventListener("error", () => image.replaceWith(missing(address, className)), {
    once: true,
  });
  return image;
}

function missing(address, className) {
  return el(
    "span",
    { class: `${className} picture-missing`, title: address },
    icon("link"),
    hostOf(address),
  );
}

function hostOf(address) {
  return URL.canParse(address) ? new URL(address).host : "picture";
}

// Attachments may carry the address the bot uses; on this page its path is enough.
function local(media) {
  const address = media.url ?? media.proxy_url ?? "";
  if (!URL.canParse(address, location.href)) return "";
  const parsed = new URL(address, location.href);
  const isHere =
    ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname) && parsed.port === location.port;
  return isHere ? parsed.pathname + parsed.search : parsed.href;
}
