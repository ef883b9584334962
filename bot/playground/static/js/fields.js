// Inputs of a modal: each has a node, its custom id, its value and what is wrong with it.
import { button, el, fill, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { body } from "./markup.js";
import { emojiNode } from "./reactions.js";
import { selectControl } from "./select.js";
import { choicesOf } from "./choices.js";
import { filesOf, preview } from "./uploads.js";

const REQUIRED = "This field is required.";

/**
 * One top-level component of a modal as {node, input?}; `input` =
 * {customId, value(), files(), problem(), focus()}. Rows are the older form of labels.
 */
export function field(part, store) {
  if (part.type === 10)
    return { node: el("div", { class: "field text-display" }, body(part.content, store)) };
  if (part.type === 1)
    return labelled({ label: part.components[0].label, component: part.components[0] }, store);
  if (part.type === 18) return labelled(part, store);
  return { node: null };
}

function labelled({ label, description, component }, store) {
  const id = freshId("field");
  const isRequired = component.required ?? component.type !== 23;
  const make = INPUTS[component.type];
  if (!make) return { node: null };
  const problem = el("div", { class: "field-problem", id: `${id}-problem`, role: "alert" });
  const help = description && el("div", { class: "field-help", id: `${id}-help` }, description);
  const input = make(component, { id, label, store, isRequired });
  const star = isRequired && el("span", { class: "field-star", "aria-hidden": "true" }, "*");
  const isGroup = input.isGroup ?? false;
  const title = isGroup
    ? el("div", { class: "field-label", id }, label, star)
    : el("div", { class: "field-label" }, el("label", { for: id }, label), star);
  input.control.setAttribute(
    "aria-describedby",
    [help && `${id}-help`, `${id}-problem`].filter(Boolean).join(" "),
  );
  const check = () => {
    const text = input.problem();
    problem.textContent = text;
    input.control.setAttribute("aria-invalid", String(text !== ""));
    return text;
  };
  input.control.addEventListener("input", () => problem.textContent && check());
  return {
    node: el("div", { class: "field" }, title, help, input.node ?? input.control, problem),
    input: { ...input, customId: component.custom_id, check },
  };
}

const INPUTS = {
  3: chooser,
  4: textInput,
  5: chooser,
  6: chooser,
  7: chooser,
  8: chooser,
  19: fileInput,
  21: (part, facts) => options(part, facts, "radio"),
  22: (part, facts) => options(part, facts, "checkbox"),
  23: checkbox,
};

function textInput(part, { id, isRequired }) {
  const isLong = part.style === 2;
  const control = el(isLong ? "textarea" : "input", {
    id,
    class: "field-input",
    type: isLong ? null : "text",
    rows: isLong ? 5 : null,
    placeholder: part.placeholder,
    maxlength: part.max_length ?? 4000,
    required: isRequired,
    value: part.value ?? "",
    autocomplete: "off",
  });
  const counter = el("span", { class: "field-counter", "aria-hidden": "true" });
  const count = () =>
    (counter.textContent = isLong ? `${control.value.length}/${part.max_length ?? 4000}` : "");
  control.addEventListener("input", count);
  count();
  const problem = () => {
    const { length } = control.value;
    if (length === 0) return isRequired ? REQUIRED : "";
    return length < (part.min_length ?? 0) ? `Must be ${part.min_length} or more characters.` : "";
  };
  return {
    control,
    node: el("div", { class: "field-frame" }, control, counter),
    value: () => control.value,
    problem,
  };
}

function chooser(part, { id, label, store, isRequired }) {
  let values = choicesOf(part, store)
    .filter((choice) => choice.isDefault)
    .map((choice) => choice.value);
  const control = selectControl(
    { ...part, min_values: isRequired ? (part.min_values ?? 1) : 0 },
    store,
    (chosen) => (values = chosen),
    label,
  );
  control.id = id;
  const least = part.min_values ?? 1;
  const problem = () => {
    if (values.length === 0) return isRequired ? REQUIRED : "";
    return values.length < least ? `Choose at least ${least}.` : "";
  };
  return { control, value: () => values, problem };
}

function options(part, { id, isRequired }, kind) {
  const name = freshId("choice");
  const boxes = (part.options ?? []).map((option) =>
    el("input", { type: kind, name, value: option.value, checked: Boolean(option.default) }),
  );
  const rows = boxes.map((box, index) => optionRow(box, part.options[index]));
  const control = el(
    "div",
    { class: "options", role: kind === "radio" ? "radiogroup" : "group", "aria-labelledby": id },
    rows,
  );
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const [least, most] = [part.min_values ?? 1, part.max_values ?? boxes.length];
  const problem = () => {
    const { length } = chosen();
    if (length === 0) return isRequired ? REQUIRED : "";
    if (kind === "radio") return "";
    if (length < least) return `Choose at least ${least}.`;
    return length > most ? `Choose ${most} at most.` : "";
  };
  const value = () => (kind === "radio" ? (chosen()[0] ?? null) : chosen());
  return { control, isGroup: true, value, problem, focus: () => boxes[0]?.focus() };
}

function optionRow(box, option) {
  const description = option.description && el("small", {}, option.description);
  return el(
    "label",
    { class: "option-row" },
    box,
    option.emoji && emojiNode(option.emoji),
    el("span", {}, option.label, description),
  );
}

function checkbox(part, { id }) {
  const control = el("input", {
    id,
    type: "checkbox",
    class: "field-check",
    checked: Boolean(part.default),
  });
  return { control, value: () => control.checked, problem: () => "" };
}

function fileInput(part, { id, isRequired }) {
  const most = part.max_values ?? 1;
  const least = isRequired ? (part.min_values ?? 1) : 0;
  let files = [];
  const control = el("input", { id, type: "file", class: "visually-hidden", multiple: most > 1 });
  const list = el("ul", { class: "field-files" });
  const show = () =>
    fill(
      list,
      files.map((file) => fileRow(file, () => keep(files.filter((one) => one !== file)))),
    );
  const keep = (next) => {
    files = next.slice(0, most);
    show();
  };
  const choose = button(
    {
      class: "push-button is-secondary",
      "aria-hidden": "true",
      tabindex: -1,
      on: { click: () => control.click() },
    },
    "Choose files",
  );
  const zone = el(
    "div",
    { class: "drop-zone" },
    control,
    el("span", {}, "Drop files here or ", choose),
    list,
  );
  control.addEventListener("change", () =>
    keep(most > 1 ? [...files, ...control.files] : [...control.files]),
  );
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    keep([...files, ...filesOf(event.dataTransfer)]);
  });
  const problem = () => {
    if (files.length >= least) return "";
    return files.length === 0 ? REQUIRED : `Choose at least ${least} files.`;
  };
  return { control, node: zone, value: () => null, files: () => files, problem };
}

function fileRow(file, remove) {
  const drop = button(
    { class: "icon-button", "aria-label": `Remove ${file.name}`, on: { click: remove } },
    icon("trash"),
  );
  return el("li", {}, preview(file), el("span", {}, file.name), drop);
}
