// The command line: chips for a chosen command and its options around the one text input.
import { cutOptions, optionNamed } from "./commands.js";
import { button, el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { Kind, readyChoices, valueOf } from "./optionvalues.js";
import { tooLarge } from "./uploads.js";

const AUTOCOMPLETE_WAIT = 150;
const SHOWN = 25;

export class CommandLine {
  /** The chosen command, or null while no command line is open. */
  command = null;
  #values = new Map();
  #active = null;
  #timer = 0;
  #asked = 0;

  /** `input` the textarea, `list` its Listbox; `complete(command, options, name)` asks the bot; `run(command, options, files)`. */
  constructor({ input, list, store, complete, run, onChange, onProblem }) {
    Object.assign(this, { input, list, store, complete, run, onChange, onProblem });
    this.before = el("div", { class: "chips" });
    this.label = el("span", { class: "chip-label", hidden: true });
    this.after = el("div", { class: "chips" });
    this.picker = el("input", {
      type: "file",
      class: "visually-hidden",
      tabindex: -1,
      "aria-hidden": "true",
    });
    this.picker.addEventListener("change", () => this.attach(this.picker.files[0]));
    this.label.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get isOpen() {
    return this.command !== null;
  }

  /** Takes a command; `typed` is what already followed its name. */
  begin(command, typed = "") {
    this.command = command;
    this.#values = new Map();
    this.#active = null;
    this.input.value = "";
    this.onProblem("");
    if (typed.trim()) this.#readTyped(typed);
    else this.#advance();
    this.input.focus();
  }

  leave() {
    this.command = null;
    this.#active = null;
    this.#values.clear();
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.input.value = "";
    this.onProblem("");
    this.list.hide();
    this.#draw();
  }

  // ---- typing ------------------------------------------------------------------------------------

  onInput() {
    const text = this.input.value.replaceAll("\n", " ");
    if (text !== this.input.value) this.input.value = text;
    this.onProblem("");
    const parts = cutOptions(this.command, text);
    if (parts.some(([name]) => name !== null && name !== this.#active?.name))
      return this.#readTyped(text);
    if (this.#active) this.#values.delete(this.#active.name);
    else if (text && this.#matching(text).length === 0)
      this.#activate(this.#unfilled()[0] ?? null, text);
    return this.#suggest();
  }

  // Text such as "name:Ann age:3", typed or pasted at once, fills the options it names.
  #readTyped(text) {
    const current = this.#active ?? this.#unfilled()[0] ?? null;
    for (const [name, value] of cutOptions(this.command, text)) {
      const option = name === null ? current : optionNamed(this.command, name);
      if (!option) continue;
      this.#commit();
      this.#activate(option, value);
    }
    this.#suggest();
  }

  /** Returns true when the key was for the command line. */
  onKey(event) {
    const handler = this.#keys()[event.shiftKey ? `Shift+${event.key}` : event.key];
    return handler ? handler() !== false : false;
  }

  #keys() {
    return {
      Escape: () => this.leave(),
      Enter: () => this.#enter(),
      "Shift+Enter": () => this.#enter(),
      Tab: () => this.#tab(),
      "Shift+Tab": () => this.#back(),
      ArrowDown: () => this.list.move(1),
      ArrowUp: () => this.list.move(-1),
      Backspace: () => (this.input.value === "" ? this.#back(true) : false),
    };
  }

  #enter() {
    if (this.list.active) return this.#pick(this.list.active);
    if (this.#active?.type === Kind.ATTACHMENT && !this.#values.has(this.#active.name))
      return this.picker.click();
    return this.#submit();
  }

  #tab() {
    if (this.list.active) return this.#pick(this.list.active);
    if (this.#active) {
      if (!this.#commit()) return true;
      const next = this.#unfilled().find((option) => option !== this.#active);
      this.#activate(next ?? null);
      this.#suggest();
      return true;
    }
    const [next] = this.#unfilled();
    if (!next) return false;
    this.#activate(next);
    return this.#suggest();
  }

  #back(isErasing = false) {
    const filled = [...this.#values.keys()].filter((name) => name !== this.#active?.name);
    if (this.#active && isErasing) this.#values.delete(this.#active.name);
    if (filled.length === 0) {
      if (!isErasing) return false;
      if (this.#active && !this.#active.required) this.#activate(null);
      else return this.leave();
      return this.#suggest();
    }
    this.#commit(true);
    this.#activate(optionNamed(this.command, filled.at(-1)));
    return this.#suggest();
  }

  // ---- values ------------------------------------------------------------------------------------

  #unfilled() {
    const open = this.command.options.filter((option) => !this.#values.has(option.name));
    return [
      ...open.filter((option) => option.required),
      ...open.filter((option) => !option.required),
    ];
  }

  #matching(text) {
    const wanted = text.trim().toLowerCase();
    return this.#unfilled().filter((option) =>
      [option.shownName, option.name].some((name) => name.toLowerCase().startsWith(wanted)),
    );
  }

  #activate(option, text) {
    this.#active = option;
    const held = option && this.#values.get(option.name);
    this.input.value = text ?? held?.text ?? "";
    this.#draw();
  }

  // Stores what stands in the input; false (and a sentence) if it cannot be a value.
  #commit(isLenient = false) {
    const option = this.#active;
    const text = this.input.value;
    if (!option || option.type === Kind.ATTACHMENT || text === "") return true;
    if (this.#values.get(option.name)?.text === text) return true;
    const { value, problem } = valueOf(option, text, this.store);
    if (problem === undefined) this.#values.set(option.name, { text, value });
    else if (!isLenient) this.onProblem(`${option.shownName}: ${problem}`);
    return problem === undefined;
  }

  #pick(entry) {
    if (entry.option) this.#activate(entry.option);
    else {
      this.#values.set(this.#active.name, { text: entry.label, value: entry.value });
      this.#advance();
    }
    return this.#suggest();
  }

  /** Gives the active attachment option its file. */
  attach(file) {
    const option =
      this.#active?.type === Kind.ATTACHMENT
        ? this.#active
        : this.#unfilled().find((one) => one.type === Kind.ATTACHMENT);
    this.picker.value = "";
    if (!file || !option) return;
    const problem = tooLarge(file);
    if (problem) {
      this.onProblem(problem);
      return;
    }
    this.#values.set(option.name, { text: file.name, file });
    this.#advance();
    this.#suggest();
    this.input.focus();
  }

  #advance() {
    this.#activate(this.#unfilled().find((option) => option.required) ?? null, "");
    this.#suggest();
  }

  #submit() {
    if (this.#active === null && this.input.value.trim())
      return this.onProblem(`“${this.input.value.trim()}” is not an option of this command.`);
    if (!this.#commit()) return undefined;
    const [missing] = this.#unfilled().filter((option) => option.required);
    if (missing) {
      this.#activate(missing);
      this.#suggest();
      return this.onProblem(`${missing.shownName}: this option is required. Specify a value.`);
    }
    const { command } = this;
    const [options, files] = this.#collect();
    this.leave();
    return this.run(command, options, files);
  }

  #collect() {
    const files = [];
    const options = {};
    for (const [name, held] of this.#values)
      options[name] = held.file ? files.push(held.file) - 1 : held.value;
    return [options, files];
  }

  // ---- suggestions -------------------------------------------------------------------------------

  #suggest() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const option = this.#active;
    if (!option)
      return this.#show(this.#matching(this.input.value).map(optionEntry), "Options", -1);
    const choices = readyChoices(option, this.store);
    if (choices)
      return this.#showChoices(choices.filter((choice) => holds(choice, this.input.value)));
    if (!option.autocomplete) return this.#show([], "Choices", -1);
    this.#show([], "Choices", -1, "Loading options…");
    this.#timer = setTimeout(() => this.#ask(option), AUTOCOMPLETE_WAIT);
    return undefined;
  }

  async #ask(option) {
    const asked = this.#asked;
    const [options] = this.#collect();
    options[option.name] = this.input.value;
    const choices = await this.complete(this.command, options, option.name);
    if (asked !== this.#asked) return;
    if (choices === null) this.#show([], "Choices", -1, "Loading options failed");
    else this.#showChoices(choices.map((choice) => ({ label: choice.name, value: choice.value })));
  }

  // A suggestion that has nothing of the typed text is offered but not taken by Enter.
  #showChoices(choices) {
    const entries = choices
      .slice(0, SHOWN)
      .map((choice) => ({ label: choice.label, detail: choice.description, value: choice.value }));
    const typed = this.input.value.trim().toLowerCase();
    const exact = entries.findIndex((entry) => entry.label.toLowerCase() === typed);
    const active =
      exact >= 0 ? exact : entries.findIndex((entry) => entry.label.toLowerCase().includes(typed));
    this.#show(entries, "Choices", active, entries.length ? "" : "No options match your search");
  }

  #show(entries, label, active, note = "") {
    const hint = this.#active ?? null;
    const heading = hint
      ? [el("b", {}, hint.shownName), hint.shownDescription]
      : [el("b", {}, `/${this.command.shownPath}`), this.command.description];
    const title = el(
      "div",
      {},
      heading[0],
      " ",
      el("span", {}, heading[1]),
      note && el("div", { class: "listbox-empty", role: "status" }, note),
    );
    this.list.show({ entries, label, title, active, onPick: (entry) => this.#pick(entry) });
  }

  // ---- chips -------------------------------------------------------------------------------------

  #draw() {
    const { command } = this;
    const option = this.#active;
    const filled = command ? [...this.#values.keys()].filter((name) => name !== option?.name) : [];
    const open = command ? this.#unfilled().filter((one) => one !== option) : [];
    fill(
      this.before,
      command && el("span", { class: "chip-command" }, `/${command.shownPath}`),
      filled.map((name) => this.#chip(name)),
    );
    fill(this.label, option?.shownName, option?.type === Kind.ATTACHMENT && icon("plus"));
    this.label.hidden = !option;
    this.label.onclick = option?.type === Kind.ATTACHMENT ? () => this.picker.click() : null;
    this.picker.dataset.option = option?.name ?? "";
    fill(
      this.after,
      open.filter((one) => one.required).map((one) => this.#openChip(one)),
      optionalCount(open),
    );
    this.onChange(option);
  }

  #chip(name) {
    const option = optionNamed(this.command, name);
    const { text } = this.#values.get(name);
    return this.#chipButton(option, "chip", `${option.shownName}: ${text}`, [
      el("b", {}, option.shownName),
      el("span", {}, text),
    ]);
  }

  #openChip(option) {
    return this.#chipButton(option, "chip is-open", `${option.shownName}, required`, [
      el("b", {}, option.shownName),
    ]);
  }

  #chipButton(option, className, label, content) {
    const choose = () => {
      this.#commit(true);
      this.#activate(option);
      this.#suggest();
      this.input.focus();
    };
    return button({ class: className, "aria-label": label, on: { click: choose } }, content);
  }
}

function optionalCount(open) {
  const count = open.filter((option) => !option.required).length;
  return count > 0 && el("span", { class: "chip-more" }, `+${count} optional`);
}

function optionEntry(option) {
  return {
    label: option.shownName,
    detail: option.shownDescription,
    note: option.required ? "required" : "optional",
    option,
  };
}

function holds(choice, text) {
  const wanted = text.trim().toLowerCase();
  return [choice.label, choice.description].some((one) => one?.toLowerCase().includes(wanted));
}
