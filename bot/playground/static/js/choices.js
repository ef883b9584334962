// What a select offers: its own options, or the people, roles and channels of the place.
import { nameOf } from "./store.js";

/** [{label, value, description, emoji, isDefault}] for component types 3 and 5 to 8. */
export function choicesOf(part, store) {
  if (part.type === 3) return (part.options ?? []).map(plainChoice);
  const chosen = new Set((part.default_values ?? []).map((one) => one.id));
  return SOURCES[part.type](part, store).map((choice) => ({
    ...choice,
    isDefault: chosen.has(choice.value),
  }));
}

function plainChoice(option) {
  return {
    label: option.label,
    value: option.value,
    description: option.description,
    emoji: option.emoji,
    isDefault: Boolean(option.default),
  };
}

const SOURCES = {
  5: (_part, store) => people(store),
  6: (_part, store) => roles(store),
  7: (_part, store) => [...people(store), ...roles(store)],
  8: (part, store) => channels(store, part.channel_types),
};

/** Everyone here, as choices. */
export function people(store) {
  return [...store.users.values()].map((user) => ({
    label: nameOf(user),
    value: user.id,
    description: user.username,
  }));
}

/** The current server's roles, without @everyone. */
export function roles(store) {
  const guild = store.guildOf(store.channel(store.current));
  return (guild?.roles ?? [])
    .filter((role) => role.id !== guild.id)
    .map((role) => ({ label: `@${role.name}`, value: role.id }));
}

/** The current server's channels; `types` narrows the kinds where given. */
export function channels(store, types) {
  const guild = store.channel(store.current)?.guild_id;
  return [...store.channels.values()]
    .filter(
      (channel) => channel.guild_id === guild && (!types?.length || types.includes(channel.type)),
    )
    .map((channel) => ({ label: `#${channel.name}`, value: channel.id }));
}
