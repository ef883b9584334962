"""The bot: discord.py's client with the engine behind it, and what keeps it connected."""

import asyncio
import hashlib
import json
import logging
import random
import signal
import sys
import time
from contextlib import suppress
from functools import partial
from typing import Any, cast

import discord
import yarl
from cachetools import LRUCache
from discord import app_commands
from discord.ext import commands

from bot.channel.buttons import ReplyButton
from bot.channel.channel import ChannelRegistry
from bot.cogs import collect, extensions
from bot.discord_text.display_names import Impersonation
from bot.dispatcher import Dispatcher
from bot.i18n import CommandTranslator, use
from bot.incoming.message_links import MessageLinks
from bot.incoming.message_reader import MessageReader
from bot.limits.requests import TROUBLE, Failure, RequestScheduler, failure_of, patiently
from bot.limits.turn_limiter import TurnLimiter
from bot.recovery import Recovery
from bot.runtime import Runtime
from bot.views.private_page import ITEMS as PAGE_ITEMS
from bot.webhooks import Room, Webhooks
from bot.wording.errors import answer, tell
from core.chat.place import Place
from core.engine import Engine
from core.errors import SettingsError
from core.reasons import Reason
from core.settings import DiscordSettings

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
_MOST_LOCALES = 10_000
_COMMANDS_HASH = "commands.hash"

# Running replies have this long to end when the bot is to stop.
GRACE_SECONDS = 8.0
_LONGEST_DELAY = 60.0
_STABLE_SECONDS = 60.0

_FINAL = {
    4004: Reason.DISCORD_TOKEN,
    4010: Reason.DISCORD_SHARDS,
    4011: Reason.DISCORD_SHARDS,
    4012: Reason.DISCORD_VERSION,
    4013: Reason.DISCORD_INTENTS,
}
_SWITCH = (
    "Discord refuses the message content intent. Characters now answer only where they are "
    "mentioned, and to slash commands. To change that, turn on “Message Content Intent” under "
    "Bot on https://discord.com/developers/applications/%s and restart."
)


def point_at(settings: DiscordSettings) -> None:
    """Lets discord.py speak to the Discord of the settings; before any client is made."""
    discord.http.Route.BASE = settings.api_url.rstrip("/")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)
    discord.Asset.BASE = settings.cdn_url.rstrip("/")


def invite_link(application_id: int) -> str:
    """The address that adds the bot to a server with the permissions it needs."""
    return discord.utils.oauth_url(
        application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
    )


class CommandTree(app_commands.CommandTree[Any]):
    """discord.py's tree with our answers."""

    async def interaction_check(self, interaction: "discord.Interaction[Any]", /) -> bool:
        use(interaction.locale)
        cast("TavernBot", interaction.client).runtime.meet(interaction)
        return True

    async def on_error(
        self, interaction: "discord.Interaction[Any]", error: app_commands.AppCommandError, /
    ) -> None:
        await answer(interaction, error)


class TavernBot(commands.AutoShardedBot):
    """One connection to Discord. A restart makes a new one; the story is in the store."""

    runtime: Runtime
    channels: ChannelRegistry
    recovery: Recovery
    dispatcher: Dispatcher

    def __init__(
        self, engine: Engine, *, content_intent: bool = True, ready_timeout: float = 2.0
    ) -> None:
        self.engine = engine
        self.content_intent = content_intent
        self.scheduler = RequestScheduler()
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=CommandTree,
            intents=discord.Intents(
                guilds=True,
                guild_messages=True,
                dm_messages=True,
                webhooks=True,
                message_content=content_intent,
            ),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=_LONGEST_RATE_LIMIT,
            guild_ready_timeout=ready_timeout,
            chunk_guilds_at_startup=False,
            http_trace=self.scheduler.trace(),
            **_shards(engine.settings.discord),
        )

    async def setup_hook(self) -> None:
        """Loads commands and listeners, and tells Discord the commands where they changed."""
        self.runtime = self._make_runtime()
        self.channels = ChannelRegistry(self.runtime, lambda channel: self.recovery.repair(channel))
        self.recovery = Recovery(self.runtime, self.channels)
        self.dispatcher = Dispatcher(self.runtime, self.channels)
        self.add_dynamic_items(ReplyButton, *PAGE_ITEMS)
        for item in collect():
            self.tree.add_command(item)
        await self.tree.set_translator(CommandTranslator())
        for extension in extensions():
            await self.load_extension(extension)
        await self._sync()
        if self.engine.settings.discord.api_url == DiscordSettings().api_url:
            log.info("to add the bot to a server: %s", invite_link(self.application_id or 0))

    def _make_runtime(self) -> Runtime:
        assert self.user is not None
        limits = self.engine.settings.limits
        webhooks = Webhooks(self.scheduler, self.engine.services.characters.avatar)
        reader = MessageReader(self.user.id, self.application_id or 0, webhooks.owns)
        return Runtime(
            engine=self.engine,
            scheduler=self.scheduler,
            webhooks=webhooks,
            message_reader=reader,
            message_links=MessageLinks(self.engine, reader),
            impersonation=Impersonation(self.user),
            turn_limiter=TurnLimiter(limits.turns_per_person, limits.turns_per_server),
            owners=_owners(self.application),
            content_intent=self.content_intent,
            locales=LRUCache(_MOST_LOCALES),
            find_room=self._find_room,
            open_direct=lambda person_id: self.create_dm(discord.Object(person_id)),
        )

    async def _find_room(self, place: Place) -> Room | None:
        room: object = self.get_channel(place.id)
        if room is None and place.guild_id is None:
            room = self.get_partial_messageable(place.channel_id)
        if room is None and place.thread_id is not None:
            # Archived threads are not among those Discord tells of.
            with suppress(*TROUBLE):
                room = await patiently(partial(self.fetch_channel, place.thread_id))
        return cast("Room | None", room)

    async def finish(self, seconds: float) -> None:
        """Ends every reply within the time, first by itself, then with what it has."""
        if hasattr(self, "dispatcher"):
            await self.dispatcher.close(seconds, asyncio.create_task(self.recovery.close()))

    async def on_message(self, message: discord.Message, /) -> None:
        """There are no commands by prefix; `cogs/events.py` hears messages."""

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """A listener failed; the others and the connection go on."""
        error = sys.exc_info()[1]
        if error is not None:
            tell(error, event_method)

    async def _sync(self) -> None:
        """Sends the commands only when they changed: Discord counts what is created in a day."""
        translator = self.tree.translator
        assert translator is not None
        commands_now = self.tree.get_commands()
        payload = [
            await command.get_translated_payload(self.tree, translator) for command in commands_now
        ]
        key = f"{_COMMANDS_HASH}.{self.application_id}"
        text = json.dumps(payload, sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if await self.engine.services.notes.get(key) == digest:
            known = await self.http.get_global_commands(self.application_id or 0)
            if {command["name"] for command in known} == {one.name for one in commands_now}:
                return
        try:
            await self.tree.sync()
        except (KeyError, TypeError) as odd:
            # They are set; discord.py only cannot read the answer of a Discord-like server.
            log.warning("the answer to the commands could not be read: %r", odd)
        await self.engine.services.notes.set(key, digest)
        log.info("told Discord %d commands", len(payload))


class Supervisor:
    """`bot` is the present connection, None before the first."""

    def __init__(
        self, engine: Engine, *, ready_timeout: float = 2.0, first_delay: float = 1.0
    ) -> None:
        self.bot: TavernBot | None = None
        self.restarts = 0
        self._engine = engine
        self._ready_timeout = ready_timeout
        self._first_delay = first_delay
        self._content = True
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Asks `run` to end; running replies are finished or cut first."""
        self._stopping.set()

    def stop_on_signals(self) -> None:
        """SIGTERM and Ctrl+C let running replies end before the process does."""
        for name in (signal.SIGINT, signal.SIGTERM):
            # Windows has no such handlers; there Ctrl+C ends asyncio.run by itself.
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(name, self.stop)

    async def run(self) -> None:
        """Serves until `stop`. Raises SettingsError where trying again is no use."""
        delay = self._first_delay
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                await self._serve()
            except discord.PrivilegedIntentsRequired:
                self._without_content()
                continue
            except discord.LoginFailure:
                raise SettingsError(Reason.DISCORD_TOKEN, key="discord.token") from None
            except discord.ConnectionClosed as closed:
                if closed.code in _FINAL:
                    raise SettingsError(_FINAL[closed.code], key="discord") from None
                log.warning("the connection to Discord ended: %s", closed)
            except Exception as error:
                ours = error if failure_of(error) is not Failure.PASSING else None
                log.error("the connection to Discord failed: %r", error, exc_info=ours)
            if self._stopping.is_set():
                return
            delay = self._first_delay if time.monotonic() - started > _STABLE_SECONDS else delay
            pause = delay * random.uniform(0.8, 1.2)
            log.info("connecting again in %.0f seconds", pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            delay = min(delay * 2, _LONGEST_DELAY)
            self.restarts += 1

    async def _serve(self) -> None:
        bot = self.bot = TavernBot(
            self._engine, content_intent=self._content, ready_timeout=self._ready_timeout
        )
        serving = asyncio.create_task(bot.start(self._engine.settings.discord.token.reveal()))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                await serving
        finally:
            stopping.cancel()
            await bot.finish(GRACE_SECONDS)
            with suppress(*TROUBLE):
                await bot.close()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    def _without_content(self) -> None:
        if not self._content:
            raise SettingsError(Reason.DISCORD_INTENTS, key="discord")
        self._content = False
        application = self.bot.application_id if self.bot is not None else None
        log.warning(_SWITCH, application or "")


def _shards(settings: DiscordSettings) -> dict[str, Any]:
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
