// One message as an article; an edit redraws only the parts that changed.
import { attachments, loose } from "./attachments.js";
import { avatar } from "./avatar.js";
import { components } from "./components.js";
import { clock, full, heading } from "./dates.js";
import { button, el, fill } from "./dom.js";
import { embed } from "./embed.js";
import { forwarded, poll } from "./extras.js";
import { icon } from "./icons.js";
import { body, isJumbo, line, plain } from "./markup.js";
import { reactions } from "./reactions.js";
import { nameOf } from "./store.js";
import { systemText } from "./system.js";

const EPHEMERAL = 64;
const LOADING = 128;
const SUPPRESS_EMBEDS = 4;
const COMPONENTS_V2 = 32_768;
/** Streamed edits follow each other faster than this; a screen reader is told the settled text. */
const SETTLED_AFTER = 1500;

export class MessageView {
  #signatures = {};
  #settle = 0;

  /** `actions` = {onUse, onReact, onDismiss, onJump, onThread}; each gets the message first. */
  constructor(message, store, actions) {
    this.store = store;
    this.actions = actions;
    this.top = el("div", { class: "message-top" });
    this.content = el("div", { class: "message-content" });
    this.extras = el("div", { class: "message-extras" });
    this.controls = el("div", { class: "message-controls" });
    this.foot = el("div", { class: "message-foot" });
    this.head = el("div", { class: "message-head" });
    this.node = el(
      "article",
      { class: "message", tabindex: -1, dataset: { messageId: message.id } },
      this.top,
      this.head,
      this.content,
      this.extras,
      this.controls,
      this.foot,
    );
    this.update(message);
  }

  update(message) {
    const isEdit = this.message !== undefined;
    this.message = message;
    const { flags = 0 } = message;
    this.node.setAttribute("aria-label", nameOf(message.author));
    this.node.classList.toggle("is-ephemeral", (flags & EPHEMERAL) !== 0);
    if (flags & EPHEMERAL) this.node.dataset.ephemeral = "";
    this.node.classList.toggle("is-mention", mentionsMe(message, this.store));
    this.#part("top", [message.referenced_message, message.interaction_metadata], () =>
      this.#drawTop(),
    );
    this.#part("head", [message.author, this.isCompact, message.timestamp, this.store.locale], () =>
      this.#drawHead(),
    );
    this.#part("content", [message.content, message.edited_timestamp, flags, message.type], () =>
      this.#drawContent(),
    );
    this.#part(
      "extras",
      [message.attachments, message.embeds, message.poll, message.message_snapshots, flags],
      () => this.#drawExtras(),
    );
    this.#part("controls", [message.components], () => this.#drawControls());
    this.#part("foot", [message.reactions, message.thread, flags], () => this.#drawFoot());
    if (isEdit) this.#announceLater();
  }

  /** Grouped under the message above: no picture, no name. */
  set compact(isCompact) {
    if (this.isCompact === isCompact) return;
    this.isCompact = isCompact;
    this.node.classList.toggle("is-compact", isCompact);
    this.#part(
      "head",
      [this.message.author, isCompact, this.message.timestamp, this.store.locale],
      () => this.#drawHead(),
    );
  }

  /** The line under the controls after the bot stayed silent. */
  showFailure(text) {
    const note = el("div", { class: "failure", role: "status" }, icon("warning"), text);
    this.controls.querySelector(".failure")?.remove();
    this.controls.append(note);
  }

  /** Draws mentions and times again after names or the language changed. */
  redraw() {
    this.#signatures = {};
    this.update(this.message);
  }

  #part(name, facts, draw) {
    const signature = JSON.stringify(facts);
    if (this.#signatures[name] === signature) return;
    this.#signatures[name] = signature;
    fill(this[name], draw());
  }

  #announceLater() {
    this.node.setAttribute("aria-busy", "true");
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.node.removeAttribute("aria-busy"), SETTLED_AFTER);
  }

  #drawTop() {
    const { message, store } = this;
    if (message.type === 19) return replyLine(message.referenced_message, store, this.actions);
    const command = commandOf(message.interaction_metadata);
    return command && commandLine(message.interaction_metadata.user, command, store);
  }

  #drawHead() {
    const { author, timestamp } = this.message;
    const { locale } = this.store;
    const time = el(
      "time",
      { datetime: timestamp, title: full(timestamp, locale) },
      this.isCompact ? clock(timestamp, locale) : heading(timestamp, locale),
    );
    if (this.isCompact) return time;
    const tag = (author.bot || this.message.webhook_id) && el("span", { class: "tag" }, "APP");
    return [avatar(author, this.store), el("span", { class: "author" }, nameOf(author)), tag, time];
  }

  #drawContent() {
    const { message, store } = this;
    if (message.flags & LOADING) return thinking(nameOf(message.author));
    if (message.problem) return el("span", { class: "failure" }, icon("warning"), message.problem);
    const system = systemText(message);
    if (system) return el("span", { class: "system-text" }, system);
    if (!message.content) return null;
    const text = el(
      "div",
      { class: isJumbo(message.content) ? "message-text is-jumbo" : "message-text" },
      body(message.content, store),
    );
    const { edited_timestamp: edited } = message;
    return [
      text,
      edited &&
        el(
          "time",
          { class: "edited", datetime: edited, title: full(edited, store.locale) },
          "(edited)",
        ),
    ];
  }

  #drawExtras() {
    const { message, store } = this;
    const { flags = 0 } = message;
    return [
      forwarded(message.message_snapshots, store),
      poll(message.poll, store),
      (flags & COMPONENTS_V2) === 0 && attachments(loose(message.attachments, message.embeds)),
      (flags & SUPPRESS_EMBEDS) === 0 && (message.embeds ?? []).map((one) => embed(one, store)),
    ];
  }

  #drawControls() {
    const { message, store } = this;
    const onUse = (part, values, control) => this.actions.onUse(this, part, values, control);
    return components(message.components, { store, message, onUse });
  }

  #drawFoot() {
    const { message, store } = this;
    return [
      reactions(message.reactions, store, (emoji) => this.actions.onReact(this.message, emoji)),
      message.thread && threadCard(message.thread, store),
      (message.flags & EPHEMERAL) !== 0 && this.#ephemeralNote(),
    ];
  }

  #ephemeralNote() {
    const dismiss = button(
      { class: "text-button", on: { click: () => this.actions.onDismiss(this.message) } },
      "Dismiss message",
    );
    return el(
      "div",
      { class: "ephemeral-note" },
      icon("eye"),
      el("span", {}, "Only you can see this"),
      " • ",
      dismiss,
    );
  }
}

function mentionsMe(message, store) {
  if (message.author.id === store.user?.id) return false;
  return (
    Boolean(message.mention_everyone) ||
    (message.mentions ?? []).some((one) => one.id === store.user?.id)
  );
}

// A form's answer names the command that opened the form.
/** What the person did whom a message answers; null for other messages. */
export function commandOf(metadata) {
  const origin = metadata?.name ? metadata : metadata?.triggering_interaction_metadata;
  if (!origin?.name) return null;
  return (origin.command_type ?? 1) === 1 ? `/${origin.name}` : origin.name;
}

function commandLine(caller, command, store) {
  const name = el("span", { class: "author" }, nameOf(caller));
  return el(
    "div",
    { class: "message-reply" },
    avatar(caller, store, 32),
    name,
    " used ",
    el("span", { class: "mention" }, command),
  );
}

function replyLine(target, store, actions) {
  if (!target)
    return el("div", { class: "message-reply" }, el("em", {}, "Original message was deleted"));
  const preview = target.content
    ? line(target.content.split("\n")[0], store)
    : el("em", {}, "Click to see attachment");
  const text = button(
    {
      class: "reply-preview",
      on: { click: () => actions.onJump(target) },
      "aria-label": `Reply to ${nameOf(target.author)}: ${plain(target.content ?? "", store)}`,
    },
    preview,
  );
  return el(
    "div",
    { class: "message-reply" },
    avatar(target.author, store, 32),
    el("span", { class: "author" }, nameOf(target.author)),
    text,
  );
}

function thinking(name) {
  const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
  return el("span", { class: "thinking" }, dots, `${name} is thinking…`);
}

function threadCard(thread, store) {
  return button(
    { class: "thread-card", on: { click: () => store.open(thread.id) } },
    icon("thread"),
    el("span", { class: "thread-name" }, store.channel(thread.id)?.name ?? thread.name),
    el("span", { class: "thread-more" }, "See thread"),
  );
}
