"""After a start or a lost connection: unfinished replies are put right, missed messages read."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

import discord

from bot.channel.channel import Channel
from bot.channel.lost_messages import LostMessages
from bot.channel.senders import Room
from bot.incoming.identity import actor_of
from bot.limits.requests import TROUBLE, patiently
from core.chat.message import Message, Role, State
from core.chat.place import Place
from core.errors import TavernError

if TYPE_CHECKING:
    from bot.client import TavernBot

T = TypeVar("T")

log = logging.getLogger(__name__)

# One page of history shows edits and deletions too; a longer absence is read on up to this.
_PAGE = 100
_MOST_MISSED = 500
RESTING = (State.DONE, State.CUT)


class Recovery:
    """Runs after every new session with Discord; turns are settled only after the first.

    A channel where something new happens is put right first, the others one by one.
    """

    def __init__(self, bot: "TavernBot") -> None:
        self.bot = bot
        self.settled = asyncio.Event()
        """Set when nothing of an earlier process is left in the channels."""
        self.caught_up = asyncio.Event()
        """Set while every missed message has been read."""
        self._lock = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._knows = False
        self._broken: dict[int, tuple[Place, list[Message]]] | None = None
        """Turns that an earlier process left unfinished, by place; None: not looked up."""
        self._behind: dict[int, tuple[Place, int]] = {}
        """The newest message seen before this session, of places not yet read."""
        self._closing = False

    def begin(self) -> None:
        """A new session: what came before its first event is still to be read."""
        self._knows = False
        self.caught_up.clear()

    async def close(self) -> None:
        """Ends after the channel that is being looked at."""
        self._closing = True
        async with self._lock:
            pass

    async def run(self) -> None:
        """Puts everything right; trouble with one channel leaves the others alone."""
        async with self._lock:
            places = {**await self._look(), **self._behind}
            for place, _ in places.values():
                if not self._closing:
                    await self._one(place)
            self.settled.set()
            if not self._closing:
                self.caught_up.set()

    async def put_right(self, floor: Channel) -> None:
        """Puts one channel right before anything new happens in it."""
        async with floor.ears:
            await self.mend(floor)

    async def mend(self, floor: Channel) -> None:
        """As `put_right`, for those who hold the floor's ears."""
        is_first = not self.settled.is_set()
        place = floor.place
        _, broken = (await self._look()).pop(place.id, (place, []))
        for message in broken:
            await self._apart(place, partial(self._settle, floor, message))
        behind, asker = self._behind.pop(place.id, None), None
        if behind is not None:
            asker = await self._apart(place, partial(self._catch_up, floor, behind[1]))
        if is_first and (broken or behind):
            asker = asker or await self._apart(place, partial(self._left_waiting, floor))
        if asker is not None:
            floor.ask(actor_of(asker, floor.place, self.bot.owners), 0.0)

    async def _look(self) -> dict[int, tuple[Place, list[Message]]]:
        """Learns what is to be put right, before anything of this session is stored."""
        async with self._looking:
            if self._knows and self._broken is not None:
                return self._broken
            if self._broken is None:
                # Once only: later such turns may be this process's own.
                self._broken = {}
                for place, message in await self.bot.engine.unfinished():
                    self._broken.setdefault(place.id, (place, []))[1].append(message)
            for place, seen in await self.bot.engine.storage.stories.watched():
                # A place that is still behind from the session before stays as far behind.
                self._behind.setdefault(place.id, (place, seen))
            self._knows = True
            return self._broken

    async def _one(self, place: Place) -> None:
        floor = await self._floor(place)
        if floor is not None:
            await self.put_right(floor)
            return
        self._behind.pop(place.id, None)
        _, broken = (await self._look()).pop(place.id, (place, []))
        for message in broken:
            await self._apart(place, partial(self._without_screen, message))

    async def edited(self, message: discord.Message) -> None:
        """A person's message has other words now; the message itself is taken in first."""
        place = self.bot.message_reader.place(message)
        if place is None or self.bot.newest(message) is not message:
            return
        async with self.bot.dispatcher.floor(cast("Room", message.channel), place).ears:
            await self._reword(place, message)

    async def _reword(self, place: Place, message: discord.Message) -> None:
        options = await self.bot.engine.services.options.resolve(place, None, message.author.id)
        text = self.bot.message_reader.text(message, self.bot.dispatcher.reading(options))
        await self.bot.engine.edit(message.id, text)

    async def _apart(
        self, place: Place, work: Callable[[], Coroutine[object, object, T]]
    ) -> T | None:
        if self._closing:
            return None
        try:
            return await patiently(work)
        except (*TROUBLE, TavernError) as error:
            log.warning("channel %s could not be put right: %s", place.id, error)
        except Exception:
            log.exception("channel %s could not be put right", place.id)
        return None

    async def _floor(self, place: Place) -> Channel | None:
        room: object = self.bot.get_channel(place.id)
        if room is None and place.guild_id is None:
            room = self.bot.get_partial_messageable(place.channel_id)
        if room is None and place.thread_id is not None:
            # Archived threads are not among those Discord tells of.
            with suppress(*TROUBLE):
                room = await patiently(partial(self.bot.fetch_channel, place.thread_id))
        return self.bot.dispatcher.floor(cast("Room", room), place) if room is not None else None

    # Turns that were on their way

    async def _settle(self, floor: Channel, message: Message) -> None:
        orphans = await LostMessages(self.bot, floor.room).of(message)
        text = orphans.text(message)
        if message.state in RESTING:
            await self._bring(floor, message, orphans)
        elif text:
            await self._bring(floor, await self.bot.engine.settle(message.id, text), orphans)
        else:
            await self._take_back(floor, message, orphans)

    async def _bring(self, floor: Channel, turn: Message, orphans: LostMessages) -> None:
        """Discord shows what the store has."""
        if orphans.ids and orphans.ids != turn.discord_ids:
            await self.bot.engine.shown(turn.id, turn.active, orphans.ids)
            turn = await self.bot.engine.storage.chats.message(floor.place.id, turn.id)
        await floor.show_message(turn)

    async def _without_screen(self, message: Message) -> None:
        if message.state in RESTING:
            return
        if message.text:
            await self.bot.engine.settle(message.id, None)
        else:
            await self.bot.engine.discard(message.id)

    async def _take_back(self, floor: Channel, message: Message, orphans: LostMessages) -> None:
        """No word had come: the turn is as before."""
        if len(message.swipes) > 1:
            turn = await self.bot.engine.storage.chats.drop_swipe(message.id, message.active)
            await floor.show_message(turn)
            return
        # The row goes last: without it nobody would find the messages after another crash.
        await floor.output.sweep(orphans.ids)
        await self.bot.engine.discard(message.id)

    async def _left_waiting(self, floor: Channel) -> discord.abc.User | None:
        """Whoever had the last word, where the process before was to answer and could not."""
        engine, place = self.bot.engine, floor.place
        story = await engine.storage.stories.open(place)
        asked = await engine.storage.chats.last(story)
        if asked is None or asked.role is not Role.USER or not asked.discord_ids:
            return None
        if not await engine.active(place):
            return None
        message = await floor.room.fetch_message(asked.discord_ids[-1])
        message_reader = self.bot.message_reader
        due = message_reader.is_heard(message) and message_reader.is_fresh(message)
        if due and await engine.answers(place, addressed=message_reader.is_addressed(message)):
            return message.author
        return None

    # Messages that came, changed or went in the meantime

    async def _catch_up(self, floor: Channel, seen: int) -> discord.abc.User | None:
        """Reads what was missed. Returns whoever is still waiting for an answer."""
        place = floor.place
        if not seen or not await self.bot.engine.active(place):
            return None
        await self.bot.scheduler.leave(lambda now: -2.0)
        # Read first: what is said while the page comes is not missing from it.
        shown = await self._shown(place)
        newest = [message async for message in floor.room.history(limit=_PAGE)][::-1]
        page = newest
        if len(newest) == _PAGE and newest[0].id > seen:
            history = floor.room.history(
                limit=_MOST_MISSED, after=discord.Object(seen), oldest_first=True
            )
            page = [message async for message in history]
        asker = await self._read(place, page, seen)
        await self._compare(place, newest, shown)
        if page and page[-1].id > seen:
            await self.bot.engine.storage.stories.mark_seen(place, page[-1].id)
        return asker

    async def _read(
        self, place: Place, page: Sequence[discord.Message], seen: int
    ) -> discord.abc.User | None:
        asker = None
        for message in page:
            if message.id <= seen or not self.bot.message_reader.is_heard(message):
                continue
            options = await self.bot.engine.services.options.resolve(place, None, message.author.id)
            reading = self.bot.dispatcher.reading(options)
            incoming = await self.bot.message_reader.read(message, place, reading)
            if incoming is not None and await self.bot.receive(incoming):
                asker = message.author
        return asker

    async def _shown(self, place: Place) -> list[int]:
        """The Discord messages of the story's newest turns."""
        story = await self.bot.engine.storage.stories.open(place)
        turns = await self.bot.engine.storage.chats.history(story, limit=_PAGE)
        return [id_ for turn in turns for id_ in turn.discord_ids]

    async def _compare(
        self, place: Place, page: Sequence[discord.Message], shown: Sequence[int]
    ) -> None:
        """Edits and deletions among the messages that are known already.

        An empty page proves nothing: Discord gives one too where history may not be read.
        """
        if not page:
            return
        for message in page:
            if message.edited_at is not None and self.bot.message_reader.is_heard(message):
                await self._reword(place, message)
        since = page[0].id if len(page) == _PAGE else 0
        there = {message.id for message in page}
        gone = [id_ for id_ in shown if id_ >= since and id_ not in there]
        if gone:
            await self.bot.engine.delete(gone)
