"""After a start or a lost connection: unfinished replies are put right, missed messages read."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast

import discord

from bot.access import actor_of
from bot.calls import TROUBLE
from bot.floor import Floor
from bot.orphans import Orphans
from bot.voices import Room
from core.chat.message import Message, Role
from core.chat.place import Place
from core.errors import TavernError

if TYPE_CHECKING:
    from bot.app import TavernBot

log = logging.getLogger(__name__)

# One page of history shows edits and deletions too; a longer absence is read on up to this.
_PAGE = 100
_MOST_MISSED = 500


class Recovery:
    """Runs after every new session with Discord; turns are settled only after the first."""

    def __init__(self, bot: "TavernBot") -> None:
        self.bot = bot
        self.settled = asyncio.Event()
        """Set when nothing of an earlier process is left in the channels."""
        self.caught_up = asyncio.Event()
        """Set while every missed message has been read."""
        self._lock = asyncio.Lock()
        self._closing = False

    async def close(self) -> None:
        """Ends after the channel that is being looked at."""
        self._closing = True
        async with self._lock:
            pass

    async def run(self) -> None:
        """Puts everything right; trouble with one channel leaves the others alone."""
        async with self._lock:
            if not self.settled.is_set():
                for place, message in await self.bot.engine.unfinished():
                    await self._apart(place, partial(self._settle, place, message))
                self.settled.set()
            self.caught_up.clear()
            for place, seen in await self.bot.engine.storage.sessions.watched():
                await self._apart(place, partial(self._catch_up, place, seen))
            if not self._closing:
                self.caught_up.set()

    async def edited(self, message: discord.Message) -> None:
        """A person's message has other words now."""
        place = self.bot.inbox.place(message)
        if place is None:
            return
        options = await self.bot.engine.services.options.resolve(place, None, message.author.id)
        text = self.bot.inbox.text(message, self.bot.conductor.reading(options))
        await self.bot.engine.edit(message.id, text)

    async def _apart(
        self, place: Place, work: Callable[[], Coroutine[object, object, None]]
    ) -> None:
        if self._closing:
            return
        try:
            await work()
        except (*TROUBLE, TavernError) as error:
            log.warning("channel %s could not be put right: %s", place.id, error)
        except Exception:
            log.exception("channel %s could not be put right", place.id)

    async def _floor(self, place: Place) -> Floor | None:
        room: object = self.bot.get_channel(place.id)
        if room is None and place.guild_id is None:
            room = self.bot.get_partial_messageable(place.channel_id)
        if room is None and place.thread_id is not None:
            # Archived threads are not among those Discord tells of.
            with suppress(discord.HTTPException):
                room = await self.bot.fetch_channel(place.thread_id)
        return self.bot.conductor.floor(cast("Room", room), place) if room is not None else None

    # Turns that were on their way

    async def _settle(self, place: Place, message: Message) -> None:
        floor = await self._floor(place)
        if floor is None:
            await self._without_screen(message)
            return
        orphans = await Orphans(self.bot, floor.room).of(message)
        text = orphans.text(message)
        if text:
            turn = await self.bot.engine.settle(message.id, text)
            if orphans.ids != turn.discord_ids:
                await self.bot.engine.shown(turn.id, turn.active, orphans.ids)
                turn = await self.bot.engine.storage.chats.message(place.id, turn.id)
            await floor.show_message(turn)
        else:
            await self._take_back(floor, place, message, orphans)

    async def _without_screen(self, message: Message) -> None:
        if message.text:
            await self.bot.engine.settle(message.id, None)
        else:
            await self.bot.engine.discard(message.id)

    async def _take_back(
        self, floor: Floor, place: Place, message: Message, orphans: Orphans
    ) -> None:
        """No word had come: the turn is as before, and a fresh question is answered after all."""
        chats = self.bot.engine.storage.chats
        if len(message.swipes) > 1:
            await chats.drop_swipe(message.id, message.active)
            turn = await chats.message(place.id, message.id)
            await floor.show_message(turn)
            return
        await self.bot.engine.discard(message.id)
        await floor.stage.sweep(orphans.ids)
        await self._answer_late(floor, place)

    async def _answer_late(self, floor: Floor, place: Place) -> None:
        session = await self.bot.engine.storage.sessions.open(place)
        asked = await self.bot.engine.storage.chats.last(session)
        if asked is None or asked.role is not Role.USER or not asked.discord_ids:
            return
        message = await floor.room.fetch_message(asked.discord_ids[-1])
        if self.bot.inbox.is_fresh(message):
            floor.ask(actor_of(message.author, self.bot.owners), 0.0)

    # Messages that came, changed or went in the meantime

    async def _catch_up(self, place: Place, seen: int) -> None:
        if not seen or not await self.bot.engine.active(place):
            return
        floor = await self._floor(place)
        if floor is None:
            return
        async with floor.ears:
            await self.bot.pacer.leave(lambda now: -2.0)
            page = [message async for message in floor.room.history(limit=_PAGE)][::-1]
            if len(page) == _PAGE and page[0].id > seen:
                after = discord.Object(seen)
                page = [
                    message
                    async for message in floor.room.history(
                        limit=_MOST_MISSED, after=after, oldest_first=True
                    )
                ]
            asker = await self._read(place, page, seen)
            await self._compare(place, page)
            if page and page[-1].id > seen:
                await self.bot.engine.storage.sessions.mark_seen(place, page[-1].id)
        if asker is not None:
            floor.ask(actor_of(asker, self.bot.owners), 0.0)

    async def _read(
        self, place: Place, page: Sequence[discord.Message], seen: int
    ) -> discord.abc.User | None:
        """Stores what was missed; returns whoever is still waiting for an answer."""
        asker = None
        for message in page:
            if message.id <= seen or not self.bot.inbox.is_heard(message):
                continue
            options = await self.bot.engine.services.options.resolve(place, None, message.author.id)
            reading = self.bot.conductor.reading(options)
            incoming = await self.bot.inbox.read(message, place, reading)
            if incoming is not None and await self.bot.engine.receive(incoming):
                asker = message.author
        return asker

    async def _compare(self, place: Place, page: Sequence[discord.Message]) -> None:
        """Edits and deletions among the messages that are known already."""
        if not page:
            return
        there = {message.id for message in page}
        for message in page:
            if message.edited_at is not None and self.bot.inbox.is_heard(message):
                await self.edited(message)
        session = await self.bot.engine.storage.sessions.open(place)
        turns = await self.bot.engine.storage.chats.history(session, limit=_PAGE)
        shown = [id_ for turn in turns for id_ in turn.discord_ids if id_ >= page[0].id]
        gone = [id_ for id_ in shown if id_ not in there and id_ <= page[-1].id]
        if gone:
            await self.bot.engine.delete(gone)
