"""One channel's turns: who asked, who answers, and that only one reply is made at a time.

The registry knows the channels in use."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any, TypeAlias, cast

import discord
from cachetools import LRUCache

from bot.channel.buttons import BARE, Row, RowKind
from bot.channel.output import ChannelOutput
from bot.channel.reply_stream import Abandoned
from bot.i18n import _, use
from bot.incoming.message_reader import place_of
from bot.limits.requests import TROUBLE
from bot.log import turn
from bot.runtime import Runtime
from bot.webhooks import NOBODY, Room
from bot.wording.errors import duration, tell, text_file
from core.chat.message import Message
from core.chat.place import Actor, Place
from core.engine.scene import Scene
from core.errors import Busy, LimitReached, NotAllowed, NotConfigured
from core.options.table import FLOOD_LIMITS, LANGUAGE, Resolved
from core.reasons import Reason
from core.reply.reply_run import Phase, ReplyRun

log = logging.getLogger(__name__)

# However often people write on, they are answered after this many pauses.
_MOST_PAUSES = 10
_MOST_CHANNELS = 2000
_MOST_CLAIMS = 50
_MOST_KEPT = 20
_QUIET_SECONDS = 60.0


Repair: TypeAlias = Callable[["Channel"], Awaitable[None]]
"""Puts a channel right before anything new happens in it; its lock is held meanwhile."""


class Channel:
    """`room` is where it happens, `place` its name in the core."""

    def __init__(self, runtime: Runtime, room: Room, place: Place, repair: Repair) -> None:
        self.runtime = runtime
        self.room = room
        self.place = place
        self.output = ChannelOutput(runtime, room)
        self.lock = asyncio.Lock()
        """Held while a message is read and stored: keeps a channel's messages in their order."""
        self._turn = asyncio.Lock()
        self._asker: Actor | None = None
        self._asked = 0
        self._scene: Scene | None = None
        self._first_asked = self._answer_at = 0.0
        self._runner: asyncio.Task[None] | None = None
        self._repair = repair
        self._claims: LRUCache[str, None] = LRUCache(_MOST_CLAIMS)
        self.kept: LRUCache[str, str] = LRUCache(_MOST_KEPT)
        """Replies that Discord refused, by the version of the row that offers them."""
        self._closed_on: set[int] = set()
        """Discord messages of replies on which a thread was closed."""
        self._only_showing = False
        self._closing = False
        self._told_at = -_QUIET_SECONDS

    @property
    def busy(self) -> bool:
        """Whether a reply is on its way; not while stored words are still to be shown."""
        return self._turn.locked() and not self._only_showing and not self.output.ending

    @property
    def idle(self) -> bool:
        return not self._turn.locked() and (self._runner is None or self._runner.done())

    def ask(
        self, asker: Actor, pause: float, message_id: int = 0, scene: Scene | None = None
    ) -> None:
        """Somebody said something that wants an answer; more may follow within `pause` seconds.

        Where its message is named, a reply that has just taken it in is answer enough; `scene` is
        the one it was stored with.
        """
        now = time.monotonic()
        if self._asker is None:
            self._first_asked = now
        self._asker, self._asked, self._scene = asker, message_id, scene
        self._answer_at = min(now + pause, self._first_asked + pause * _MOST_PAUSES)
        if not self._closing:
            self.output.typing_on()
            if self._runner is None or self._runner.done():
                self._runner = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Nobody waits for an answer any more; the running reply ends with what it has."""
        self._asker = None
        await self.output.stop()

    def claim(self, version: str) -> bool:
        """Whether this press is the first on these buttons; of several only one counts."""
        if version in self._claims:
            return False
        self._claims[version] = None
        return True

    def unclaim(self, version: str) -> None:
        """The press came to nothing; the buttons may be pressed again."""
        self._claims.pop(version, None)

    async def perform(
        self,
        actor: Actor,
        start: Callable[[Scene], Awaitable[ReplyRun | Message]],
        *,
        before: Row = BARE,
        running: Row | None = None,
    ) -> None:
        """Does one thing with the story and shows what comes of it.

        Raises Busy while a reply is on its way, LimitReached, and what went wrong with a reply
        that replaced nothing.
        """
        if self.busy or self._closing:
            raise Busy()
        async with self._turn:
            try:
                scene = await self._enter(actor)
                result = await start(scene)
                if isinstance(result, Message):
                    self._only_showing = True
                    await self._show_swipe(scene, result, before)
                else:
                    self.charge(actor, scene.options)
                    await self._show(result, actor, before=before, running=running)
            finally:
                self._only_showing = False
                self.output.typing_off()

    async def show_message(self, message: Message) -> None:
        """Shows a message as it is stored. Raises what Discord refused it with."""
        speaker = await self.runtime.message_links.speaker_of(message, self.place)
        text = await self.runtime.engine.shown_text(message, self.place)
        try:
            await self.output.show_message(message, speaker, text)
        except Abandoned as given_up:
            raise given_up.cause or given_up from given_up

    async def _show_swipe(self, scene: Scene, message: Message, before: Row) -> None:
        """Shows another version; where Discord refuses it, the one before stays."""
        try:
            await self.show_message(message)
        except discord.HTTPException:
            step = before.swipe - message.active
            await self.runtime.engine.swipe(scene, message.id, step)
            raise

    async def repair(self) -> None:
        """Brings in order what an earlier process or session left, and what stood still while a
        thread was closed; for holders of the lock."""
        await self._repair(self)
        closed_on, self._closed_on = self._closed_on, set()
        for discord_id in closed_on:
            message = await self.runtime.engine.shown_by(discord_id)
            try:
                if message is not None and not self.busy:
                    await self.show_message(message)
            except (*TROUBLE, Abandoned) as error:
                log.info("message %s still stands as it was: %s", discord_id, error)
                self._closed_on.add(discord_id)

    def close(self) -> None:
        """No new replies; the running one goes on."""
        self._closing = True
        self._asker = None
        if self._runner is not None and not self._turn.locked():
            self._runner.cancel()

    async def trouble(self, error: Exception) -> None:
        """A message could not be taken; the channel is told so, at most once a minute."""
        text = tell(error, "message")
        now = time.monotonic()
        if now - self._told_at > _QUIET_SECONDS:
            self._told_at = now
            await self.output.say(f"⚠ {text}")

    async def finished(self) -> None:
        if self._runner is not None:
            await asyncio.gather(self._runner, return_exceptions=True)
        async with self._turn:
            await asyncio.gather(*self.output.background, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._asker is not None:
                # It moves on while people write on.
                while (wait := self._answer_at - time.monotonic()) > 0:  # noqa: ASYNC110
                    await asyncio.sleep(wait)
                async with self._turn:
                    asker, self._asker = self._asker, None
                    if asker is not None and not self._closing:
                        await self._answer(asker, self._scene)
        finally:
            self.output.typing_off()

    async def _answer(self, asker: Actor, scene: Scene | None) -> None:
        self.output.typing_on()
        try:
            scene = await self._enter(asker, scene)
            self.charge(asker, scene.options)
            heard = 0
            async with aclosing(self.runtime.engine.reply(scene, actor=asker)) as replies:
                async for reply in replies:
                    last = await self._show(reply, asker)
                    heard = heard or reply.heard
                    # Stop ends the round, not only the one who was speaking.
                    if self._closing or last in (None, Phase.STOPPED):
                        break
            if 0 < self._asked <= heard:
                # It came in time to be in the prompt: it has its answer.
                self._asker = None
        except LimitReached as refused:
            await self._refuse(refused)
        except Exception as error:
            retry = BARE if isinstance(error, NotConfigured) else Row(RowKind.FAILED)
            await self.output.say(f"⚠ {tell(error, 'reply')}", retry)

    async def _show(
        self,
        reply: ReplyRun,
        actor: Actor,
        *,
        before: Row = BARE,
        running: Row | None = None,
    ) -> Phase | None:
        """Shows a reply and returns how it ended; None where it could not be shown."""
        label = turn.set(reply.id)
        replaces = bool(reply.discord_ids)
        before = before.again() if before.kind is RowKind.REPLY else _row_before(reply)
        try:
            last = await self.output.show(reply, before=before, running=running)
        except Abandoned as given_up:
            log.info("reply %s could not be shown: %s", reply.id, given_up.cause)
            await self._tell_refused(actor, given_up)
            return None
        finally:
            turn.reset(label)
        if last.phase is Phase.FAILED and replaces and reply.error is not None:
            raise reply.error
        return last.phase

    def charge(self, actor: Actor, options: Resolved) -> None:
        """Counts one turn of a person. Raises LimitReached."""
        if actor.owner or not options[FLOOD_LIMITS]:
            return
        if refusal := self.runtime.turn_limiter.count(actor.id, self.place.guild_id):
            raise refusal

    async def _refuse(self, refused: LimitReached) -> None:
        """One notice with the time left; whoever goes on after it hears nothing."""
        if refused.facts.get("first"):
            seconds = refused.facts["seconds"]
            assert isinstance(seconds, float)
            text = _("That was a lot at once. Try again in {time}.", time=duration(seconds))
            await self.output.say(f"⚠ {text}")

    async def _tell_refused(self, actor: Actor, given_up: Abandoned) -> None:
        """Says what Discord refused; the words that nobody saw can be asked for."""
        if given_up.told is None:
            return
        self._closed_on.update(given_up.discord_ids[:1])
        if given_up.forbidden:
            await self._tell_privately(actor, given_up)
            return
        row = Row(RowKind.REFUSED) if given_up.whole else BARE
        self.kept[row.version] = given_up.whole
        if not await self.output.say(f"⚠ {given_up.told}", row):
            await self._tell_privately(actor, given_up)

    async def _tell_privately(self, actor: Actor, given_up: Abandoned) -> None:
        """The channel is closed to the bot; the person who asked gets one private line, and the
        words that nobody saw."""
        if self.place.guild_id is None:
            return
        files = [text_file(given_up.whole, "reply.txt")] if given_up.whole else []
        try:
            direct = await self.runtime.open_direct(actor.id)
            await direct.send(given_up.told, files=files, allowed_mentions=NOBODY)
        except TROUBLE as error:
            log.info("nor could %s be told: %s", actor.id, error)

    async def _enter(self, actor: Actor, scene: Scene | None = None) -> Scene:
        """Puts the channel right and tells what holds now; its language is spoken from here on."""
        guild = getattr(self.room, "guild", None)
        code = guild.preferred_locale if guild is not None else self.runtime.locales.get(actor.id)
        use(code)
        scene = scene or await self.runtime.engine.scene(self.place, actor.id)
        use(scene.options[LANGUAGE] or code)
        async with self.lock:
            await self.repair()
        return scene


class ChannelRegistry:
    """`repair` puts a channel right before anything new happens in it."""

    def __init__(self, runtime: Runtime, repair: Repair) -> None:
        self._runtime = runtime
        self._repair = repair
        self._channels: dict[int, Channel] = {}

    def __iter__(self) -> Iterator[Channel]:
        return iter(list(self._channels.values()))

    def known(self, place_id: int) -> Channel | None:
        return self._channels.get(place_id)

    def get(self, room: Room, place: Place) -> Channel:
        """The channel of a place. The place is renewed: a channel's age mark may have changed."""
        channel = self._channels.get(place.id)
        if channel is None:
            if len(self._channels) >= _MOST_CHANNELS:
                self._channels = {key: one for key, one in self._channels.items() if not one.idle}
            channel = Channel(self._runtime, room, place, self._repair)
            self._channels[place.id] = channel
        channel.place = place
        return channel

    def of_interaction(self, interaction: "discord.Interaction[Any]") -> Channel:
        """The channel an interaction came from. Raises NotAllowed where nobody talks."""
        place = place_of(interaction.channel, person_id=interaction.user.id)
        if place is None:
            raise NotAllowed(Reason.NO_TALK_IN_CHANNEL)
        return self.get(cast("Room", interaction.channel), place)


def _row_before(reply: ReplyRun) -> Row:
    """The buttons before this reply, for one that nobody's press began."""
    new = 0 if reply.keeps else 1
    swipe, swipes = max(0, reply.swipe - new), max(1, reply.swipes - new)
    return Row(RowKind.REPLY, reply.message_id, swipe, swipes)
