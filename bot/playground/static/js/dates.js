// Times as Discord words them, in the reader's locale and zone.

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};

const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

// JavaScript dates end here; beyond it Discord shows the raw text too.
const LAST_SECOND = 8_640_000_000_000;

/** `seconds` since 1970; `style` one of Discord's letters. */
export function worded(seconds, style, locale) {
  if (Math.abs(seconds) > LAST_SECOND) return "Invalid Date";
  if (style === "R") return relative(seconds, locale);
  return new Intl.DateTimeFormat(locale, STYLES[style] ?? STYLES.f).format(seconds * 1000);
}

function relative(seconds, locale) {
  const distance = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(distance) >= length) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(
    Math.trunc(distance / size),
    unit,
  );
}

/** "Today at 14:05" for a message heading; older ones by date. */
export function heading(iso, locale) {
  const date = new Date(iso);
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(date);
  const days = daysAgo(date);
  if (days > 1)
    return new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "short" }).format(date);
  if (!locale.startsWith("en")) return days === 0 ? time : `${relativeDay(-days, locale)} ${time}`;
  return days === 0 ? time : `Yesterday at ${time}`;
}

function relativeDay(days, locale) {
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
}

function daysAgo(date) {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  return Math.max(0, Math.ceil((midnight - date) / 86_400_000));
}

/** "14:05", shown beside grouped messages. */
export function clock(iso, locale) {
  return new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(new Date(iso));
}

/** "Friday, 7 August 2026 at 14:05", the tooltip of every time. */
export function full(iso, locale) {
  return worded(new Date(iso) / 1000, "F", locale);
}

/** "7 August 2026", the line between two days. */
export function day(iso, locale) {
  return worded(new Date(iso) / 1000, "D", locale);
}

/** Rewords every relative time on the page; call it now and then. */
export function refreshRelative(root, locale) {
  for (const node of root.querySelectorAll("time[data-relative]")) {
    node.textContent = worded(Number(node.dataset.relative), "R", locale);
  }
}
