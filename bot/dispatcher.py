"""Hears every channel, keeps each one's order, and carries out what buttons ask for."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import discord

from bot.channel.buttons import BARE, Press, Row, RowKind, Verb, row_of
from bot.channel.channel import Channel
from bot.channel.senders import Room
from bot.incoming.identity import actor_of, place_of
from bot.incoming.message_reader import Reading
from bot.limits.requests import TROUBLE
from core.chat.message import Message
from core.chat.place import Place
from core.errors import Busy, NotAllowed, NotConfigured
from core.options.option import Resolved
from core.options.table import (
    CHAT_BURST_SECONDS,
    CHAT_OUT_OF_CHARACTER,
    CHAT_QUOTE_REPLIES,
    TIME_ZONE,
)
from core.reply.generation import Generation

if TYPE_CHECKING:
    from bot.client import TavernBot

log = logging.getLogger(__name__)

_KEPT_FLOORS = 2000


class Dispatcher:
    """One for the whole bot; it has a floor for every channel in use."""

    def __init__(self, bot: "TavernBot") -> None:
        self.bot = bot
        self._floors: dict[int, Channel] = {}
        self._ears: set[asyncio.Task[object]] = set()
        self._closing = False

    def floor(self, room: Room, place: Place) -> Channel:
        """The channel's floor. The place is renewed: a channel's age mark may have changed."""
        floor = self._floors.get(place.id)
        if floor is None:
            if len(self._floors) >= _KEPT_FLOORS:
                self._floors = {key: one for key, one in self._floors.items() if not one.idle}
            floor = self._floors[place.id] = Channel(self.bot, room, place)
        floor.place = place
        return floor

    def here(self, interaction: "discord.Interaction[Any]") -> Channel:
        """The floor of the channel an interaction came from. Raises NotAllowed elsewhere."""
        channel = interaction.channel
        place = place_of(channel, person_id=interaction.user.id)
        if place is None:
            raise NotAllowed("nobody talks in this kind of channel", needs="")
        return self.floor(cast("Room", channel), place)

    async def hear(self, message: discord.Message) -> None:
        """Stores what a person said and answers where that is due."""
        message_reader = self.bot.message_reader
        place = message_reader.place(message)
        if place is None or self._closing or not message_reader.is_heard(message):
            return
        self.bot.impersonation.note(message.author)
        floor = self.floor(cast("Room", message.channel), place)
        async with self._hearing(), floor.ears:
            try:
                await self.bot.recovery.mend(floor)
                await self._take(floor, message)
            except Exception as error:
                await floor.trouble(error)

    async def _take(self, floor: Channel, message: discord.Message) -> None:
        engine, place = self.bot.engine, floor.place
        if not await engine.active(place):
            if self.bot.message_reader.is_addressed(message):
                raise NotConfigured("no chat is on here", what="chat")
            return
        options = await engine.services.options.resolve(place, None, message.author.id)
        incoming = await self.bot.message_reader.read(
            self.bot.newest(message), place, self.reading(options)
        )
        if incoming is not None and await self.bot.receive(incoming):
            pause = 0.0 if incoming.addressed else options[CHAT_BURST_SECONDS]
            floor.ask(actor_of(message.author, floor.place, self.bot.owners), pause, message.id)

    @contextlib.asynccontextmanager
    async def _hearing(self) -> AsyncIterator[None]:
        """Counts those who are still being listened to; `close` waits for them."""
        task = asyncio.current_task()
        assert task is not None
        self._ears.add(task)
        try:
            yield
        finally:
            self._ears.discard(task)

    def reading(self, options: Resolved) -> Reading:
        """How messages are read where these options hold."""
        limits = self.bot.engine.settings.limits
        try:
            zone = ZoneInfo(options[TIME_ZONE])
        except (ZoneInfoNotFoundError, ValueError):
            return Reading(zone=UTC)
        return Reading(
            zone=zone,
            asides_hidden=options[CHAT_OUT_OF_CHARACTER],
            quotes=options[CHAT_QUOTE_REPLIES],
            message_limit=limits.message_characters,
            file_limit=limits.attachment_characters,
        )

    async def press(self, interaction: "discord.Interaction[Any]", press: Press) -> None:
        """Carries out a press on the buttons under a reply; Discord is answered at once."""
        floor, response = self.here(interaction), interaction.response
        if press.verb is Verb.STOP and floor.output.running is None:
            await _taken(response.edit_message(view=BARE.view()))
        elif press.verb is Verb.STOP:
            await _taken(response.defer())
            await floor.output.stop()
        elif not floor.claim(press.version):
            await _taken(response.defer())
        elif floor.busy:
            floor.unclaim(press.version)
            raise Busy("a reply is on its way here")
        elif not await _taken(self._first_answer(interaction, press)):
            floor.unclaim(press.version)
        elif press.verb is Verb.RETRY:
            with suppress(discord.HTTPException):
                await interaction.delete_original_response()
            floor.ask(actor_of(interaction.user, floor.place, self.bot.owners), 0.0)
        else:
            await self._turn_over(interaction, floor, press)

    @staticmethod
    async def _first_answer(interaction: "discord.Interaction[Any]", press: Press) -> None:
        if press.verb in (Verb.AGAIN, Verb.CONTINUE):
            running = Row(RowKind.RUNNING, press.message_id)
            await interaction.response.edit_message(view=running.view())
        else:
            await interaction.response.defer()

    async def _turn_over(
        self, interaction: "discord.Interaction[Any]", floor: Channel, press: Press
    ) -> None:
        message = interaction.message
        assert message is not None
        self.bot.webhooks.note(message.id, message.webhook_id or 0)
        before = row_of(message, press.message_id)
        again = press.verb in (Verb.AGAIN, Verb.CONTINUE)
        running = Row(RowKind.RUNNING, press.message_id) if again else None
        actor = actor_of(interaction.user, floor.place, self.bot.owners)
        try:
            await floor.perform(actor, self._start(floor, press), before=before, running=running)
        except Exception:
            with suppress(discord.HTTPException):
                await interaction.edit_original_response(view=before.again().view())
            raise

    def _start(self, floor: Channel, press: Press) -> Callable[[], Awaitable[Generation | Message]]:
        engine, place, id_ = self.bot.engine, floor.place, press.message_id
        match press.verb:
            case Verb.AGAIN:
                return lambda: engine.regenerate(place, id_)
            case Verb.CONTINUE:
                return lambda: engine.continue_(place, id_)
            case Verb.BACK:
                return lambda: engine.swipe(place, id_, -1)
            case _:
                return lambda: engine.swipe(place, id_, 1)

    async def close(self, seconds: float) -> None:
        """Ends every reply within the time, first by itself, then with what it has."""
        self._closing = True
        floors = list(self._floors.values())
        for floor in floors:
            floor.close()
        waiting = [asyncio.create_task(floor.finished()) for floor in floors]
        waiting.append(asyncio.create_task(self.bot.recovery.close()))
        if self._ears:
            await asyncio.wait(self._ears, timeout=seconds / 4)
        _done, late = await asyncio.wait(waiting, timeout=seconds / 2)
        if late:
            await asyncio.gather(*(floor.output.stop() for floor in floors))
            _done, late = await asyncio.wait(late, timeout=seconds / 2)
        for task in late:
            task.cancel()


async def _taken(answer: Awaitable[object]) -> bool:
    """Whether Discord still knew the press that this answers; where nobody can tell, it did."""
    try:
        await answer
    except discord.HTTPException as error:
        log.info("a press came to nothing: %s", error)
        return error.status >= 500
    except TROUBLE as error:
        log.info("the answer to a press was lost: %s", error)
    return True
