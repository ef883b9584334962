"""Discord's messages, channels and people told as the core understands them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import discord
import regex

from bot.discord_text.display_names import shortened
from bot.incoming import attachments
from core.chat.message import Attachment, Incoming
from core.chat.place import Actor, Place
from core.options.table import CHAT_OUT_OF_CHARACTER, CHAT_QUOTE_REPLIES, TIME_ZONE, Resolved
from core.settings import LimitSettings
from core.untrusted.surrogates import clean_text

_markup = regex.compile(
    r"<@!?(?P<person>\d+)>|<@&(?P<role>\d+)>|<#(?P<channel>\d+)>"
    r"|<a?:(?P<emoji>\w{1,64}):\d+>|<t:(?P<time>-?\d{1,17})(?::(?P<style>[tTdDfFRsS]))?>"
    r"|</(?P<command>[^:>\n]{1,100}):\d+>|<id:(?P<guide>[\w-]+)(?::\d+)?>"
)
_spoiler = regex.compile(r"\|\|(.+?)\|\|", regex.DOTALL)
_aside = regex.compile(
    r"^[^\S\n]*//.*(?:\n|\Z)"
    r"|^[^\S\n]*\(\((?:(?!\)\)).)*+\)\)[^\S\n]*(?:\n|\Z)"
    r"|^\s*+\(\((?:(?!\)\))[\s\S])*+\)\)\s*+\Z",
    regex.MULTILINE,
)

_STYLES = {
    "t": "%H:%M",
    "T": "%H:%M:%S",
    "d": "%d %B %Y",
    "D": "%d %B %Y",
    "F": "%A, %d %B %Y %H:%M",
}


# Messages read back at start are answered only if younger than this.
FRESH = timedelta(minutes=2)
_LINE = 200
_QUOTE = 120
_SPOKEN = (discord.MessageType.default, discord.MessageType.reply)


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """How messages of a place are to be read. Limits in characters."""

    zone: tzinfo = UTC
    asides_hidden: bool = True
    quotes: bool = False
    message_limit: int = 8_000
    file_limit: int = 8_000

    @classmethod
    def of(cls, options: Resolved, limits: LimitSettings) -> "ReadingRules":
        return cls(
            zone=ZoneInfo(options[TIME_ZONE] or "UTC"),
            asides_hidden=options[CHAT_OUT_OF_CHARACTER],
            quotes=options[CHAT_QUOTE_REPLIES],
            message_limit=limits.message_characters,
            file_limit=limits.attachment_characters,
        )


class MessageReader:
    """Reads messages on behalf of one bot user. `owns_webhook` knows the bot's own webhooks."""

    def __init__(
        self, user_id: int, application_id: int, owns_webhook: Callable[[int], bool]
    ) -> None:
        self._user_id = user_id
        self._application_id = application_id
        self._owns_webhook = owns_webhook

    async def read(
        self,
        message: discord.Message,
        place: Place,
        rules: ReadingRules,
        *,
        now: datetime | None = None,
    ) -> Incoming | None:
        """The message for the engine; None where nothing in it is for the model."""
        text = self.text(message, rules)
        files = await self._files(message, rules)
        if not text and not files:
            return None
        reference = _reference(message)
        return Incoming(
            discord_id=message.id,
            place=place,
            author_id=message.author.id,
            author_name=clean_text(message.author.display_name),
            text=text,
            attachments=files,
            reply_to=reference.message_id if reference is not None else None,
            addressed=self.is_addressed(message),
            created=int(message.created_at.timestamp() * 1000),
            fresh=self.is_fresh(message, now),
        )

    def text(self, message: discord.Message, rules: ReadingRules) -> str:
        """The message's words, extras as one line each, cut to the limit."""
        content = without_asides(message.content) if rules.asides_hidden else message.content
        said = plain(content, message, self._user_id, rules.zone).strip()
        lines = [*self._quote(message, rules), said, *self._extras(message, rules)]
        text = clean_text("\n".join(line for line in lines if line))
        return text if len(text) <= rules.message_limit else text[: rules.message_limit - 1] + "…"

    def is_addressed(self, message: discord.Message) -> bool:
        """Whether it mentions the bot or replies to it or to one of its characters."""
        if message.guild is None:
            return True
        if any(person.id == self._user_id for person in message.mentions):
            return True
        if any(role.tags and role.tags.bot_id == self._user_id for role in message.role_mentions):
            return True
        answered = _answered(message)
        return answered is not None and self.is_own(answered)

    def is_fresh(self, message: discord.Message, now: datetime | None = None) -> bool:
        """Whether it is young enough to be answered, however late it was read."""
        return (now or discord.utils.utcnow()) - message.created_at <= FRESH

    def is_own(self, message: discord.Message) -> bool:
        """Whether the bot wrote it, itself or through one of its webhooks."""
        if message.webhook_id is not None:
            own = message.application_id == self._application_id
            return own or self._owns_webhook(message.webhook_id)
        return message.author.id == self._user_id

    def _quote(self, message: discord.Message, rules: ReadingRules) -> list[str]:
        answered = _answered(message) if rules.quotes else None
        if answered is None or not answered.content:
            return []
        words = plain(answered.content, answered, self._user_id, rules.zone).replace("\n", " ")
        return [f"> {answered.author.display_name}: {shortened(words, _QUOTE)}"]

    def _extras(self, message: discord.Message, rules: ReadingRules) -> list[str]:
        lines = [f"[sticker: {sticker.name}]" for sticker in message.stickers]
        if message.poll is not None:
            answers = " / ".join(answer.text for answer in message.poll.answers)
            lines.append(f"[poll: {message.poll.question} – {answers}]")
        for snapshot in message.message_snapshots:
            words = plain(snapshot.content, message, self._user_id, rules.zone)
            lines.append(f"[forwarded: {shortened(words.replace(chr(10), ' '), _QUOTE * 4)}]")
        for embed in message.embeds:
            if embed.type == "rich" and (embed.title or embed.description):
                said = " – ".join(filter(None, (embed.title, embed.description)))
                lines.append(f"[embed: {shortened(said.replace(chr(10), ' '), _LINE)}]")
        return lines

    async def _files(self, message: discord.Message, rules: ReadingRules) -> tuple[Attachment, ...]:
        forwarded = (one for snapshot in message.message_snapshots for one in snapshot.attachments)
        found = (*message.attachments, *forwarded)
        return tuple([await attachments.read(one, rules.file_limit) for one in found])


def is_from_person(message: discord.Message) -> bool:
    """Whether a person said something; bots, webhooks and Discord's notices do not count."""
    return not message.author.bot and message.webhook_id is None and message.type in _SPOKEN


def place_of(channel: object, person_id: int | None = None) -> Place | None:
    """The conversation's place; None for channels nobody talks in.

    `person_id` is the human of a direct message, for channels known by id only.
    """
    if isinstance(channel, discord.Thread):
        parent = channel.parent
        return Place(
            channel_id=channel.parent_id,
            guild_id=channel.guild.id,
            category_id=parent.category_id if parent is not None else None,
            thread_id=channel.id,
            adult=_is_adult(parent),
        )
    if isinstance(channel, discord.abc.GuildChannel):
        if not isinstance(channel, discord.abc.Messageable):
            return None
        return Place(
            channel_id=channel.id,
            guild_id=channel.guild.id,
            category_id=channel.category_id,
            adult=_is_adult(channel),
        )
    if isinstance(channel, discord.DMChannel):
        recipient = channel.recipient.id if channel.recipient is not None else person_id
        return Place(channel_id=channel.id, person_id=recipient)
    if isinstance(channel, discord.PartialMessageable) and channel.guild_id is None:
        return Place(channel_id=channel.id, person_id=person_id)
    return None


def actor_of(user: discord.abc.User, place: Place, owners: frozenset[int] = frozenset()) -> Actor:
    """Who acts. Managers are those who may manage the server; in a DM everyone is."""
    manages = isinstance(user, discord.Member) and user.guild_permissions.manage_guild
    return Actor(
        id=user.id,
        name=user.display_name,
        manager=manages or place.guild_id is None,
        owner=user.id in owners,
    )


def plain(text: str, message: discord.Message, self_id: int, zone: tzinfo) -> str:
    """The text with names for mentions, readable times, `:emoji:`, and no spoiler bars.

    `message` is where the text stands; the bot's own mention, `self_id`, is only an address.
    """
    text = regex.sub(rf"\A\s*<@!?{self_id}>[,:]?\s*|\s*<@!?{self_id}>\s*\Z", "", text)
    text = _markup.sub(lambda found: _word(found, message, zone), text)
    return _spoiler.sub(r"\1", text)


def without_asides(text: str) -> str:
    """What is left without lines that begin with `//` or stand wholly in `((…))`."""
    return _aside.sub("", text)


def _word(found: "regex.Match[str]", message: discord.Message, zone: tzinfo) -> str:
    match found.lastgroup:
        case "person":
            person = discord.utils.get(message.mentions, id=int(found["person"]))
            return person.display_name if person is not None else "someone"
        case "role":
            role = discord.utils.get(message.role_mentions, id=int(found["role"]))
            return role.name if role is not None else "a group"
        case "channel":
            guild = message.guild
            channel = guild.get_channel_or_thread(int(found["channel"])) if guild else None
            return f"#{channel.name if channel is not None else 'another-channel'}"
        case "emoji":
            return f":{found['emoji']}:"
        case "command":
            return f"/{found['command']}"
        case "guide":
            return f"#{found['guide']}"
        case _:
            return _time(int(found["time"]), found["style"] or "f", zone)


def _time(seconds: int, style: str, zone: tzinfo) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, zone)
    except (ValueError, OverflowError, OSError):
        return "some time"
    return moment.strftime(_STYLES.get(style, "%d %B %Y %H:%M")).lstrip("0")


def _reference(message: discord.Message) -> discord.MessageReference | None:
    return message.reference if message.type is discord.MessageType.reply else None


def _answered(message: discord.Message) -> discord.Message | None:
    reference = _reference(message)
    resolved = reference.resolved if reference is not None else None
    return resolved if isinstance(resolved, discord.Message) else None


def _is_adult(channel: object) -> bool:
    """A server marked as age-restricted as a whole counts for all its channels."""
    level = getattr(getattr(channel, "guild", None), "nsfw_level", discord.NSFWLevel.default)
    return bool(getattr(channel, "nsfw", False)) or level in (
        discord.NSFWLevel.explicit,
        discord.NSFWLevel.age_restricted,
    )
