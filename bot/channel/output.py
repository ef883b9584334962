"""What the bot shows in one channel: one reply at a time, with buttons under the last."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

import discord

from bot.channel.buttons import BARE, Row, is_ours
from bot.channel.message_diff import Act, MessageDiff, ShownMessage
from bot.channel.reply import Reply, Still
from bot.channel.reply_stream import ReplyStream
from bot.channel.senders import BotSender, Room, Sender, WebhookSender
from bot.channel.webhooks import Webhooks
from bot.discord_text.display_names import distinct
from bot.discord_text.splitter import split
from bot.i18n import _
from bot.limits import requests
from bot.limits.request_scheduler import RequestScheduler
from bot.limits.requests import TROUBLE, Verdict, verdict
from bot.runtime import Runtime
from core.chat.message import Message
from core.errors import TavernError
from core.reply.generation import Generation, Snapshot, Speaker

log = logging.getLogger(__name__)

# Discord shows typing for 10 seconds.
_TYPING_SECONDS = 8.0
# How far up old buttons are looked for after a restart.
_LOOK_BACK = 30
_TRIES = 5


class ChannelOutput:
    """Everything the bot shows in one channel goes through here."""

    def __init__(self, runtime: Runtime, room: Room) -> None:
        self.runtime = runtime
        self.room = room
        self.background: set[asyncio.Task[object]] = set()
        self.running: Generation | None = None
        self._take: ReplyStream | None = None
        self._buttons: list[ShownMessage] = []
        """Messages with buttons."""
        self._looked_back = False
        """Whether those from before the start are among them."""
        self._looking = asyncio.Lock()
        self._typing: asyncio.Task[None] | None = None

    @property
    def scheduler(self) -> RequestScheduler:
        """The bot-wide pacer."""
        return self.runtime.scheduler

    @property
    def webhooks(self) -> Webhooks:
        """The bot's webhooks."""
        return self.runtime.webhooks

    @property
    def ending(self) -> bool:
        """Whether the reply is complete and only its last words are still to be shown."""
        return self._take is not None and self._take.over

    @property
    def most_messages(self) -> int:
        """How many messages one reply may take."""
        return self.runtime.engine.settings.limits.answer_messages

    async def show(
        self, generation: Generation, *, before: Row = BARE, running: Row | None = None
    ) -> Snapshot:
        """Shows a reply from its first word to its last.

        `before`: the buttons to bring back if nothing new comes; `running`: those that the press
        which began this has put there. Raises Abandoned.
        """
        take = ReplyStream(self, generation)
        take.before = before
        take.running = running or take.running
        self.running, self._take = generation, take
        self.typing_on()
        try:
            return await take.run(self._cast(generation, running))
        finally:
            self.running = self._take = None
            self.typing_off()
            self._keep_buttons(take.diff)

    async def show_message(self, message: Message, speaker: Speaker) -> tuple[int, ...]:
        """Shows a turn as it is stored: a greeting, another swipe, one recovered at start.

        Messages that show it already are edited. Returns the ids. Raises Abandoned.
        """
        take = ReplyStream(self, Still(message, speaker))
        try:
            await take.run(self._cast(take.generation, None))
        finally:
            self._keep_buttons(take.diff)
        return take.diff.ids

    async def say(self, text: str, row: Row = BARE) -> int | None:
        """The bot speaks for itself. None where it may not."""
        sender = BotSender(self.room)
        nonce = discord.utils.time_snowflake(discord.utils.utcnow())
        for tried in range(_TRIES):
            await self.scheduler.leave(lambda now: 0.0)
            try:
                return await requests.run(lambda: sender.post(split(text)[0], row.view(), nonce))
            except Exception as error:
                if verdict(error) is not Verdict.AGAIN:
                    log.info("cannot say anything in %s: %s", self.room.id, error)
                    return None
                await asyncio.sleep(2.0**tried / 2)
        return None

    async def stop(self) -> None:
        """Ends the running reply; what has arrived stays."""
        if self.running is not None:
            await self.running.stop()

    async def sender(self, speaker: Speaker) -> Sender:
        """How the speaker is heard here."""
        return await self.webhooks.sender(self.room, speaker, self.name_of(speaker))

    def name_of(self, speaker: Speaker) -> str:
        """The speaker's name, marked where it could be taken for a moderator or the bot."""
        taken = self.runtime.impersonation.names(self.room)
        return distinct(speaker.name, taken, _("(character)"))

    def link(self, message_id: int) -> str:
        """The address of one of the channel's messages."""
        return self.room.get_partial_message(message_id).jump_url

    def wrote(self, message_id: int, sender: Sender) -> None:
        """A message of ours appeared: the buttons above it go."""
        self.webhooks.note(message_id, sender.hook.id if isinstance(sender, WebhookSender) else 0)
        self._spawn(self._retire(message_id))

    def newest(self) -> int:
        """The newest message Discord has told of; posts of ours come after it."""
        known = getattr(self.room, "last_message_id", None)
        # Where Discord tells none, clocks decide; they may differ by as much as this.
        return known or discord.utils.time_snowflake(discord.utils.utcnow() - timedelta(minutes=1))

    async def shown(
        self, generation: Reply, ids: Sequence[int], lengths: Sequence[int] = ()
    ) -> None:
        """Stores which messages show the turn; a failure costs only the link between them."""
        try:
            await self.runtime.message_links.shown(generation, ids, lengths)
        except TavernError as error:
            log.warning("the ids of turn %s were not stored: %s", generation.message_id, error)

    async def sweep(self, ids: Sequence[int]) -> None:
        """Takes back messages that can no longer be edited, where the bot may delete at all."""
        for message_id in ids:
            self.runtime.message_links.deleting(message_id)
            with suppress(*TROUBLE):
                await requests.patiently(partial(self._take_away, message_id))

    async def _take_away(self, message_id: int) -> None:
        # Where its webhook is gone, only the right to manage messages helps.
        found = await self.webhooks.sender_of(self.room, message_id, "")
        await (found or BotSender(self.room)).delete(message_id)

    def typing_on(self) -> None:
        """Shows that something comes, until `typing_off`."""
        if self._typing is None:
            self._typing = asyncio.create_task(self._type())

    def typing_off(self) -> None:
        """Nothing is being typed any more."""
        if self._typing is not None:
            self._typing.cancel()
            self._typing = None

    async def _type(self) -> None:
        while True:
            await self.scheduler.leave(lambda now: -1.0)
            with suppress(*TROUBLE):
                await requests.run(lambda: self.room.typing())
            await asyncio.sleep(_TYPING_SECONDS)

    async def _cast(
        self, generation: Reply, running: Row | None
    ) -> tuple[Sender, list[ShownMessage]]:
        sender, slots = await self._sender_and_slots(generation.discord_ids, generation.speaker)
        if slots and running is not None:
            slots[-1].row = running
        return sender, slots

    async def _sender_and_slots(
        self, ids: Sequence[int], speaker: Speaker
    ) -> tuple[Sender, list[ShownMessage]]:
        """The voice that wrote these messages; where it is gone, a new one and no messages."""
        if ids:
            with suppress(*TROUBLE):
                name = self.name_of(speaker)
                find = partial(self.webhooks.sender_of, self.room, ids[0], name)
                sender = await requests.patiently(find)
                if sender is not None:
                    slots = [ShownMessage(id_, sender, row=BARE) for id_ in ids]
                    slots[-1].row = None
                    return sender, slots
        return await self.sender(speaker), []

    async def _change(
        self, slot: ShownMessage, text: str | None, row: Row | None, act: Act
    ) -> None:
        if act is Act.DELETE:
            await requests.land(lambda: slot.sender.delete(slot.id), self.background)
        else:
            view = None if row is None else row.view()
            await requests.land(lambda: slot.sender.edit(slot.id, text, view), self.background)

    # Buttons above the last reply

    def _keep_buttons(self, diff: MessageDiff) -> None:
        last = diff.slots[-1] if diff.slots else None
        if last is not None and last.row is not None and last.row != BARE:
            others = [slot for slot in self._buttons if slot.id != last.id]
            self._buttons = [*others, last]

    async def _retire(self, message_id: int) -> None:
        """Removes the buttons of every message above this one."""
        async with self._looking:
            if not self._looked_back:
                self._buttons[:0] = await self._old_buttons(message_id)
                self._looked_back = True
        old = [slot for slot in self._buttons if slot.id < message_id]
        self._buttons = [slot for slot in self._buttons if slot.id >= message_id]
        for slot in old:
            for tried in range(_TRIES):
                await self.scheduler.leave(lambda now: -1.0)
                try:
                    await self._change(slot, None, BARE, Act.EDIT)
                except Exception as error:
                    if verdict(error) is not Verdict.AGAIN:
                        break
                    await asyncio.sleep(2.0**tried)
                else:
                    break

    async def _old_buttons(self, message_id: int) -> list[ShownMessage]:
        """Messages from before the start that still carry buttons."""
        found = []
        await self.scheduler.leave(lambda now: -1.0)
        with suppress(*TROUBLE):
            before = discord.Object(message_id)
            async for message in self.room.history(limit=_LOOK_BACK, before=before):
                if self.runtime.message_reader.is_own(message) and is_ours(message):
                    self.webhooks.note(message.id, message.webhook_id or 0)
                    sender = await self.webhooks.sender_of(self.room, message.id, "")
                    if sender is not None:
                        found.append(ShownMessage(message.id, sender))
        return found

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task: asyncio.Task[object] = asyncio.create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)
