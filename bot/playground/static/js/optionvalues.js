// What a command option takes: its ready choices, and typed text turned into its value.
import { channels, people, roles } from "./choices.js";

export const Kind = {
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
  ATTACHMENT: 11,
};

const SOURCES = {
  [Kind.BOOLEAN]: () => [
    { label: "True", value: true },
    { label: "False", value: false },
  ],
  [Kind.USER]: (_option, store) => people(store),
  [Kind.ROLE]: (_option, store) => roles(store),
  [Kind.MENTIONABLE]: (_option, store) => [...people(store), ...roles(store)],
  [Kind.CHANNEL]: (option, store) => channels(store, option.channel_types),
};

/** [{label, value, description}], or null where any text may be typed. */
export function readyChoices(option, store) {
  if (option.choices?.length) return option.choices.map(({ label, value }) => ({ label, value }));
  return SOURCES[option.type]?.(option, store) ?? null;
}

/**
 * {value} or {problem}: `text` as typed, with the reader's own words for what is wrong.
 * A choice is found by its label.
 */
export function valueOf(option, text, store) {
  const choices = readyChoices(option, store);
  if (choices) {
    const wanted = text.trim().toLowerCase();
    const found = choices.find((choice) =>
      [choice.label, choice.label.replace(/^[#@]/, ""), choice.description].some(
        (label) => label?.toLowerCase() === wanted,
      ),
    );
    return found ? { value: found.value } : { problem: "Pick one of the choices." };
  }
  if (option.type === Kind.INTEGER || option.type === Kind.NUMBER) return numberOf(option, text);
  return textOf(option, text);
}

function numberOf(option, text) {
  const value = Number(text.trim().replace(",", "."));
  const isInteger = option.type === Kind.INTEGER;
  if (text.trim() === "" || !Number.isFinite(value)) return { problem: "Enter a number." };
  if (isInteger && !Number.isSafeInteger(value)) return { problem: "Enter a whole number." };
  if (option.min_value !== undefined && value < option.min_value)
    return { problem: `At least ${option.min_value}.` };
  if (option.max_value !== undefined && value > option.max_value)
    return { problem: `At most ${option.max_value}.` };
  return { value };
}

function textOf(option, text) {
  const { length } = text;
  if (option.min_length && length < option.min_length)
    return { problem: `At least ${option.min_length} characters.` };
  const most = option.max_length ?? 6000;
  if (length > most) return { problem: `At most ${most} characters; this has ${length}.` };
  return { value: text };
}
