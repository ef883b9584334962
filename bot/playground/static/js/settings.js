// Settings: language, appearance, and the switches of this stand-in for Discord.
import { button, el, fill, freshId } from "./dom.js";
import { openDialog } from "./dialogs.js";
import { icon } from "./icons.js";
import { LOCALES } from "./people.js";

const THEMES = { dark: "Dark", light: "Light" };

const EDITS = "^(POST|PATCH) /(channels|webhooks)";

/** Faults one can press: a rule for the stand-in and what it does in words. */
const FAULTS = [
  {
    label: "Rate limit (429)",
    help: "The next 5 posts and edits must wait 2 seconds.",
    rule: { match: EDITS, action: "limit", count: 5, retry_after: 2 },
  },
  {
    label: "Slow answers",
    help: "Every post and edit takes a second longer.",
    rule: { match: EDITS, action: "lag", count: null, seconds: 1 },
  },
  {
    label: "Server errors (502)",
    help: "The next 3 posts and edits fail.",
    rule: { match: EDITS, action: "error", count: 3, status: 502 },
  },
  {
    label: "Dropped connections",
    help: "The next 2 edits lose their connection.",
    rule: { match: "^PATCH ", action: "drop", count: 2 },
  },
];

const INTENTS = {
  message_content: "Message content",
  members: "Server members",
  presences: "Presence",
};

/** `does` = {setLocale, setTheme, theme(), addFault(rule), clearFault(id), dropGateway, setIntent(name, on)}. */
export function openSettings(store, does) {
  const content = el("div", { class: "settings" });
  const draw = () =>
    fill(
      content,
      language(store, does),
      appearance(does),
      faults(store, does),
      intents(store, does),
    );
  const redraw = new AbortController();
  store.addEventListener("loaded", draw, { signal: redraw.signal });
  draw();
  openDialog({ title: "Settings", content, className: "is-wide", onClose: () => redraw.abort() });
}

function group(title, help, ...rows) {
  return el(
    "section",
    { class: "settings-group" },
    el("h3", {}, title),
    help && el("p", { class: "field-help" }, help),
    rows,
  );
}

function chooser(label, entries, value, onChange) {
  const id = freshId("setting");
  const options = Object.entries(entries).map(([key, text]) =>
    el("option", { value: key, selected: key === value }, text),
  );
  const control = el(
    "select",
    { id, class: "select", on: { change: () => onChange(control.value) } },
    options,
  );
  return el("div", { class: "settings-row" }, el("label", { for: id }, label), control);
}

function toggle(label, help, isOn, onChange) {
  const id = freshId("setting");
  const control = el("input", {
    id,
    type: "checkbox",
    role: "switch",
    class: "switch",
    checked: isOn,
    on: { change: () => onChange(control.checked) },
  });
  return el(
    "div",
    { class: "settings-row" },
    el("label", { for: id }, label, help && el("small", {}, help)),
    control,
  );
}

function language(store, does) {
  return group(
    "Language",
    "Bots see this language and answer in it.",
    chooser("Language", LOCALES, store.locale, does.setLocale),
  );
}

function appearance(does) {
  return group("Appearance", null, chooser("Theme", THEMES, does.theme(), does.setTheme));
}

function faults(store, does) {
  const presets = FAULTS.map(({ label, help, rule }) =>
    el(
      "div",
      { class: "settings-row" },
      el("div", {}, el("b", {}, label), el("small", {}, help)),
      button(
        {
          class: "push-button is-secondary",
          "aria-label": `Start: ${label}`,
          on: { click: () => does.addFault(rule) },
        },
        "Start",
      ),
    ),
  );
  const gateway = el(
    "div",
    { class: "settings-row" },
    el(
      "div",
      {},
      el("b", {}, "Gateway drop"),
      el("small", {}, "Cuts the bot's event line; it has to resume."),
    ),
    button(
      {
        class: "push-button is-secondary",
        "aria-label": "Start: Gateway drop",
        on: { click: does.dropGateway },
      },
      "Cut",
    ),
  );
  return group(
    "Trouble on purpose",
    "See how the bot behaves when Discord does not.",
    presets,
    gateway,
    running(store, does),
  );
}

function running(store, does) {
  const active = store.faults.filter((fault) => fault.count !== 0);
  if (active.length === 0) return null;
  return el(
    "ul",
    { class: "fault-list", "aria-label": "Running" },
    active.map((fault) => {
      const name =
        FAULTS.find(({ rule }) => rule.action === fault.action)?.label ??
        `${fault.action} ${fault.match}`;
      const left = fault.count === null ? "until stopped" : `${fault.count} left`;
      return el(
        "li",
        {},
        icon("bug"),
        el("span", {}, `${name}: ${left}`),
        button(
          {
            class: "text-button",
            "aria-label": `Stop ${name}`,
            on: { click: () => does.clearFault(fault.id) },
          },
          "Stop",
        ),
      );
    }),
  );
}

function intents(store, does) {
  const rows = Object.entries(INTENTS)
    .filter(([name]) => name in store.intents)
    .map(([name, label]) =>
      toggle(label, null, Boolean(store.intents[name]), (on) => does.setIntent(name, on)),
    );
  return rows.length
    ? group("Privileged intents", "The switches of the bot's page in the developer portal.", rows)
    : null;
}
