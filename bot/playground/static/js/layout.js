// Where the views stand, the drawers of small screens, drops of files, and the theme.
import { el } from "./dom.js";

const THEME_KEY = "theme";
const MEMBERS_KEY = "members-hidden";

/** Puts the app's views into the document and returns what moves them. */
export function build(app) {
  const { channels, people, header, list, composer, typing, hint, forum, members, toasts } = app;
  const offline = el(
    "div",
    { class: "offline", role: "status", hidden: true },
    "Connection lost. Trying again…",
  );
  const chat = el("div", { class: "chat" }, list.node, hint.node, composer.node, typing.node);
  const main = el(
    "main",
    { class: "main" },
    header.node,
    offline,
    el("div", { class: "main-row" }, el("div", { class: "stage" }, chat, forum.node), members.node),
  );
  const scrim = el("div", { class: "scrim", on: { click: () => closeDrawer() } });
  const drawer = el(
    "div",
    { class: "drawer", id: "drawer" },
    el("div", { class: "drawer-row" }, channels.rail, channels.side),
    people.node,
  );
  const dropHint = el(
    "div",
    { class: "drop-hint", "aria-hidden": "true" },
    el("b", {}, "Drop files to upload"),
  );
  const root = el("div", { class: "app" }, drawer, scrim, main, dropHint);
  document.body.replaceChildren(root, toasts.node);

  const closeDrawer = () => root.classList.remove("is-drawer-open");
  const isNarrow = () => matchMedia("(max-width: 900px)").matches;
  root.classList.toggle("no-members", localStorage.getItem(MEMBERS_KEY) !== null);
  listenForDrops(root, composer);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.classList.remove("is-drawer-open", "is-members-open");
    if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) stepChannel(event, channels);
    // Whoever types while nothing has the focus means the input.
    const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isText && document.activeElement === document.body) composer.focus();
  });
  setTheme(localStorage.getItem(THEME_KEY) ?? "dark");

  return {
    shown: null,
    show(channel) {
      this.shown = channel.id;
      chat.hidden = channel.type === 15;
      forum.node.hidden = channel.type !== 15;
      root.classList.toggle("is-direct", channel.type === 1);
      root.classList.remove("is-members-open");
    },
    openDrawer() {
      root.classList.add("is-drawer-open");
      drawer.querySelector('[aria-current="page"], button')?.focus();
    },
    closeDrawer,
    toggleMembers() {
      if (isNarrow()) {
        root.classList.toggle("is-members-open");
        return;
      }
      const isHidden = root.classList.toggle("no-members");
      if (isHidden) localStorage.setItem(MEMBERS_KEY, "1");
      else localStorage.removeItem(MEMBERS_KEY);
    },
    setOffline(isOffline) {
      offline.hidden = !isOffline;
    },
    setTheme,
  };
}

function stepChannel(event, channels) {
  event.preventDefault();
  const rows = [...channels.list.querySelectorAll(".channel")];
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "page");
  rows[at + (event.key === "ArrowUp" ? -1 : 1)]?.click();
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem(THEME_KEY, name);
}

function listenForDrops(root, composer) {
  const hasFiles = (event) =>
    event.dataTransfer?.types.includes("Files") && !document.querySelector("dialog[open]");
  root.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    root.classList.add("is-dropping");
  });
  root.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) root.classList.remove("is-dropping");
  });
  root.addEventListener("drop", (event) => {
    root.classList.remove("is-dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    composer.takeFiles([...event.dataTransfer.files]);
  });
}
