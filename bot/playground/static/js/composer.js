// The input at the bottom: text, files, replies, and the command line.
import { CommandLine } from "./commandline.js";
import { search, slashCommands, split } from "./commands.js";
import { button, el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { Listbox } from "./listbox.js";
import { encode, offers, wordAt } from "./mentions.js";
import { showMenu } from "./popover.js";
import { nameOf } from "./store.js";
import { Uploads, filesOf } from "./uploads.js";

const LONGEST = 2000;
const COUNTED_FROM = 1800;
const TYPING_EVERY = 8000;
const SEND_MESSAGES = 11;
const SEND_IN_THREADS = 38;

export class Composer {
  #replyTo = null;
  #drafts = new Map();
  #typedAt = 0;
  #word = null;

  /** `does` = {send, complete, run, typing, thread, editLast, toast}. */
  constructor({ store, does }) {
    Object.assign(this, { store, does });
    this.input = el("textarea", {
      class: "input",
      rows: 1,
      autocomplete: "off",
      spellcheck: "true",
      enterkeyhint: "send",
    });
    this.list = new Listbox(this.input);
    this.uploads = new Uploads((problem) => does.toast(problem));
    this.line = new CommandLine({
      input: this.input,
      list: this.list,
      store,
      complete: does.complete,
      run: does.run,
      onChange: (option) => this.#onCommandChange(option),
      onProblem: (text) => this.#problem(text),
    });
    this.problem = el("div", { class: "composer-problem", role: "alert" });
    this.counter = el("span", { class: "counter", "aria-live": "polite" });
    this.reply = el("div", { class: "reply-bar", hidden: true });
    this.picker = el("input", {
      type: "file",
      multiple: true,
      class: "visually-hidden",
      tabindex: -1,
      "aria-label": "Upload a File",
    });
    this.node = this.#build();
    this.#listen();
  }

  #build() {
    const plus = button(
      {
        class: "icon-button composer-plus",
        "aria-label": "Add files, threads and commands",
        on: { click: (event) => this.#openPlus(event.currentTarget) },
      },
      icon("plus"),
    );
    const send = button(
      {
        class: "icon-button composer-send",
        "aria-label": "Send Message",
        on: { click: () => this.#enter() },
      },
      icon("send"),
    );
    const entry = el("div", { class: "composer-entry" }, this.line.label, this.input);
    const field = el("div", { class: "composer-field" }, this.line.before, entry, this.line.after);
    return el(
      "form",
      { class: "composer", on: { submit: (event) => event.preventDefault() } },
      this.list.node,
      this.reply,
      this.uploads.node,
      el("div", { class: "composer-row" }, plus, field, this.counter, send),
      this.problem,
      this.picker,
      this.line.picker,
    );
  }

  #listen() {
    this.input.addEventListener("input", () => this.#onInput());
    this.input.addEventListener("keydown", (event) => this.#onKey(event));
    this.input.addEventListener("blur", () => this.line.isOpen || this.list.hide());
    this.input.addEventListener("paste", (event) =>
      this.#take(event, filesOf(event.clipboardData)),
    );
    this.picker.addEventListener("change", () => {
      this.takeFiles([...this.picker.files]);
      this.picker.value = "";
    });
    // What can be typed here depends on the bot's commands and the language.
    for (const event of ["commands", "loaded"]) this.store.on(event, () => this.#offerAgain());
  }

  // ---- where one writes ----------------------------------------------------------------------------

  /** Turns to another channel; what was typed in the last one waits there. */
  open(channel) {
    if (this.channel && !this.line.isOpen) this.#drafts.set(this.channel.id, this.input.value);
    if (this.line.isOpen) this.line.leave();
    this.list.hide();
    this.replyTo(null);
    this.channel = channel;
    this.#setText(this.#drafts.get(channel.id) ?? "");
    this.refresh();
  }

  /** Names and permissions may have changed. */
  refresh() {
    const label = `Message ${this.store.channelLabel(this.channel)}`;
    const bit =
      this.channel.type >= 10 && this.channel.type <= 12 ? SEND_IN_THREADS : SEND_MESSAGES;
    const mayWrite = this.channel.type === 1 || this.store.may(bit, this.channel.id);
    this.input.setAttribute("aria-label", label);
    this.placeholder = mayWrite
      ? label
      : "You do not have permission to send messages in this channel.";
    this.input.placeholder = this.placeholder;
    this.input.disabled = !mayWrite;
    this.node.classList.toggle("is-locked", !mayWrite);
  }

  focus() {
    this.input.focus();
  }

  /** Writes at the caret. */
  insert(text) {
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.focus();
    this.#fit();
  }

  replyTo(message) {
    this.#replyTo = message;
    this.reply.hidden = message === null;
    if (message === null) return;
    const stop = button(
      {
        class: "icon-button",
        "aria-label": "Cancel reply",
        on: { click: () => this.replyTo(null) },
      },
      icon("close"),
    );
    fill(this.reply, el("span", {}, "Replying to ", el("b", {}, nameOf(message.author))), stop);
    this.focus();
  }

  /** Opens the command line for a command path, as a mention of it does. */
  startCommand(path) {
    const command = this.#commands().find((one) => one.path === path);
    if (command) this.#begin(command);
  }

  takeFiles(files) {
    if (this.line.isOpen) this.line.attach(files[0]);
    else this.uploads.add(files);
    this.focus();
  }

  // ---- typing ------------------------------------------------------------------------------------

  #onInput() {
    this.#fit();
    if (this.line.isOpen) return this.line.onInput();
    const text = this.input.value;
    this.#count(text);
    this.#announceTyping(text);
    if (text.startsWith("/")) return this.#offerCommands(text.slice(1));
    return this.#offerNames(text);
  }

  #offerAgain() {
    const isTyping = document.activeElement === this.input && this.input.value.startsWith("/");
    if (isTyping && !this.line.isOpen) this.#offerCommands(this.input.value.slice(1));
  }

  #offerCommands(typed) {
    const commands = this.#commands();
    const exact = split(commands, typed);
    if (exact) return this.#begin(exact.command, exact.rest);
    const found = search(commands, typed);
    if (found.length === 0) return this.list.hide();
    const app = nameOf(this.store.me);
    return this.list.show({
      label: "Commands",
      title: typed ? `Commands matching /${typed}` : app,
      entries: found.map((command) => ({
        label: `/${command.shownPath}`,
        detail: command.description,
        note: app,
        command,
      })),
      onPick: (entry) => this.#begin(entry.command),
    });
  }

  #offerNames(text) {
    this.#word =
      this.input.selectionStart === null ? null : wordAt(text, this.input.selectionStart);
    const entries = this.#word ? offers(this.#word, this.store) : [];
    // A name typed in full needs no help; Enter then sends.
    const isWhole = entries.some(
      (entry) => entry.label.toLowerCase() === this.#word.text.toLowerCase(),
    );
    if (entries.length === 0 || isWhole) return this.list.hide();
    return this.list.show({
      label: "Suggestions",
      entries,
      onPick: (entry) => this.#insert(entry),
    });
  }

  #insert(entry) {
    const { start, text } = this.#word;
    this.input.setRangeText(entry.insert, start, start + text.length + 1, "end");
    this.list.hide();
    this.#fit();
  }

  #begin(command, typed = "") {
    this.list.hide();
    this.line.begin(command, typed);
  }

  #commands() {
    return slashCommands(this.store, this.channel);
  }

  #onKey(event) {
    // A key that ends an input method's word is not meant for the page.
    if (event.isComposing) return;
    const isHandled = this.line.isOpen ? this.line.onKey(event) : this.#onTextKey(event);
    if (isHandled) event.preventDefault();
  }

  #onTextKey(event) {
    if (this.list.isOpen) return this.#onListKey(event);
    if (event.key === "Enter" && !event.shiftKey) return this.#enter();
    if (event.key === "Escape" && this.#replyTo) return this.replyTo(null) ?? true;
    if (event.key === "ArrowUp" && this.input.value === "") return this.does.editLast();
    return false;
  }

  #onListKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) return this.list.move(step) ?? true;
    if (event.key === "Escape") return this.list.hide() ?? true;
    if (event.shiftKey || (event.key !== "Enter" && event.key !== "Tab")) return false;
    const { active } = this.list;
    if (active?.command) this.#begin(active.command);
    else if (active) this.#insert(active);
    return active !== null;
  }

  #enter() {
    if (this.line.isOpen) this.line.onKey(new KeyboardEvent("keydown", { key: "Enter" }));
    else this.#send();
    return true;
  }

  // ---- sending -----------------------------------------------------------------------------------

  async #send() {
    const content = encode(this.input.value.trim(), this.store);
    if (!content && this.uploads.files.length === 0) return;
    if (content.length > LONGEST)
      return this.#problem(`Your message is too long: ${content.length} of ${LONGEST} characters.`);
    const { channel, input } = this;
    const [typed, files, reply] = [input.value, this.uploads.take(), this.#replyTo];
    this.#setText("");
    this.replyTo(null);
    this.#typedAt = 0;
    const isSent = await this.does.send(channel, content, files, reply?.id);
    // Nothing written is lost when the server refuses it.
    if (isSent || channel !== this.channel || input.value) return;
    this.#setText(typed);
    this.uploads.add(files);
  }

  #setText(text) {
    this.input.value = text;
    this.#problem("");
    this.#count(text);
    this.#fit();
  }

  #announceTyping(text) {
    if (!text || text.startsWith("/") || Date.now() - this.#typedAt < TYPING_EVERY) return;
    this.#typedAt = Date.now();
    this.does.typing(this.channel);
  }

  #count(text) {
    this.counter.textContent = text.length > COUNTED_FROM ? String(LONGEST - text.length) : "";
    this.counter.classList.toggle("is-over", text.length > LONGEST);
  }

  #problem(text) {
    this.problem.textContent = text;
  }

  // The input grows with its text; the style sheet sets where it begins to scroll.
  #fit() {
    this.input.style.height = "auto";
    if (this.input.value) this.input.style.height = `${this.input.scrollHeight}px`;
  }

  #onCommandChange(option) {
    const isOpen = this.line.isOpen;
    this.node.classList.toggle("is-command", isOpen);
    const wanted = option?.type === 11 ? "Drop, paste or press Enter to choose a file" : "";
    this.input.placeholder = isOpen ? wanted : this.placeholder;
    if (option)
      this.input.setAttribute(
        "aria-description",
        `${option.shownName}: ${option.shownDescription}`,
      );
    else this.input.removeAttribute("aria-description");
    this.#count("");
    this.#fit();
  }

  #openPlus(anchor) {
    const isPlace = this.channel.type === 0 || this.channel.type === 5;
    showMenu(
      anchor,
      [
        { label: "Upload a File", icon: "file", run: () => this.picker.click() },
        isPlace && { label: "Create Thread", icon: "thread", run: () => this.does.thread(null) },
        { label: "Use Apps", icon: "slash", run: () => this.#typeSlash() },
      ],
      "Add",
    );
  }

  #typeSlash() {
    if (this.line.isOpen) this.line.leave();
    this.#setText("/");
    this.focus();
    this.#onInput();
  }

  #take(event, files) {
    if (files.length === 0) return;
    event.preventDefault();
    this.takeFiles(files);
  }
}
