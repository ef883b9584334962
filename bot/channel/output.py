"""What the bot shows in one channel: one reply at a time, with buttons under the last."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

import discord

from bot.channel.buttons import BARE, Row, is_ours
from bot.channel.reply_composer import MessageDiff, Reply, ShownMessage, StoredReply
from bot.channel.reply_stream import Abandoned, Adoption, ReplyStream
from bot.discord_text.display_names import distinct
from bot.discord_text.splitter import split
from bot.i18n import _
from bot.limits import requests
from bot.limits.requests import TROUBLE
from bot.runtime import Runtime
from bot.webhooks import BotSender, Room, Sender
from core.chat.message import Message, State
from core.errors import NotFound, TavernError
from core.reply.reply_run import ReplyRun, Shown, Snapshot, Speaker

log = logging.getLogger(__name__)

# Discord shows typing for 10 seconds.
_TYPING_SECONDS = 8.0
# How far up old buttons are looked for after a restart.
_LOOK_BACK = 30
# A notice, or the removal of old buttons, is tried for as long as this.
_PATIENCE = 15.0


class ChannelOutput:
    """Everything the bot shows in one channel goes through here; `Output` tells how."""

    def __init__(self, runtime: Runtime, room: Room) -> None:
        self.runtime = runtime
        self.room = room
        self.scheduler = runtime.scheduler
        self.most_messages = runtime.engine.settings.limits.answer_messages
        self.background: set[asyncio.Task[object]] = set()
        self.running: ReplyRun | None = None
        self._stream: ReplyStream | None = None
        self._with_buttons: list[ShownMessage] = []
        self._looked_back = False
        """Whether messages from before the start are among them."""
        self._looking = asyncio.Lock()
        self._typing: asyncio.Task[None] | None = None

    @property
    def ending(self) -> bool:
        """Whether the reply is complete and only its last words are still to be shown."""
        return self._stream is not None and self._stream.over

    async def show(
        self, reply: ReplyRun, *, before: Row = BARE, running: Row | None = None
    ) -> Snapshot:
        """Shows a reply from its first word to its last.

        `before`: the buttons to bring back if nothing new comes; `running`: those that the press
        which began this has put there. Raises Abandoned.
        """
        stream = ReplyStream(self, reply, before=before, running=running)
        self.running, self._stream = reply, stream
        if not reply.discord_ids:
            # What is only edited ends no typing: Discord would show it for ten seconds more.
            self.typing_on()
        try:
            return await self._run(stream, running)
        finally:
            self.running = self._stream = None
            self.typing_off()

    async def show_message(self, message: Message, speaker: Speaker, text: Shown) -> None:
        """Shows a message that is stored: a greeting, another swipe, one recovered at start.

        Discord messages that show it already are edited. Raises Abandoned.
        """
        await self._run(ReplyStream(self, StoredReply.of(message, speaker, text)))

    async def _run(self, stream: ReplyStream, running: Row | None = None) -> Snapshot:
        try:
            return await stream.run(self._adopt(stream.reply, running))
        except Abandoned as given_up:
            if not stream.over or given_up.visible != given_up.whole:
                await self._keep_visible(stream.reply, given_up)
            raise
        finally:
            self._keep_buttons(stream.diff)

    async def _keep_visible(self, reply: Reply, given_up: Abandoned) -> None:
        """What nobody saw is not in the story."""
        if given_up.told is None:
            return
        try:
            if given_up.visible:
                await self.reworded(reply, given_up.visible, State.CUT)
            elif isinstance(reply, ReplyRun):
                await reply.discard()
            elif given_up.visible is not None:
                await self.runtime.engine.discard(reply.message_id)
        except TavernError as error:
            log.warning("message %s keeps words that nobody saw: %s", reply.message_id, error)

    async def _adopt(self, reply: Reply, running: Row | None) -> Adoption:
        """Where the sender of a reply's messages is gone, a new one and no messages."""
        ids = reply.discord_ids
        sender = None
        with suppress(*TROUBLE):
            if ids:
                sender = await requests.patiently(partial(self._sender_of, ids[0], reply.speaker))
        if sender is None:
            return await self.sender(reply.speaker), []
        messages = [ShownMessage(id_, sender, row=BARE) for id_ in ids]
        messages[-1].row = running
        return sender, messages

    async def say(self, text: str, row: Row = BARE) -> bool:
        """The bot speaks for itself. False where it may not."""
        nonce = discord.utils.time_snowflake(discord.utils.utcnow())
        post = partial(self.own_sender().post, split(text)[0], row.view(), nonce)
        try:
            await self._patiently(lambda: requests.run(post), urgency=0.0)
        except Exception as error:
            log.info("cannot say anything in %s: %s", self.room.id, error)
            return False
        return True

    async def stop(self) -> None:
        """Ends the running reply; what has arrived stays."""
        if self.running is not None:
            await self.running.stop()

    # Who posts

    async def sender(self, speaker: Speaker) -> Sender:
        return await self.runtime.webhooks.sender(self.room, speaker, self._name_of(speaker))

    def own_sender(self, speaker: Speaker | None = None) -> Sender:
        return BotSender(self.room, self._name_of(speaker))

    async def _sender_of(self, message_id: int, speaker: Speaker | None = None) -> Sender | None:
        return await self.runtime.webhooks.sender_of(self.room, message_id, self._name_of(speaker))

    def _name_of(self, speaker: Speaker | None) -> str:
        """The speaker's name, marked where it could be taken for a moderator or the bot."""
        if speaker is None:
            return ""
        names = self.runtime.impersonation.names(self.room, but=speaker.person_id)
        return distinct(speaker.name, names, _("(character)"))

    def lost(self, sender: Sender) -> None:
        self.runtime.webhooks.lost(sender.webhook_id)

    # Discord messages

    async def edit(self, message: ShownMessage, text: str | None, row: Row | None) -> None:
        edit = partial(message.sender.edit, message.id, text, row.view() if row else None)
        await requests.land(edit, self.background)

    async def delete(self, message: ShownMessage) -> None:
        self.runtime.message_links.deleting(message.id)
        await requests.land(partial(message.sender.delete, message.id), self.background)

    async def sweep(self, ids: Sequence[int]) -> None:
        for message_id in ids:
            self.runtime.message_links.deleting(message_id)
            with suppress(*TROUBLE):
                await requests.patiently(partial(self._take_back, message_id))

    async def _take_back(self, message_id: int) -> None:
        # Where its webhook is gone, only the right to manage messages helps.
        await (await self._sender_of(message_id) or self.own_sender()).delete(message_id)

    def link(self, message_id: int) -> str:
        return self.room.get_partial_message(message_id).jump_url

    def newest(self) -> int:
        # Where Discord tells none, clocks decide; they may differ by as much as this.
        return getattr(self.room, "last_message_id", None) or discord.utils.time_snowflake(
            discord.utils.utcnow() - timedelta(minutes=1)
        )

    async def shown(self, reply: Reply, ids: Sequence[int], lengths: Sequence[int | None]) -> None:
        try:
            await self.runtime.message_links.shown(reply.message_id, ids, lengths)
        except NotFound:
            log.debug("message %s was taken back meanwhile", reply.message_id)
        except TavernError as error:
            # It costs only the link between them.
            log.warning("the ids of message %s were not stored: %s", reply.message_id, error)

    async def reworded(self, reply: Reply, text: str, state: State) -> None:
        await self.runtime.engine.settle(reply.message_id, text, state)

    # Typing

    def typing_on(self) -> None:
        """Shows that something comes, until `typing_off`."""
        if self._typing is None:
            self._typing = asyncio.create_task(self._type())

    def typing_off(self) -> None:
        if self._typing is not None:
            self._typing.cancel()
            self._typing = None

    async def _type(self) -> None:
        while True:
            await self.scheduler.acquire(lambda now: -1.0)
            with suppress(*TROUBLE):
                await requests.run(lambda: self.room.typing())
            await asyncio.sleep(_TYPING_SECONDS)

    # Buttons above the last reply

    def posted(self, message_id: int, sender: Sender) -> None:
        self.runtime.webhooks.note(message_id, sender.webhook_id)
        task: asyncio.Task[object] = asyncio.create_task(self._remove_buttons(message_id))
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def _keep_buttons(self, diff: MessageDiff) -> None:
        last = diff.messages[-1] if diff.messages else None
        if last is not None and last.row not in (None, BARE):
            others = [message for message in self._with_buttons if message.id != last.id]
            self._with_buttons = [*others, last]

    async def _remove_buttons(self, message_id: int) -> None:
        async with self._looking:
            if not self._looked_back:
                self._with_buttons[:0] = await self._old_buttons(message_id)
                self._looked_back = True
        old = [message for message in self._with_buttons if message.id < message_id]
        self._with_buttons = [one for one in self._with_buttons if one.id >= message_id]
        for message in old:
            with suppress(Exception):
                await self._patiently(partial(self.edit, message, None, BARE), urgency=-1.0)

    async def _old_buttons(self, message_id: int) -> list[ShownMessage]:
        found = []
        await self.scheduler.acquire(lambda now: -1.0)
        with suppress(*TROUBLE):
            history = self.room.history(limit=_LOOK_BACK, before=discord.Object(message_id))
            async for message in history:
                if self.runtime.message_reader.is_own(message) and is_ours(message):
                    self.runtime.webhooks.note(message.id, message.webhook_id or 0)
                    if sender := await self._sender_of(message.id):
                        found.append(ShownMessage(message.id, sender))
        return found

    async def _patiently(self, request: Callable[[], Awaitable[object]], urgency: float) -> None:
        """A request that waits for its turn and is repeated in passing trouble."""

        async def scheduled() -> None:
            await self.scheduler.acquire(lambda now: urgency)
            await request()

        await requests.patiently(scheduled, _PATIENCE)
