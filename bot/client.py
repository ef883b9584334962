"""The bot: discord.py's client with the engine behind it."""

import hashlib
import json
import logging
import sys
from collections import OrderedDict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import discord
import yarl
from discord.ext import commands

from bot.channel.buttons import ReplyButton
from bot.channel.impersonation import Impersonation
from bot.channel.reply import Reply
from bot.channel.webhooks import Webhooks
from bot.cogs import collect, extensions
from bot.command_tree import CommandTree
from bot.dispatcher import Dispatcher
from bot.i18n import CommandTranslator
from bot.incoming.message_reader import MessageReader
from bot.limits.request_scheduler import RequestScheduler
from bot.limits.turn_limiter import TurnLimiter
from bot.recovery import Recovery
from bot.wording.errors import tell
from core.chat.incoming import Incoming
from core.chat.message import Message
from core.chat.place import Place
from core.errors import NotFound
from core.reply.generation import Speaker
from core.settings import Discord

if TYPE_CHECKING:
    from core.engine import Engine

log = logging.getLogger(__name__)

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    add_reactions=True,
    manage_webhooks=True,
)
"""What the bot asks for when it is invited."""

# discord.py takes no less than 30; a wait it refuses is ours to make visible.
_LONGEST_RATE_LIMIT = 30.0
_KEPT = 10_000
_KEPT_EDITS = 500
_COMMANDS_HASH = "commands.hash"


def point_at(settings: Discord) -> None:
    """Lets discord.py speak to the Discord of the settings; before any client is made."""
    discord.http.Route.BASE = settings.api_url.rstrip("/")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)
    discord.Asset.BASE = settings.cdn_url.rstrip("/")


def invite_link(application_id: int) -> str:
    """The address that adds the bot to a server with the permissions it needs."""
    return discord.utils.oauth_url(
        application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
    )


class TavernBot(commands.AutoShardedBot):
    """One connection to Discord. A restart makes a new one; the story is in the store."""

    def __init__(
        self, engine: "Engine", *, content_intent: bool = True, ready_timeout: float = 2.0
    ) -> None:
        self.engine = engine
        self.content_intent = content_intent
        """Whether the bot reads messages that do not mention it; off when Discord refused that."""
        self.scheduler = RequestScheduler()
        self.owners: frozenset[int] = frozenset()
        self.recovery = Recovery(self)
        self.dispatcher = Dispatcher(self)
        self.impersonation = Impersonation(self)
        self.webhooks = Webhooks(self, self.scheduler, self._picture)
        limits = engine.settings.limits
        self.turn_limiter = TurnLimiter(limits.turns_per_person, limits.turns_per_server)
        self._locales: OrderedDict[int, discord.Locale] = OrderedDict()
        self._deleting: OrderedDict[int, None] = OrderedDict()
        self._gone: OrderedDict[int, None] = OrderedDict()
        self._edited: OrderedDict[int, discord.Message] = OrderedDict()
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=CommandTree,
            intents=_intents(content_intent),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=_LONGEST_RATE_LIMIT,
            guild_ready_timeout=ready_timeout,
            chunk_guilds_at_startup=False,
            http_trace=self.scheduler.trace(),
            **_shards(engine.settings.discord),
        )

    @property
    def message_reader(self) -> MessageReader:
        """Reads messages for the user the bot is logged in as."""
        assert self.user is not None
        return MessageReader(self.user, self.application_id or 0, self.webhooks.owns)

    async def setup_hook(self) -> None:
        """Loads commands and listeners, and tells Discord the commands where they changed."""
        self.owners = _owners(self.application)
        self.add_dynamic_items(ReplyButton)
        for item in collect():
            self.tree.add_command(item)
        await self.tree.set_translator(CommandTranslator())
        for extension in extensions():
            await self.load_extension(extension)
        await self._sync()
        if self.engine.settings.discord.api_url == Discord().api_url:
            log.info("to add the bot to a server: %s", invite_link(self.application_id or 0))

    async def on_message(self, message: discord.Message, /) -> None:
        """There are no commands by prefix; `cogs/events.py` hears messages."""

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """A listener failed; the others and the connection go on."""
        error = sys.exc_info()[1]
        if error is not None:
            tell(error, event_method)

    def meet(self, interaction: discord.Interaction[Any]) -> None:
        """Remembers the language of a person and whether they moderate."""
        self.impersonation.note(interaction.user)
        _keep(self._locales, interaction.user.id, interaction.locale)

    def locale_of(self, person_id: int) -> discord.Locale | None:
        """The language of the person's Discord, where they have used a command or button."""
        return self._locales.get(person_id)

    def deleting(self, message_id: int) -> None:
        """The bot itself is about to delete this message; the story is not meant by it."""
        _keep(self._deleting, message_id, None)

    async def deleted(self, message_ids: Collection[int]) -> None:
        """Discord tells of deletions: what others took away is no longer told."""
        by_others = [id_ for id_ in message_ids if id_ not in self._deleting]
        for id_ in by_others:
            _keep(self._gone, id_, None)
        if by_others:
            await self.engine.delete(by_others)

    def newest(self, message: discord.Message) -> discord.Message:
        """The message as last edited; Discord may tell of it late, and of an edit before it."""
        known = self._edited.get(message.id)
        if known is not None and _edit_time(known) > _edit_time(message):
            return known
        if message.edited_at is not None:
            _keep(self._edited, message.id, message, _KEPT_EDITS)
        return message

    async def receive(self, incoming: Incoming) -> bool:
        """Stores what a person said; it may have been deleted before it was. True where a reply
        is due."""
        if incoming.discord_id in self._gone:
            return False
        due = await self.engine.receive(incoming)
        if incoming.discord_id in self._gone:
            await self.engine.delete([incoming.discord_id])
            return False
        return due

    async def shown(
        self, generation: Reply, ids: Sequence[int], lengths: Sequence[int] = ()
    ) -> None:
        """Stores which messages show a turn; one may have been deleted before it was known."""
        await self.engine.shown(generation.message_id, generation.swipe, ids, lengths)
        if any(id_ in self._gone for id_ in ids):
            await self.engine.delete(ids)

    async def speaker_of(self, message: Message, place: Place) -> Speaker:
        """Who speaks in a stored turn, with the character's present picture."""
        if message.character_id is None:
            return Speaker(message.name)
        try:
            stored = await self.engine.services.characters.get(place, message.character_id)
        except NotFound:
            return Speaker(message.name)
        return Speaker(message.name, message.character_id, stored.avatar)

    async def _picture(self, speaker: Speaker) -> bytes | None:
        if speaker.character_id is None:
            return None
        return await self.engine.avatar(speaker.character_id)

    async def _sync(self) -> None:
        """Sends the commands only when they changed: Discord counts what is created in a day."""
        translator = self.tree.translator
        assert translator is not None
        commands_now = self.tree.get_commands()
        payload = [
            await command.get_translated_payload(self.tree, translator) for command in commands_now
        ]
        text = json.dumps(payload, sort_keys=True, default=str)
        key = f"{_COMMANDS_HASH}.{self.application_id}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        names = {command.name for command in commands_now}
        if await self.engine.storage.meta.get(key) == digest and await self._known() == names:
            return
        try:
            await self.tree.sync()
        except (KeyError, TypeError) as odd:
            # They are set; discord.py only cannot read the answer of a Discord-like server.
            log.warning("the answer to the commands could not be read: %r", odd)
        await self.engine.storage.meta.set(key, digest)
        log.info("told Discord %d commands", len(payload))

    async def _known(self) -> set[str]:
        """The names of the commands Discord has."""
        known = await self.http.get_global_commands(self.application_id or 0)
        return {command["name"] for command in known}


def _intents(content: bool) -> discord.Intents:
    return discord.Intents(
        guilds=True, guild_messages=True, dm_messages=True, webhooks=True, message_content=content
    )


def _shards(settings: Discord) -> dict[str, Any]:
    if settings.shards == "auto":
        return {}
    if isinstance(settings.shards, int):
        return {"shard_count": settings.shards}
    return {"shard_ids": list(settings.shards), "shard_count": max(settings.shards) + 1}


def _owners(application: discord.AppInfo | None) -> frozenset[int]:
    if application is None:
        return frozenset()
    if application.team is not None:
        return frozenset(member.id for member in application.team.members)
    return frozenset({application.owner.id})


def _edit_time(message: discord.Message) -> datetime:
    return message.edited_at or message.created_at


def _keep(store: "OrderedDict[int, Any]", key: int, value: Any, most: int = _KEPT) -> None:
    store[key] = value
    store.move_to_end(key)
    if len(store) > most:
        store.popitem(last=False)
