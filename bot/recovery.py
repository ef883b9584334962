"""After a start or a lost connection: unfinished replies are repaired, missed messages read."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import discord

from bot.channel.channel import Channel, ChannelRegistry
from bot.channel.small_print import MARK
from bot.incoming.message_reader import is_from_person
from bot.limits.requests import TROUBLE, patiently
from bot.runtime import Runtime
from bot.webhooks import Room
from core.chat.message import Message, Role, State
from core.chat.place import Place
from core.errors import TavernError

T = TypeVar("T")

log = logging.getLogger(__name__)

# One page of history shows edits and deletions too; a longer absence is read on up to this.
_PAGE = 100
_MOST_MISSED = 500
RESTING = (State.DONE, State.CUT)

_LOST_PAGE = 50
_NOTICE = "⚠ "
# Discord's clock and ours may differ by this many milliseconds.
_SKEW = 10_000
_bold_name = re.compile(r"\A\*\*.{1,200}?\*\*\n")
_small_print = re.compile(r"(?:\A|\n)-# .*\Z")


@dataclass(frozen=True, slots=True)
class LostMessages:
    """What Discord shows of one unfinished message. `text` is the longest that is surely its."""

    ids: tuple[int, ...]
    text: str


class Recovery:
    """Runs after every new session with Discord; replies are settled only after the first.

    A channel where something new happens is repaired first, the others one by one.
    """

    def __init__(self, runtime: Runtime, channels: ChannelRegistry) -> None:
        self.runtime = runtime
        self.channels = channels
        self._engine = runtime.engine
        self.settled = asyncio.Event()
        """Set when nothing of an earlier process is left in the channels."""
        self.caught_up = asyncio.Event()
        """Set while every missed message has been read."""
        self._lock = asyncio.Lock()
        self._finding = asyncio.Lock()
        self._found = False
        self._unfinished: dict[int, tuple[Place, list[Message]]] | None = None
        """What an earlier process left unfinished, by place; None: not looked up."""
        self._behind: dict[int, tuple[Place, int]] = {}
        """The newest message seen before this session, of places not yet read."""
        self._closing = False

    def begin(self) -> None:
        """A new session: what came before its first event is still to be read."""
        self._found = False
        self.caught_up.clear()

    async def close(self) -> None:
        """Ends after the channel that is being looked at."""
        self._closing = True
        async with self._lock:
            pass

    async def run(self) -> None:
        """Repairs everything; trouble with one channel leaves the others alone."""
        async with self._lock:
            places = {**await self._find_work(), **self._behind}
            for place, _ in places.values():
                if not self._closing:
                    await self._repair_place(place)
            self.settled.set()
            if not self._closing:
                self.caught_up.set()

    async def repair(self, channel: Channel) -> None:
        """Repairs one channel, whose lock is held, before anything new happens in it."""
        is_first = not self.settled.is_set()
        place = channel.place
        _, unfinished = (await self._find_work()).pop(place.id, (place, []))
        for message in unfinished:
            await self._attempt(place, partial(self._settle, channel, message))
        behind, asker = self._behind.pop(place.id, None), None
        if behind is not None:
            asker = await self._attempt(place, partial(self._catch_up, channel, behind[1]))
        if is_first and (unfinished or behind):
            asker = asker or await self._attempt(place, partial(self._still_waiting, channel))
        if asker is not None:
            channel.ask(self.runtime.actor(asker, place), 0.0)

    async def _find_work(self) -> dict[int, tuple[Place, list[Message]]]:
        """Learns what is to be repaired, before anything of this session is stored."""
        async with self._finding:
            if self._unfinished is None:
                # Once only: later such messages may be this process's own.
                self._unfinished = {}
                for place, message in await self._engine.unfinished():
                    self._unfinished.setdefault(place.id, (place, []))[1].append(message)
            if not self._found:
                for place, seen in await self._engine.watched():
                    # A place that is still behind from the session before stays as far behind.
                    self._behind.setdefault(place.id, (place, seen))
                self._found = True
            return self._unfinished

    async def _repair_place(self, place: Place) -> None:
        room = await self.runtime.find_room(place)
        if room is not None:
            channel = self.channels.get(room, place)
            async with channel.lock:
                await self.repair(channel)
            return
        self._behind.pop(place.id, None)
        _, unfinished = (await self._find_work()).pop(place.id, (place, []))
        for message in unfinished:
            await self._attempt(place, partial(self._settle_unshown, message))

    async def _attempt(
        self, place: Place, work: Callable[[], Coroutine[object, object, T]]
    ) -> T | None:
        if self._closing:
            return None
        try:
            return await patiently(work)
        except (*TROUBLE, TavernError) as error:
            log.warning("channel %s could not be repaired: %s", place.id, error)
        except Exception:
            log.exception("channel %s could not be repaired", place.id)
        return None

    # Replies that were on their way

    async def _settle(self, channel: Channel, message: Message) -> None:
        lost = await find_lost(self.runtime, channel.room, message)
        if message.state not in RESTING:
            if not lost.text:
                await self._discard(channel, message, lost)
                return
            message = await self._engine.settle(message.id, lost.text)
        # Discord shows what the store has.
        if lost.ids and lost.ids != message.discord_ids:
            await self._engine.shown(message.id, lost.ids)
            message = replace(message, discord_ids=tuple(lost.ids))
        await channel.show_message(message)

    async def _settle_unshown(self, message: Message) -> None:
        if message.state in RESTING:
            return
        if message.text:
            await self._engine.settle(message.id, None)
        else:
            await self._engine.discard(message.id)

    async def _discard(self, channel: Channel, message: Message, lost: LostMessages) -> None:
        """No word had come: the story is as before."""
        if len(message.swipes) > 1:
            await channel.show_message(await self._engine.drop_swipe(message))
            return
        # The row goes last: without it nobody would find the messages after another crash.
        await channel.output.sweep(lost.ids)
        await self._engine.discard(message.id)

    async def _still_waiting(self, channel: Channel) -> discord.abc.User | None:
        """Whoever had the last word, where the process before was to answer and could not."""
        engine, place = self._engine, channel.place
        newest = await engine.newest(place, 1)
        if not newest or newest[0].role is not Role.USER or not newest[0].discord_ids:
            return None
        scene = await engine.scene(place)
        if not scene.is_active:
            return None
        message = await channel.room.fetch_message(newest[0].discord_ids[-1])
        reader = self.runtime.message_reader
        due = is_from_person(message) and reader.is_fresh(message)
        due = due and scene.answers(addressed=reader.is_addressed(message))
        return message.author if due else None

    # Messages that came, changed or went in the meantime

    async def _catch_up(self, channel: Channel, seen: int) -> discord.abc.User | None:
        """Reads what was missed. Returns whoever is still waiting for an answer."""
        place = channel.place
        if not seen or not (await self._engine.scene(place)).is_active:
            return None
        await self.runtime.scheduler.acquire(lambda now: -2.0)
        # Read first: what is said while the page comes is not missing from it.
        stored = await self._engine.newest(place, _PAGE)
        shown = [id_ for message in stored for id_ in message.discord_ids]
        newest = [message async for message in channel.room.history(limit=_PAGE)][::-1]
        page = newest
        if len(newest) == _PAGE and newest[0].id > seen:
            history = channel.room.history(
                limit=_MOST_MISSED, after=discord.Object(seen), oldest_first=True
            )
            page = [message async for message in history]
        asker = await self._read(place, page, seen)
        await self._compare(place, newest, shown)
        if page and page[-1].id > seen:
            await self._engine.mark_seen(place, page[-1].id)
        return asker

    async def _read(
        self, place: Place, page: Sequence[discord.Message], seen: int
    ) -> discord.abc.User | None:
        asker = None
        for message in page:
            if message.id > seen and is_from_person(message):
                scene = await self._engine.scene(place, message.author.id)
                if await self.runtime.message_links.receive(scene, message):
                    asker = message.author
        return asker

    async def _compare(
        self, place: Place, page: Sequence[discord.Message], shown: Sequence[int]
    ) -> None:
        """Edits and deletions among the messages that are known already.

        An empty page proves nothing: Discord gives one too where history may not be read.
        """
        if not page:
            return
        for message in page:
            if message.edited_at is not None and is_from_person(message):
                await self.runtime.message_links.edit(place, message)
        since = page[0].id if len(page) == _PAGE else 0
        there = {message.id for message in page}
        if gone := [id_ for id_ in shown if id_ >= since and id_ not in there]:
            await self._engine.delete(gone)


async def find_lost(runtime: Runtime, room: Room, message: Message) -> LostMessages:
    """Looks for those whose ids are known, and those whose ids were not stored yet."""
    start = min(message.discord_ids, default=0) - 1
    if start < 0:
        start = max(0, message.created - _SKEW - discord.utils.DISCORD_EPOCH) << 22
    found = []
    history = room.history(limit=_LOST_PAGE, after=discord.Object(start), oldest_first=True)
    async for seen in history:
        if runtime.message_reader.is_own(seen) and not seen.content.startswith(_NOTICE):
            owner = await runtime.engine.shown_by(seen.id)
            if owner is None or owner.id == message.id:
                runtime.webhooks.note(seen.id, seen.webhook_id or 0)
                found.append(seen)
    text = _text(message, _shown([seen.content for seen in found]))
    return LostMessages(tuple(seen.id for seen in found), text)


def _text(message: Message, shown: str) -> str:
    """The stored draft, or what Discord shows where that is more of the same."""
    draft = message.text
    if message.state is not State.STREAMING or len(shown) <= len(draft):
        return draft
    # Before the first edit, the messages of a new swipe still show the old one.
    if any(swipe.text.strip() == shown for swipe in message.swipes):
        return draft
    return shown if shown.startswith(draft.strip()[:40]) else draft


def _shown(contents: Sequence[str]) -> str:
    texts = [text for text in contents if not text.startswith(MARK)]
    if texts:
        texts[0] = _bold_name.sub("", texts[0])
    return "\n".join(_small_print.sub("", text) for text in texts).strip()
