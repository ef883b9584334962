// Select menus. One choice: the browser's own select, so that every assistive tool knows it.
// Several choices: a combobox button with a list that stays open until it is left.
import { choicesOf } from "./choices.js";
import { button, el, freshId, walk } from "./dom.js";
import { icon } from "./icons.js";
import { showPopover } from "./popover.js";
import { emojiNode } from "./reactions.js";

/** `onChoose(values, control)` runs once a choice is made. */
export function selectControl(part, store, onChoose, label) {
  const choices = choicesOf(part, store);
  const most = Math.min(part.max_values ?? 1, choices.length || 1);
  const name = label ?? part.placeholder ?? "Make a selection";
  const make = most > 1 || (part.min_values ?? 1) === 0 ? multiple : single;
  return make({ part, store, choices, most, name, onChoose });
}

function single({ part, choices, name, onChoose }) {
  const control = el("select", {
    class: "select",
    "aria-label": name,
    disabled: Boolean(part.disabled),
    dataset: { customId: part.custom_id },
    on: { change: () => onChoose([control.value], control) },
  });
  // The picture of the choice inside the closed select, for browsers that can draw it.
  control.append(el("button", { type: "button" }, el("selectedcontent")));
  const isChosen = choices.some((choice) => choice.isDefault);
  control.append(
    el(
      "option",
      { value: "", disabled: true, hidden: true, selected: !isChosen },
      part.placeholder ?? "Make a selection",
    ),
  );
  control.append(...choices.map(option));
  return control;
}

// An option is its label alone, which is what it is found by; the style sheet shows the rest.
function option(choice) {
  const { label, value, description, emoji, isDefault } = choice;
  const extra = { description: description ?? "", emoji: emoji && !emoji.id ? emoji.name : "" };
  return el(
    "option",
    {
      value,
      selected: isDefault,
      "aria-label": label,
      "aria-description": description,
      dataset: extra,
    },
    label,
  );
}

function optionParts(choice, store) {
  const description =
    choice.description && el("span", { class: "option-description" }, choice.description);
  return [
    choice.emoji && emojiNode(choice.emoji, store),
    el(
      "span",
      { class: "option-text" },
      el("span", { class: "option-label" }, choice.label),
      description,
    ),
  ];
}

function multiple({ part, store, choices, most, name, onChoose }) {
  const chosen = new Set(
    choices.filter((choice) => choice.isDefault).map((choice) => choice.value),
  );
  const list = freshId("choices");
  const text = el("span", { class: "select-text" });
  const control = button(
    {
      class: "select select-many",
      role: "combobox",
      "aria-label": name,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": list,
      disabled: Boolean(part.disabled),
      dataset: { customId: part.custom_id },
    },
    text,
    icon("chevron"),
  );
  const show = () => {
    const labels = choices
      .filter((choice) => chosen.has(choice.value))
      .map((choice) => choice.label);
    text.textContent = labels.join(", ") || part.placeholder || "Make a selection";
    text.classList.toggle("is-placeholder", labels.length === 0);
    control.setAttribute("aria-description", labels.join(", "));
  };
  control.addEventListener("click", () =>
    openChoices({ control, list, choices, chosen, most, part, store, name, show, onChoose }),
  );
  show();
  return control;
}

function openChoices(many) {
  const before = [...many.chosen].sort().join("\n");
  const rows = many.choices.map((choice) => row(choice, many));
  const box = el(
    "div",
    {
      id: many.list,
      class: "choices",
      role: "listbox",
      "aria-multiselectable": "true",
      "aria-label": many.name,
    },
    rows,
  );
  box.addEventListener("keydown", (event) => walk(event, rows));
  many.control.setAttribute("aria-expanded", "true");
  showPopover(many.control, box, {
    width: "anchor",
    onClose: () => {
      many.control.setAttribute("aria-expanded", "false");
      finish(many, before);
    },
  });
  (rows.find((one) => one.getAttribute("aria-selected") === "true") ?? rows[0])?.focus();
}

function finish({ chosen, part, onChoose, control }, before) {
  const now = [...chosen].sort().join("\n");
  if (now !== before && chosen.size >= (part.min_values ?? 1)) onChoose([...chosen], control);
}

function row(choice, many) {
  const node = el(
    "div",
    {
      class: "choice",
      role: "option",
      tabindex: -1,
      "aria-label": choice.label,
      "aria-selected": String(many.chosen.has(choice.value)),
    },
    optionParts(choice, many.store),
    el("span", { class: "tick" }, icon("check")),
  );
  const toggle = () => {
    if (many.chosen.has(choice.value)) many.chosen.delete(choice.value);
    else if (many.chosen.size < many.most) many.chosen.add(choice.value);
    node.setAttribute("aria-selected", String(many.chosen.has(choice.value)));
    many.show();
  };
  node.addEventListener("click", toggle);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
  return node;
}
