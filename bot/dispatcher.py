"""Hands each message and each press of a button to its channel, in the order they came."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import discord

from bot.channel.buttons import BARE, Press, Row, RowKind, Verb, row_of
from bot.channel.channel import Channel, ChannelRegistry
from bot.i18n import _
from bot.incoming.message_reader import is_from_person, place_of
from bot.limits.requests import TROUBLE
from bot.runtime import Runtime
from bot.views.room import show_room, tell_no_room
from bot.webhooks import Room
from bot.wording.errors import text_file
from core.chat.message import Message
from core.engine.scene import Scene
from core.errors import BudgetExceeded, Busy, NotConfigured
from core.options.table import CHAT_BURST_SECONDS
from core.reply.reply_run import ReplyRun

log = logging.getLogger(__name__)


class Dispatcher:
    """One for all channels."""

    def __init__(self, runtime: Runtime, channels: ChannelRegistry) -> None:
        self.runtime = runtime
        self.channels = channels
        self._receiving: set[asyncio.Task[object]] = set()
        """Messages that are still being stored; `close` waits for them."""
        self._closing = False

    async def receive(self, message: discord.Message) -> None:
        """Stores what a person said and answers where that is due."""
        place = place_of(message.channel, person_id=message.author.id)
        if place is None or self._closing or not is_from_person(message):
            return
        self.runtime.impersonation.note(message.author)
        channel = self.channels.get(cast("Room", message.channel), place)
        task = asyncio.current_task()
        assert task is not None
        self._receiving.add(task)
        try:
            async with channel.lock:
                await channel.repair()
                await self._store(channel, message)
        except Exception as error:
            await channel.trouble(error)
        finally:
            self._receiving.discard(task)

    async def _store(self, channel: Channel, message: discord.Message) -> None:
        scene = await self.runtime.engine.scene(channel.place, message.author.id)
        if not scene.is_active:
            if self.runtime.message_reader.is_addressed(message):
                raise NotConfigured(what="chat")
            return
        incoming = await self.runtime.message_links.receive(scene, message)
        if incoming is not None:
            pause = 0.0 if incoming.addressed else scene.options[CHAT_BURST_SECONDS]
            actor = self.runtime.actor(message.author, channel.place)
            channel.ask(actor, pause, message.id, scene)

    async def edit(self, message: discord.Message) -> None:
        """Takes over a person's edit, once the message itself is stored."""
        links = self.runtime.message_links
        place = place_of(message.channel, person_id=message.author.id)
        if place is None or not is_from_person(message):
            return
        if links.newest(message) is message:
            async with self.channels.get(cast("Room", message.channel), place).lock:
                await links.edit(place, message)

    async def reopen(self, room: Room) -> None:
        """A thread is open again: what stood still in it is brought in order."""
        channel = self.channels.known(room.id)
        if channel is not None and not self._closing:
            async with channel.lock:
                await channel.repair()

    async def press(self, interaction: "discord.Interaction[Any]", press: Press) -> None:
        """Carries out a press on the buttons under a reply; Discord is answered at once."""
        try:
            await self._press(interaction, press)
        except BudgetExceeded as error:
            await tell_no_room(interaction, error)

    async def _press(self, interaction: "discord.Interaction[Any]", press: Press) -> None:
        channel, response = self.channels.of_interaction(interaction), interaction.response
        # Words will come, with a Stop under them.
        makes_text = press.verb in (Verb.AGAIN, Verb.CONTINUE)
        running = Row(RowKind.RUNNING, press.message_id) if makes_text else None
        if press.verb is Verb.STOP and channel.output.running is None:
            await _acknowledged(response.edit_message(view=BARE.view()))
        elif press.verb is Verb.STOP:
            await _acknowledged(response.defer())
            await channel.output.stop()
        elif press.verb is Verb.KEPT:
            await _show_kept(interaction, channel.kept.get(press.version))
        elif press.verb is Verb.ROOM:
            await show_room(interaction)
        elif not channel.claim(press.version):
            await _acknowledged(response.defer())
        elif channel.busy:
            channel.unclaim(press.version)
            raise Busy()
        elif not await _acknowledged(
            response.edit_message(view=running.view()) if running else response.defer()
        ):
            channel.unclaim(press.version)
        elif press.verb is Verb.RETRY:
            with suppress(discord.HTTPException):
                await interaction.delete_original_response()
            channel.ask(self.runtime.actor(interaction.user, channel.place), 0.0)
        else:
            await self._perform(interaction, channel, press, running)

    async def _perform(
        self,
        interaction: "discord.Interaction[Any]",
        channel: Channel,
        press: Press,
        running: Row | None,
    ) -> None:
        message = interaction.message
        assert message is not None
        self.runtime.webhooks.note(message.id, message.webhook_id or 0)
        before = row_of(message, press.message_id)
        actor = self.runtime.actor(interaction.user, channel.place)
        try:
            await channel.perform(actor, self._start(press), before=before, running=running)
        except Exception:
            with suppress(discord.HTTPException):
                await interaction.edit_original_response(view=before.again().view())
            raise

    def _start(self, press: Press) -> Callable[[Scene], Awaitable[ReplyRun | Message]]:
        engine, id_ = self.runtime.engine, press.message_id
        match press.verb:
            case Verb.AGAIN:
                return lambda scene: engine.regenerate(scene, id_)
            case Verb.CONTINUE:
                return lambda scene: engine.continue_(scene, id_)
            case verb:
                return lambda scene: engine.swipe(scene, id_, -1 if verb is Verb.BACK else 1)

    async def close(self, seconds: float, *others: "asyncio.Task[None]") -> None:
        """Ends every reply within the time, first by itself, then with what it has.

        `others` are given the same time.
        """
        self._closing = True
        channels = list(self.channels)
        for channel in channels:
            channel.close()
        waiting = [*(asyncio.create_task(channel.finished()) for channel in channels), *others]
        if self._receiving:
            await asyncio.wait(self._receiving, timeout=seconds / 4)
        if not waiting:
            return
        _done, late = await asyncio.wait(waiting, timeout=seconds / 2)
        if late:
            await asyncio.gather(*(channel.output.stop() for channel in channels))
            _done, late = await asyncio.wait(late, timeout=seconds / 2)
        for task in late:
            task.cancel()


async def _show_kept(interaction: "discord.Interaction[Any]", text: str | None) -> None:
    """Hands out a reply that Discord refused, to whoever asks and to nobody else."""
    send = interaction.response.send_message
    if text is None:
        await send(_("That text is gone: the bot was restarted since."), ephemeral=True)
    else:
        await send(file=text_file(text, "reply.txt"), ephemeral=True)


async def _acknowledged(answer: Awaitable[object]) -> bool:
    """Whether Discord still knew the press that this answers; where nobody can tell, it did."""
    try:
        await answer
    except discord.HTTPException as error:
        log.info("a press came to nothing: %s", error)
        return error.status >= 500
    except TROUBLE as error:
        log.info("the answer to a press was lost: %s", error)
    return True
