"""One channel's stage: shows one reply at a time and keeps the buttons under the last."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot import calls
from bot.calls import TROUBLE, Verdict, verdict
from bot.i18n import _
from bot.names import distinct
from bot.pacer import Pacer
from bot.replies import Reply, Still
from bot.screen import Act, Screen, Slot
from bot.split import split
from bot.take import Take
from bot.views.controls import BARE, Row, is_ours
from bot.voices import BotVoice, HookVoice, Room, Voice
from bot.webhooks import Webhooks
from core.chat.message import Message
from core.errors import TavernError
from core.generation import Generation, Snapshot, Speaker

if TYPE_CHECKING:
    from bot.app import TavernBot

log = logging.getLogger(__name__)

# Discord shows typing for 10 seconds.
_TYPING_SECONDS = 8.0
# How far up old buttons are looked for after a restart.
_LOOK_BACK = 30
_TRIES = 5


class Stage:
    """Everything the bot shows in one channel goes through here."""

    def __init__(self, bot: "TavernBot", room: Room) -> None:
        self.bot = bot
        self.room = room
        self.background: set[asyncio.Task[object]] = set()
        self.running: Generation | None = None
        self._take: Take | None = None
        self._buttons: list[Slot] = []
        """Messages with buttons."""
        self._looked_back = False
        """Whether those from before the start are among them."""
        self._looking = asyncio.Lock()
        self._typing: asyncio.Task[None] | None = None

    @property
    def pacer(self) -> Pacer:
        """The bot-wide pacer."""
        return self.bot.pacer

    @property
    def webhooks(self) -> Webhooks:
        """The bot's webhooks."""
        return self.bot.webhooks

    @property
    def ending(self) -> bool:
        """Whether the reply is complete and only its last words are still to be shown."""
        return self._take is not None and self._take.over

    @property
    def most_messages(self) -> int:
        """How many messages one reply may take."""
        return self.bot.engine.settings.limits.answer_messages

    async def show(
        self, generation: Generation, *, before: Row = BARE, running: Row | None = None
    ) -> Snapshot:
        """Shows a reply from its first word to its last.

        `before`: the buttons to bring back if nothing new comes; `running`: those that the press
        which began this has put there. Raises Abandoned.
        """
        take = Take(self, generation)
        take.before = before
        take.running = running or take.running
        self.running, self._take = generation, take
        self.typing_on()
        try:
            return await take.run(self._cast(generation, running))
        finally:
            self.running = self._take = None
            self.typing_off()
            self._keep_buttons(take.screen)

    async def show_message(self, message: Message, speaker: Speaker) -> tuple[int, ...]:
        """Shows a turn as it is stored: a greeting, another swipe, one recovered at start.

        Messages that show it already are edited. Returns the ids. Raises Abandoned.
        """
        take = Take(self, Still(message, speaker))
        try:
            await take.run(self._cast(take.generation, None))
        finally:
            self._keep_buttons(take.screen)
        return take.screen.ids

    async def say(self, text: str, row: Row = BARE) -> int | None:
        """The bot speaks for itself. None where it may not."""
        voice = BotVoice(self.room)
        nonce = discord.utils.time_snowflake(discord.utils.utcnow())
        for tried in range(_TRIES):
            await self.pacer.leave(lambda now: 0.0)
            try:
                return await calls.run(lambda: voice.post(split(text)[0], row.view(), nonce))
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

    async def voice(self, speaker: Speaker) -> Voice:
        """How the speaker is heard here."""
        return await self.webhooks.voice(self.room, speaker, self.name_of(speaker))

    def name_of(self, speaker: Speaker) -> str:
        """The speaker's name, marked where it could be taken for a moderator or the bot."""
        taken = self.bot.moderators.names(getattr(self.room, "guild", None))
        return distinct(speaker.name, taken, _("(character)"))

    def link(self, message_id: int) -> str:
        """The address of one of the channel's messages."""
        return self.room.get_partial_message(message_id).jump_url

    def wrote(self, message_id: int, voice: Voice) -> None:
        """A message of ours appeared: the buttons above it go."""
        self.webhooks.note(message_id, voice.hook.id if isinstance(voice, HookVoice) else 0)
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
            await self.bot.shown(generation, ids, lengths)
        except TavernError as error:
            log.warning("the ids of turn %s were not stored: %s", generation.message_id, error)

    async def sweep(self, ids: Sequence[int]) -> None:
        """Takes back messages that can no longer be edited, where the bot may delete at all."""
        for message_id in ids:
            self.bot.deleting(message_id)
            with suppress(*TROUBLE):
                await calls.patiently(partial(self._take_away, message_id))

    async def _take_away(self, message_id: int) -> None:
        # Where its webhook is gone, only the right to manage messages helps.
        found = await self.webhooks.voice_of(self.room, message_id, "")
        await (found or BotVoice(self.room)).delete(message_id)

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
            await self.pacer.leave(lambda now: -1.0)
            with suppress(*TROUBLE):
                await calls.run(lambda: self.room.typing())
            await asyncio.sleep(_TYPING_SECONDS)

    async def _cast(self, generation: Reply, running: Row | None) -> tuple[Voice, list[Slot]]:
        voice, slots = await self._voice_and_slots(generation.discord_ids, generation.speaker)
        if slots and running is not None:
            slots[-1].row = running
        return voice, slots

    async def _voice_and_slots(
        self, ids: Sequence[int], speaker: Speaker
    ) -> tuple[Voice, list[Slot]]:
        """The voice that wrote these messages; where it is gone, a new one and no messages."""
        if ids:
            with suppress(*TROUBLE):
                name = self.name_of(speaker)
                find = partial(self.webhooks.voice_of, self.room, ids[0], name)
                voice = await calls.patiently(find)
                if voice is not None:
                    slots = [Slot(id_, voice, row=BARE) for id_ in ids]
                    slots[-1].row = None
                    return voice, slots
        return await self.voice(speaker), []

    async def _change(self, slot: Slot, text: str | None, row: Row | None, act: Act) -> None:
        if act is Act.DELETE:
            await calls.land(lambda: slot.voice.delete(slot.id), self.background)
        else:
            view = None if row is None else row.view()
            await calls.land(lambda: slot.voice.edit(slot.id, text, view), self.background)

    # Buttons above the last reply

    def _keep_buttons(self, screen: Screen) -> None:
        last = screen.slots[-1] if screen.slots else None
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
                await self.pacer.leave(lambda now: -1.0)
                try:
                    await self._change(slot, None, BARE, Act.EDIT)
                except Exception as error:
                    if verdict(error) is not Verdict.AGAIN:
                        break
                    await asyncio.sleep(2.0**tried)
                else:
                    break

    async def _old_buttons(self, message_id: int) -> list[Slot]:
        """Messages from before the start that still carry buttons."""
        found = []
        await self.pacer.leave(lambda now: -1.0)
        with suppress(*TROUBLE):
            before = discord.Object(message_id)
            async for message in self.room.history(limit=_LOOK_BACK, before=before):
                if self.bot.inbox.is_own(message) and is_ours(message):
                    self.webhooks.note(message.id, message.webhook_id or 0)
                    voice = await self.webhooks.voice_of(self.room, message.id, "")
                    if voice is not None:
                        found.append(Slot(message.id, voice))
        return found

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task: asyncio.Task[object] = asyncio.create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)
