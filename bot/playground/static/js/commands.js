// The registered application commands, flattened to lines one can type.

const SLASH = 1;
export const USER_COMMAND = 2;
export const MESSAGE_COMMAND = 3;
const ADMINISTRATOR = 8n;
const GROUPS = new Set([1, 2]);

/**
 * Slash commands usable in `channel`: [{path, shownPath, description, options}], by name.
 * `path` is what the server wants, `shownPath` what the reader's language shows.
 */
export function slashCommands(store, channel) {
  return store.commands
    .filter((command) => (command.type ?? SLASH) === SLASH && isUsable(command, channel, store))
    .flatMap((command) => flatten(command, store.locale, "", ""))
    .sort((a, b) => a.shownPath.localeCompare(b.shownPath));
}

/** Entries of a message's or a person's menu in the channel on screen. */
export function contextCommands(store, kind) {
  const channel = store.channel(store.current);
  return store.commands
    .filter((command) => command.type === kind && isUsable(command, channel, store))
    .map((command) => ({ path: command.name, shownPath: localName(command, store.locale) }));
}

function isUsable(command, channel, store) {
  const isDirect = channel.type === 1;
  if (!isDirect && !isAllowed(command, channel, store)) return false;
  if (command.guild_id && command.guild_id !== channel.guild_id) return false;
  if (command.nsfw && !channel.nsfw && !isDirect) return false;
  if (command.contexts) return command.contexts.includes(isDirect ? 1 : 0);
  return !isDirect || command.dm_permission !== false;
}

// The rights a command asks for; a mask of zero leaves it to administrators.
function isAllowed(command, channel, store) {
  const mask = command.default_member_permissions;
  const held = store.permissions[channel.id];
  if (mask === null || mask === undefined || held === undefined) return true;
  const needed = BigInt(mask) || ADMINISTRATOR;
  return (BigInt(held) & ADMINISTRATOR) !== 0n || (BigInt(held) & needed) === needed;
}

function flatten(command, locale, path, shownPath) {
  const own = `${path} ${command.name}`.trim();
  const shown = `${shownPath} ${localName(command, locale)}`.trim();
  const options = command.options ?? [];
  const children = options.filter((option) => GROUPS.has(option.type));
  if (children.length) return children.flatMap((child) => flatten(child, locale, own, shown));
  const description = command.description_localizations?.[locale] ?? command.description ?? "";
  return [
    {
      path: own,
      shownPath: shown,
      description,
      options: options.map((option) => localOption(option, locale)),
    },
  ];
}

function localOption(option, locale) {
  return {
    ...option,
    shownName: localName(option, locale),
    shownDescription: option.description_localizations?.[locale] ?? option.description ?? "",
    choices: option.choices?.map((choice) => ({ ...choice, label: localName(choice, locale) })),
  };
}

function localName(thing, locale) {
  return thing.name_localizations?.[locale] ?? thing.name;
}

/** Commands whose name holds the typed words; beginnings come first. */
export function search(commands, typed) {
  const wanted = normal(typed);
  const ranked = commands.map((command) => ({ command, rank: rankOf(command, wanted) }));
  return ranked
    .filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map((one) => one.command);
}

function rankOf(command, wanted) {
  const names = [normal(command.shownPath), normal(command.path)];
  if (names.some((name) => name.startsWith(wanted))) return 0;
  if (names.some((name) => name.split(" ").some((word) => word.startsWith(wanted)))) return 1;
  return names.some((name) => name.includes(wanted)) ? 2 : 3;
}

/** The command that `text` (without the slash) begins with as whole words, and what follows; or null. */
export function split(commands, text) {
  const found = commands
    .flatMap((command) => [command.shownPath, command.path].map((name) => ({ command, name })))
    .filter(({ name }) => normal(text).startsWith(`${normal(name)} `))
    .sort((a, b) => b.name.length - a.name.length)[0];
  return found ? { command: found.command, rest: text.slice(found.name.length + 1) } : null;
}

function normal(text) {
  return text.toLowerCase();
}

/**
 * Cuts "free name:Ann age:3" into [[null, "free"], ["name", "Ann"], ["age", "3"]].
 * Only names of the command's options cut; the longest name wins.
 */
export function cutOptions(command, text) {
  const names = command.options.flatMap((option) => [option.shownName, option.name]);
  if (names.length === 0) return [[null, text]];
  const escaped = [...new Set(names)]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[^\p{L}\p{N}_]/gu, "\\$&"));
  const pattern = new RegExp(`(?:^|\\s)(${escaped.join("|")}):\\s?`, "giu");
  const parts = [];
  let [name, start] = [null, 0];
  for (const match of text.matchAll(pattern)) {
    parts.push([name, text.slice(start, match.index)]);
    name = optionNamed(command, match[1]).name;
    start = match.index + match[0].length;
  }
  parts.push([name, text.slice(start)]);
  return parts.filter(([option, value]) => option !== null || value.trim() !== "");
}

export function optionNamed(command, name) {
  return (
    command.options.find((option) =>
      [option.name, option.shownName].some((one) => normal(one) === normal(name)),
    ) ?? null
  );
}
