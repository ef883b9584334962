"""Which events a session has asked for, and what it may read in them."""

from enum import IntFlag

from bot.playground.rules.errors import Json


class Intent(IntFlag):
    """Discord's gateway intents."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


KNOWN = Intent(sum(Intent))
# The switches of the developer portal: name, intent, application flag when switched on
# (the "limited" flag of applications in fewer than 100 servers).
PRIVILEGED = {
    "presences": (Intent.GUILD_PRESENCES, 1 << 13),
    "members": (Intent.GUILD_MEMBERS, 1 << 15),
    "message_content": (Intent.MESSAGE_CONTENT, 1 << 19),
}
# Events of which the bot hears only where it may look into the channel.
NEED_VIEW = ("MESSAGE_", "TYPING_", "THREAD_", "CHANNEL_PINS_")


def application_flags(switches: dict[str, bool]) -> int:
    return sum(flag for name, (_, flag) in PRIVILEGED.items() if switches[name])


def forbidden(asked: Intent, switches: dict[str, bool]) -> bool:
    """Whether a session asks for a privileged intent that is switched off."""
    return any(intent in asked and not switches[name] for name, (intent, _) in PRIVILEGED.items())


def needed(event: str, in_guild: bool) -> Intent | None:
    """The intent an event belongs to; None for those everybody gets."""
    if event.startswith("MESSAGE_REACTION"):
        return Intent.GUILD_MESSAGE_REACTIONS if in_guild else Intent.DIRECT_MESSAGE_REACTIONS
    if event.startswith("MESSAGE_"):
        return Intent.GUILD_MESSAGES if in_guild else Intent.DIRECT_MESSAGES
    if event == "TYPING_START":
        return Intent.GUILD_MESSAGE_TYPING if in_guild else Intent.DIRECT_MESSAGE_TYPING
    if event.startswith("GUILD_MEMBER_"):
        return Intent.GUILD_MEMBERS
    if event == "WEBHOOKS_UPDATE":
        return Intent.GUILD_WEBHOOKS
    if event == "CHANNEL_PINS_UPDATE":
        return Intent.GUILDS if in_guild else Intent.DIRECT_MESSAGES
    return Intent.GUILDS if event.startswith(("GUILD_", "CHANNEL_", "THREAD_")) else None


def blanked(message: Json, bot_id: str) -> Json:
    """A message as it reaches a bot without the message-content intent.

    Direct messages, the bot's own messages and those that mention it keep their text.
    """
    in_direct = "guild_id" not in message and message.get("channel_type") == 1
    own = message["author"]["id"] == bot_id
    mentioned = any(each["id"] == bot_id for each in message["mentions"])
    if in_direct or own or mentioned:
        kept = dict(message)
    else:
        kept = message | {"content": "", "embeds": [], "attachments": [], "components": []}
        for name in ("poll", "message_snapshots"):
            kept.pop(name, None)
    if kept.get("referenced_message"):
        quoted = kept["referenced_message"] | {"channel_type": message.get("channel_type")}
        kept["referenced_message"] = blanked(quoted, bot_id)
    return kept
