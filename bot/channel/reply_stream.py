"""One reply on its way to the screen: newest text, one request in flight, paced, always exact."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import discord

from bot.channel.buttons import BARE, Row, RowKind
from bot.channel.footer import note_lines
from bot.channel.message_diff import Act, MessageDiff, ShownMessage, Step, Wanted
from bot.channel.placeholder import waiting_line
from bot.channel.reply import Reply
from bot.channel.senders import BotSender, Sender, WebhookSender
from bot.discord_text.open_markup import OpenMarkup, closed
from bot.discord_text.splitter import LIMIT, cut, is_blank
from bot.i18n import _
from bot.limits import requests
from bot.limits.requests import TROUBLE, Stalled, Verdict, verdict
from bot.wording.errors import explain, tell
from core.reply.generation import Phase, Snapshot
from core.untrusted.surrogates import join_surrogates, utf16_length

if TYPE_CHECKING:
    from bot.channel.output import ChannelOutput

log = logging.getLogger(__name__)

# Seconds between what a reader sees.
FIRST_GAP = 0.4
GAP = 1.0
# A webhook's pace by the reply's age: others report a hidden limit of 30 requests a minute and
# channel, which a long reply at a steady 2.0 would still meet.
HOOK_GAPS = ((5.0, 1.0), (30.0, 2.0))
HOOK_SLOWEST = 3.0

# Bonus in seconds of waiting: a first word before later ones, a finished reply before all.
_URGENT_FIRST = 6.0
_URGENT_LAST = 20.0

# A finished text is brought to the screen for as long as this before it is given up.
_PERSISTENCE = 180.0
_BACKOFF = (0.25, 1.0, 2.0, 4.0, 8.0)
# First words wait at most this long for a webhook before the bot itself says them.
_LONGEST_WAIT = 4.0
_HOOK_TRIES = 3


class Abandoned(Exception):
    """Nothing more can be shown.

    `told`: the sentence for the person, None where there is nothing to say; `barred`: it cannot be
    said in this channel.
    """

    def __init__(
        self, cause: Exception | None, told: str | None = None, *, barred: bool = False
    ) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.told = told
        self.barred = barred


Casting: TypeAlias = Awaitable[tuple[Sender, list[ShownMessage]]]
"""Finds the voice, and the messages that show the turn already; runs while the model thinks."""


class ReplyStream:
    """Shows one generation on one stage, from the first word to the last edit."""

    def __init__(self, output: "ChannelOutput", generation: Reply) -> None:
        self.output = output
        self.generation = generation
        self.diff = MessageDiff()
        self.before: Row = BARE
        """The buttons to bring back when nothing new comes of it."""
        self.running = Row(RowKind.RUNNING, generation.message_id)
        """The buttons while it runs; a press that began it has shown them already."""
        self._sender: Sender = BotSender(output.room)
        self._adopted = False
        self._snapshot = Snapshot("", Phase.QUEUED)
        self._changed, self._ended = asyncio.Event(), asyncio.Event()
        self._row: Row | None = None
        self._lead = ""
        self._told_error: str | None = None
        self._told_ids = generation.discord_ids
        self._lengths: list[int] = []
        """Characters of the turn's text in each message."""
        self._nonce = secrets.randbits(60)
        self._doubtful: list[tuple[Step, Sender]] = []
        """Posts through a webhook whose answer was lost; they may stand in the channel."""
        self._newest = 0
        """The newest message before the first of them."""
        self._lost_hooks = 0
        self._clock = output.scheduler.clock
        self._unseen_since: float | None = None
        self._first_shown: float | None = None
        self._ended_at = 0.0
        self._last_sent = 0.0
        self._edits = 0
        self._faults = 0
        self._not_before = 0.0

    async def run(self, casting: Casting) -> Snapshot:
        """Shows it to the end and returns the last snapshot.

        Raises Abandoned when Discord leaves no way to show it; what has arrived is stored as cut.
        """
        reader = asyncio.create_task(self._read())
        try:
            self._sender, self.diff.slots = await casting
            self._adopted = bool(self.diff.slots)
            while (step := await self._next_step()) is not None:
                await self._perform(step)
                await self._tell_first()
            await reader
            await self._sweep_doubles()
        finally:
            if not reader.done():
                reader.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await reader
            await self._tell(self.diff.ids)
        return self._snapshot

    # What the model says

    async def _read(self) -> None:
        snapshots = aiter(self.generation)
        try:
            async for snapshot in snapshots:
                if snapshot.text != self._snapshot.text and self._unseen_since is None:
                    self._unseen_since = self._clock()
                self._snapshot = snapshot
                self._changed.set()
        finally:
            close = getattr(snapshots, "aclose", None)
            if close is not None:
                await close()
            self._ended_at = self._clock()
            self._ended.set()
            self._changed.set()

    @property
    def over(self) -> bool:
        """Whether the reply is complete; its last words may still be on the way to the screen."""
        return self._ended.is_set()

    # What people should see

    def _wanted(self) -> Wanted:
        snapshot, phase = self._snapshot, self._snapshot.phase
        begun = phase is Phase.STREAMING or self.over
        if not begun or is_blank(snapshot.text):
            return self._without_words()
        row = self._final_row() if self.over else self.running
        return self._with_words(snapshot.text, row)

    def _with_words(self, text: str, row: Row) -> Wanted:
        front = self._lead + self._sender.prefix
        whole = cut(front + join_surrogates(text))
        limit = self.output.most_messages
        parts = [part.shown for part in whole[:limit]]
        self._lengths = [len(part.body) for part in whole[:limit]]
        self._lengths[0] = max(0, self._lengths[0] - len(front))
        notes = self._notes() if self.over else []
        if len(whole) > limit:
            notes.append(_("The rest is too long for Discord; the story keeps it."))
        parts = _with_notes(parts, notes)
        return [(part, BARE) for part in parts[:-1]] + [(parts[-1], row)]

    def _without_words(self) -> Wanted:
        slots = self.diff.slots
        if self.over:
            return self._nothing_came()
        if self._adopted:
            return [(None, BARE)] * (len(slots) - 1) + [(None, self.running)]
        if self._snapshot.wait is not None:
            return [(waiting_line(self._snapshot.wait), self.running)]
        return [(None, self.running)] if slots else []

    def _nothing_came(self) -> Wanted:
        slots, error = self.diff.slots, self.generation.error
        if self._adopted:
            return [(None, BARE)] * (len(slots) - 1) + [(None, self.before)]
        if error is None or self._snapshot.phase is not Phase.FAILED:
            return []
        if self._told_error is None:
            self._told_error = tell(error, "reply")
            if not slots:
                self._sender = BotSender(self.output.room)
        return [(f"⚠ {self._told_error}", self._final_row())]

    def _final_row(self) -> Row:
        if self._row is None:
            made = self.generation
            if is_blank(self._snapshot.text):
                self._row = Row(RowKind.FAILED)
            elif made.speaker.character_id is None:
                # A person's own words, or those of somebody who is gone: nothing to tell anew.
                self._row = BARE
            else:
                early = self._snapshot.phase is not Phase.DONE
                swipes = max(made.swipes, made.swipe + 1)
                self._row = Row(RowKind.REPLY, made.message_id, made.swipe, swipes, early)
        return self._row

    def _notes(self) -> list[str]:
        snapshot, error = self._snapshot, self.generation.error
        notes = note_lines(snapshot.notes, snapshot.citations, snapshot.thoughts)
        if snapshot.phase is Phase.CUT:
            told = explain(error) if error is not None else None
            cut_off = _("This reply was cut off. Continue picks up where it stopped.")
            notes.append(f"✂ {told or cut_off}")
        return notes

    # When the next request may go

    async def _next_step(self) -> Step | None:
        while True:
            self._changed.clear()
            step = self.diff.step(self._wanted())
            if step is None:
                if self.over:
                    return None
                await self._changed.wait()
                continue
            wait = self._earliest(step) - self._clock()
            if wait > 0:
                # Only the end is worth looking up for; newer words are taken when it is time.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ended.wait() if not self.over else _never(), wait)
                continue
            await self.output.scheduler.leave(self._urgency)
            if step := self.diff.step(self._wanted()):
                return step

    def _earliest(self, step: Step) -> float:
        if self.over and self._clock() - self._ended_at > _PERSISTENCE:
            raise Abandoned(None)
        posting = step.act is Act.POST
        sender = self._sender if posting else self.diff.slots[step.index].sender
        last = self.over or posting
        allowed = self.output.scheduler.ready(
            sender.post_limit if posting else sender.edit_limit, final=last
        )
        if posting and not self.diff.slots and self._pass_over(sender, allowed):
            return self._not_before
        ready = max(self._not_before, allowed)
        return ready if last else max(ready, self._last_sent + self._gap(sender))

    def _gap(self, sender: Sender) -> float:
        if self._first_shown is None:
            return 0.0
        if self._edits == 0:
            return FIRST_GAP
        if not sender.is_hook:
            return GAP
        age = self._clock() - self._first_shown
        return next((gap for until, gap in HOOK_GAPS if age < until), HOOK_SLOWEST)

    def _pass_over(self, sender: Sender, allowed: float) -> bool:
        """Whether the bot itself says the first words, since the webhook has long to wait."""
        if not sender.is_hook or allowed - self._clock() <= _LONGEST_WAIT:
            return False
        self._sender = self._own_sender()
        return True

    def _own_sender(self) -> Sender:
        return BotSender(self.output.room, self.output.name_of(self.generation.speaker))

    def _urgency(self, now: float) -> float:
        age = now - (self._unseen_since if self._unseen_since is not None else now)
        first = _URGENT_FIRST if self._first_shown is None else 0.0
        return age + first + (_URGENT_LAST if self.over else 0.0)

    # Requests

    async def _perform(self, step: Step) -> None:
        self._last_sent = self._clock()
        self._unseen_since = None
        try:
            if step.act is Act.POST:
                await self._post(step)
            elif step.act is Act.EDIT:
                await self._edit(step)
            else:
                await self._delete(step)
        except Exception as error:
            await self._recover(step, error)
        else:
            self._faults = 0
            if step.text is not None:
                if self._first_shown is None:
                    self._first_shown = self._clock()
                else:
                    self._edits += step.act is Act.EDIT
                self.output.typing_off()

    async def _post(self, step: Step) -> None:
        sender, text, row = self._sender, step.text or "", step.row or BARE
        nonce = self._nonce + step.index
        view = row.view()
        found = await self._lost_post(step.index)
        if found is not None:
            message_id, sender = found
        else:
            if not self._doubtful:
                self._newest = self.output.newest()
            try:
                message_id = await requests.run(lambda: sender.post(text, view, nonce))
            except Exception as error:
                unsure = not isinstance(error, Stalled) or error.unsure
                if verdict(error) is Verdict.AGAIN and sender.is_hook and unsure:
                    self._doubtful.append((step, sender))
                raise
        self.diff.posted(step, message_id, sender)
        if self._faults:
            # An earlier try may have been taken, with the words and buttons of that moment.
            self.diff.slots[-1].text = self.diff.slots[-1].row = None
        self.output.wrote(message_id, sender)

    async def _lost_post(self, index: int) -> tuple[int, Sender] | None:
        """A post whose answer was lost, not the post itself; a repeat would double it."""
        for step, sender in [one for one in self._doubtful if one[0].index == index]:
            for message_id in await self._strays(step, sender):
                self._doubtful.remove((step, sender))
                return message_id, sender
        return None

    async def _sweep_doubles(self) -> None:
        """Takes back posts that appeared after they had been given up and repeated."""
        with suppress(*TROUBLE):
            for step, sender in self._doubtful:
                strays = await requests.patiently(partial(self._strays, step, sender))
                await self.output.sweep(strays)

    async def _strays(self, step: Step, sender: Sender) -> list[int]:
        # Somebody may have pressed its buttons already: only the screen knows what was lost.
        found = await sender.find(step.text or "", self._newest)
        return [message_id for message_id in found if message_id not in self.diff.ids]

    async def _edit(self, step: Step) -> None:
        slot = self.diff.slots[step.index]
        view = None if step.row is None else step.row.view()
        await requests.land(
            lambda: slot.sender.edit(slot.id, step.text, view), self.output.background
        )
        self.diff.edited(step)

    async def _delete(self, step: Step) -> None:
        slot = self.diff.slots[step.index]
        # The store forgets it first, or its deletion would be taken for the turn's. The turn is
        # not yet told as shown: after a crash in between, the message would stay.
        await self.output.shown(self.generation, self.diff.ids[: step.index])
        self.output.runtime.message_links.deleting(slot.id)
        with suppress(discord.NotFound):
            await requests.land(lambda: slot.sender.delete(slot.id), self.output.background)
        self.diff.deleted(step)

    async def _tell_first(self) -> None:
        """The first message's id is stored at once: after a crash it is how the turn is found."""
        ids = self.diff.ids
        if ids[:1] != self._told_ids[:1]:
            await self._tell(ids[:1])

    async def _tell(self, ids: tuple[int, ...]) -> None:
        came_to_nothing = self.over and is_blank(self._snapshot.text)
        if not ids or came_to_nothing:
            return
        self._told_ids = ids
        lengths = [*self._lengths, *[0] * len(ids)][: len(ids)]
        await self.output.shown(self.generation, ids, lengths if self.over else ())

    # Trouble

    async def _recover(self, step: Step, error: Exception) -> None:
        slot = self.diff.slots[step.index] if step.act is Act.EDIT else None
        judged = verdict(error)
        log.debug("%s of part %s: %s (%s)", step.act, step.index, error, judged)
        if judged is Verdict.AGAIN:
            self._not_before = self._clock() + _BACKOFF[min(self._faults, len(_BACKOFF) - 1)]
            self._faults += 1
            first = step.act is Act.POST and not self.diff.slots
            if first and self._sender.is_hook and self._faults >= _HOOK_TRIES:
                self._sender = self._own_sender()
        elif judged is Verdict.HOOK_GONE:
            await self._change_sender(step)
        elif judged is Verdict.TOO_OLD and slot is not None:
            self._lead = f"-# ↪ {self.output.link(self.diff.slots[0].id)}\n"
            self._forget_slots()
        elif judged is Verdict.MESSAGE_GONE and self._adopted and self._first_shown is None:
            self._forget_slots()
        elif judged is Verdict.FAULT:
            raise Abandoned(error, tell(error, "showing a reply")) from error
        else:
            gone = judged is Verdict.MESSAGE_GONE
            told = None if gone else explain(error)
            raise Abandoned(error, told, barred=judged is Verdict.BARRED) from error

    async def _change_sender(self, step: Step) -> None:
        """The webhook is gone and with it the right to edit: all is said anew."""
        sender = self._sender if step.act is Act.POST else self.diff.slots[step.index].sender
        if isinstance(sender, WebhookSender):
            self.output.webhooks.lost(sender.hook)
        await self.output.sweep(self.diff.ids)
        self._forget_slots()
        self._lost_hooks += 1
        if self._lost_hooks < _HOOK_TRIES:
            self._sender = await self.output.sender(self.generation.speaker)
        else:
            self._sender = self._own_sender()

    def _forget_slots(self) -> None:
        self.diff = MessageDiff()
        self._adopted = False
        self._first_shown = None


async def _never() -> None:
    await asyncio.get_running_loop().create_future()


def _with_notes(parts: list[str], notes: Sequence[str]) -> list[str]:
    """Small print under the last part, or in a message of its own where there is no room."""
    if not notes:
        return parts
    small = "\n".join(f"-# {note}" for note in notes)
    last = parts[-1] + closed(OpenMarkup().after(parts[-1]).open) + "\n" + small
    return [*parts[:-1], last] if utf16_length(last) <= LIMIT else [*parts, small]
