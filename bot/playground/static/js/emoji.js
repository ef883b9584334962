// The emoji offered by name; any other one can still be typed or pasted.

export const EMOJI = {
  smile: "😄",
  grin: "😁",
  joy: "😂",
  rofl: "🤣",
  blush: "😊",
  wink: "😉",
  heart_eyes: "😍",
  kissing_heart: "😘",
  thinking: "🤔",
  neutral_face: "😐",
  smirk: "😏",
  unamused: "😒",
  grimacing: "😬",
  relieved: "😌",
  sleeping: "😴",
  sunglasses: "😎",
  cry: "😢",
  sob: "😭",
  scream: "😱",
  flushed: "😳",
  angry: "😠",
  rage: "😡",
  skull: "💀",
  ghost: "👻",
  robot: "🤖",
  heart: "❤️",
  broken_heart: "💔",
  sparkles: "✨",
  star: "⭐",
  fire: "🔥",
  boom: "💥",
  zap: "⚡",
  snowflake: "❄️",
  thumbsup: "👍",
  thumbsdown: "👎",
  ok_hand: "👌",
  wave: "👋",
  clap: "👏",
  raised_hands: "🙌",
  pray: "🙏",
  muscle: "💪",
  eyes: "👀",
  brain: "🧠",
  crown: "👑",
  ring: "💍",
  gem: "💎",
  book: "📖",
  scroll: "📜",
  pencil: "✏️",
  key: "🔑",
  lock: "🔒",
  beer: "🍺",
  beers: "🍻",
  wine_glass: "🍷",
  coffee: "☕",
  tea: "🍵",
  bread: "🍞",
  cheese: "🧀",
  apple: "🍎",
  cake: "🍰",
  cat: "🐱",
  dog: "🐶",
  fox: "🦊",
  wolf: "🐺",
  dragon: "🐉",
  owl: "🦉",
  unicorn: "🦄",
  rose: "🌹",
  herb: "🌿",
  mushroom: "🍄",
  moon: "🌙",
  sunny: "☀️",
  rain: "🌧️",
  ocean: "🌊",
  mountain: "⛰️",
  castle: "🏰",
  tent: "⛺",
  door: "🚪",
  candle: "🕯️",
  crossed_swords: "⚔️",
  shield: "🛡️",
  bow_and_arrow: "🏹",
  dagger: "🗡️",
  magic_wand: "🪄",
  crystal_ball: "🔮",
  game_die: "🎲",
  musical_note: "🎵",
  art: "🎨",
  gear: "⚙️",
  hammer: "🔨",
  mag: "🔍",
  warning: "⚠️",
  question: "❓",
  exclamation: "❗",
  white_check_mark: "✅",
  x: "❌",
  arrow_left: "⬅️",
  arrow_right: "➡️",
  repeat: "🔁",
  hundred: "💯",
  tada: "🎉",
};

const NAMES = new Map(Object.entries(EMOJI).map(([name, character]) => [character, name]));
const ONLY_EMOJI =
  /^(?:\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}]?\uFE0F?(?:\u200D\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}]?\uFE0F?)*|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\s){1,60}$/u;

/** "fire" for 🔥; the character itself where no name is known. */
export function nameOf(character) {
  return NAMES.get(character) ?? character;
}

/** True for text of emoji and blanks alone. */
export function isEmojiOnly(text) {
  return ONLY_EMOJI.test(text) && text.trim().length > 0;
}

/** Writes `:name:` as its character outside of code. */
export function replaceNames(text) {
  const parts = text.split(/(```[^]*?```|`[^`\n]+`)/);
  return parts
    .map((part, index) =>
      index % 2 ? part : part.replace(/:([a-z_]{1,32}):/g, (whole, name) => EMOJI[name] ?? whole),
    )
    .join("");
}

/** Up to `limit` [name, character] pairs whose name holds the text, beginnings first. */
export function matching(text, limit = 10) {
  const wanted = text.toLowerCase();
  return Object.entries(EMOJI)
    .filter(([name]) => name.includes(wanted))
    .sort(([a], [b]) => Number(b.startsWith(wanted)) - Number(a.startsWith(wanted)))
    .slice(0, limit);
}
