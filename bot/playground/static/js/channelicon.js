// Which icon stands for which kind of channel.

const ICONS = {
  1: "direct",
  2: "voice",
  5: "hash",
  10: "thread",
  11: "thread",
  12: "thread",
  13: "voice",
  15: "forum",
  16: "forum",
};
const KINDS = {
  0: "text channel",
  1: "direct message",
  2: "voice channel",
  5: "announcement channel",
  10: "thread",
  11: "thread",
  12: "private thread",
  13: "stage channel",
  15: "forum",
};

export function channelIcon(channel) {
  return ICONS[channel.type] ?? "hash";
}

/** "text channel", "thread", …: what a screen reader says after the name. */
export function channelKind(channel) {
  return KINDS[channel.type] ?? "channel";
}
