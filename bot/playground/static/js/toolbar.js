// What one can do with a message: the bar at its corner, its menu, and the keys.
import { button, el, fill } from "./dom.js";
import { EMOJI } from "./emoji.js";
import { icon } from "./icons.js";
import { showMenu, showPopover } from "./popover.js";

const MANAGE_MESSAGES = 13;
const QUICK = ["heart", "joy", "thumbsup"];

/** `can` holds the page's verbs: react, reply, edit, remove, thread, context, copy. */
export class Toolbar {
  #at = null;
  #openMenus = 0;

  constructor({ list, store, can }) {
    Object.assign(this, { list, store, can });
    this.node = el("div", {
      class: "toolbar",
      role: "toolbar",
      "aria-label": "Message actions",
      "aria-live": "off",
    });
    const { log } = list;
    log.addEventListener(
      "pointerover",
      (event) => event.pointerType === "mouse" && this.#attach(event.target),
    );
    log.addEventListener("pointerleave", () => this.#detach());
    // A tap on a message's own button is not for the toolbar, which would cover the text.
    log.addEventListener("focusin", ({ target }) => {
      if (target.matches("article, :focus-visible")) this.#attach(target);
    });
    log.addEventListener("contextmenu", (event) => this.#onContextMenu(event));
    log.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #attach(target) {
    const article = target.closest("article");
    const view = article && this.list.view(article.dataset.messageId);
    if (!view || this.#at === view || this.#isBusy()) return;
    this.#at = view;
    fill(this.node, this.#buttons(view));
    this.node.hidden = this.node.children.length === 0;
    view.node.append(this.node);
  }

  #isBusy() {
    return (
      this.#openMenus > 0 || (this.node.isConnected && this.node.contains(document.activeElement))
    );
  }

  #detach() {
    if (this.#isBusy() || this.#at?.node.contains(document.activeElement)) return;
    this.node.remove();
    this.#at = null;
  }

  #buttons(view) {
    const { message } = view;
    return this.#verbs(message)
      .filter((verb) => verb.isQuick)
      .map((verb) => tool(verb.label, verb.icon, (event) => verb.run(event.currentTarget)))
      .concat(tool("More", "more", (event) => this.#openMenu(event.currentTarget, message)));
  }

  #verbs(message) {
    const { can, store } = this;
    const isMine = message.author.id === store.user?.id;
    const isPlain = !message.isLocal && !(message.flags & 64);
    const mayRemove = isPlain && (isMine || store.may(MANAGE_MESSAGES, message.channel_id));
    const mayThread = isPlain && store.channel(message.channel_id)?.type === 0 && !message.thread;
    return [
      isPlain && {
        label: "Add Reaction",
        icon: "smile",
        isQuick: true,
        run: (anchor) => this.#openEmoji(anchor, message),
      },
      isPlain &&
        isMine && { label: "Edit", icon: "edit", isQuick: true, run: () => can.edit(message) },
      isPlain && { label: "Reply", icon: "reply", isQuick: true, run: () => can.reply(message) },
      mayThread && {
        label: "Create Thread",
        icon: "thread",
        isQuick: true,
        run: () => can.thread(message),
      },
      message.content && { label: "Copy Text", icon: "file", run: () => can.copy(message.content) },
      { label: "Copy Message ID", icon: "hash", run: () => can.copy(message.id) },
      mayRemove && {
        label: "Delete",
        icon: "trash",
        isDanger: true,
        isQuick: isMine,
        run: () => can.remove(message),
      },
    ].filter(Boolean);
  }

  #openMenu(anchor, message) {
    const { can } = this;
    const apps = message.isLocal ? [] : this.can.messageCommands();
    const entries = [
      ...this.#verbs(message).map((verb) => ({ ...verb, run: () => verb.run(anchor) })),
      ...(apps.length ? [null, { heading: "Apps" }] : []),
      ...apps.map((command) => ({
        label: command.shownPath,
        icon: "slash",
        run: () => can.context(message, command),
      })),
    ];
    this.#openMenus += 1;
    showMenu(anchor, entries, "Message", () => (this.#openMenus -= 1));
  }

  #openEmoji(anchor, message) {
    const names = [...new Set([...QUICK, ...Object.keys(EMOJI)])];
    let close = () => {};
    const cells = names.map((name) =>
      button(
        {
          class: "emoji-cell",
          "aria-label": name,
          title: `:${name}:`,
          on: {
            click: () => {
              close();
              this.can.react(message, { id: null, name: EMOJI[name] });
            },
          },
        },
        EMOJI[name],
      ),
    );
    const panel = el("div", { class: "emoji-panel", role: "group", "aria-label": "Emoji" }, cells);
    panel.addEventListener("keydown", (event) => moveInGrid(event, cells));
    this.#openMenus += 1;
    close = showPopover(
      anchor instanceof Element && anchor.isConnected ? anchor : this.list.log,
      panel,
      { onClose: () => (this.#openMenus -= 1) },
    );
    cells[0].focus();
  }

  #onContextMenu(event) {
    const view = this.list.view(event.target.closest("article")?.dataset.messageId);
    if (!view || event.target.closest("a, input, textarea") || String(getSelection())) return;
    event.preventDefault();
    const isByKey = event.clientX === 0 && event.clientY === 0;
    this.#openMenu(isByKey ? view.node : { x: event.clientX, y: event.clientY }, view.message);
  }

  #onKey(event) {
    const article = event.target.closest("article");
    if (event.key === "Escape" && this.node.contains(event.target)) article.focus();
    if (event.target !== this.list.log && event.target !== article) return;
    if (this.#walk(event, article)) return;
    if (article && !event.ctrlKey && !event.metaKey && !event.altKey)
      this.#shortcut(event, this.list.view(article.dataset.messageId));
  }

  #walk(event, article) {
    const { rows } = this.list;
    const index = rows.findIndex((row) => row.node === article);
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || (article === null && step > 0)) return false;
    const next = article ? rows[index + step] : rows.at(-1);
    event.preventDefault();
    next?.node.focus();
    next?.node.scrollIntoView({ block: "nearest" });
    return true;
  }

  #shortcut(event, view) {
    const labels = {
      e: "Edit",
      r: "Reply",
      "+": "Add Reaction",
      Delete: "Delete",
      Backspace: "Delete",
      t: "Create Thread",
    };
    const verb = this.#verbs(view.message).find((one) => one.label === labels[event.key]);
    if (!verb) return;
    event.preventDefault();
    verb.run(view.node);
  }
}

function tool(label, picture, run) {
  return button(
    { class: "tool", "aria-label": label, title: label, on: { click: run } },
    icon(picture),
  );
}

const COLUMNS = 8;

function moveInGrid(event, cells) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[event.key];
  if (!step) return;
  event.preventDefault();
  cells[cells.indexOf(document.activeElement) + step]?.focus();
}
