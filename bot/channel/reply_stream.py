"""One reply on its way to the channel: newest text, one request in flight, always exact."""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeAlias

import discord

from bot.channel.buttons import BARE, Row, RowKind
from bot.channel.message_diff import Act, MessageDiff, ShownMessage, Step
from bot.channel.reply import Output, Reply
from bot.channel.reply_composer import ReplyComposer
from bot.channel.reply_posts import ReplyPosts
from bot.channel.reply_timing import ReplyTiming
from bot.limits.requests import Failure, failure_of
from bot.outgoing.senders import Sender
from bot.wording.errors import explain, tell
from core.reply.reply_run import Snapshot

log = logging.getLogger(__name__)

_WEBHOOK_TRIES = 3


class Abandoned(Exception):
    """Nothing more can be shown.

    `told`: the sentence for the person, None where there is nothing to say; `forbidden`: it
    cannot be said in this channel.
    """

    def __init__(
        self, cause: Exception | None, told: str | None = None, *, forbidden: bool = False
    ) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.told = told
        self.forbidden = forbidden


Adoption: TypeAlias = tuple[Sender, list[ShownMessage]]
"""Who posts a reply, and the Discord messages that show its message already."""


class ReplyStream:
    """Shows one reply in one channel, from the first word to the last edit.

    `before`: the buttons to bring back when nothing new comes; `running`: those that the press
    which began the reply has put there.
    """

    def __init__(
        self, output: Output, reply: Reply, *, before: Row = BARE, running: Row | None = None
    ) -> None:
        self.output = output
        self.reply = reply
        self.diff = MessageDiff()
        running = running or Row(RowKind.RUNNING, reply.message_id)
        self._composer = ReplyComposer(reply, output.most_messages, before, running)
        self._timing = ReplyTiming(output.scheduler)
        self._posts = ReplyPosts(output)
        self._sender = output.own_sender()
        self._changed, self._ended = asyncio.Event(), asyncio.Event()
        self._stored_ids = reply.discord_ids
        self._lost_webhooks = 0

    @property
    def over(self) -> bool:
        """Whether the reply is complete; its last words may still be on the way."""
        return self._ended.is_set()

    async def run(self, adopting: Awaitable[Adoption]) -> Snapshot:
        """Shows it to the end and returns the last snapshot; `adopting` runs while the model
        thinks.

        Raises Abandoned when Discord leaves no way to show it; what has arrived is stored as cut.
        """
        reader = asyncio.create_task(self._read())
        try:
            self._sender, adopted = await adopting
            self.diff = MessageDiff(adopted, bool(adopted))
            while (step := await self._next_step()) is not None:
                await self._perform(step)
                await self._store_first_id()
            await reader
            await self._posts.take_back_doubles(self.diff.ids)
        finally:
            if not reader.done():
                reader.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await reader
            await self._store_ids(self.diff.ids)
        return self._composer.snapshot

    async def _read(self) -> None:
        snapshots = aiter(self.reply)
        try:
            async for snapshot in snapshots:
                if snapshot.text != self._composer.snapshot.text:
                    self._timing.words_came()
                self._composer.snapshot = snapshot
                self._changed.set()
        finally:
            close = getattr(snapshots, "aclose", None)
            if close is not None:
                await close()
            self._composer.over = True
            self._timing.ended()
            self._ended.set()
            self._changed.set()

    # The next request

    async def _next_step(self) -> Step | None:
        while True:
            self._changed.clear()
            step = self._step()
            if step is None:
                if self.over:
                    return None
                await self._changed.wait()
                continue
            wait = self._wait(step)
            if wait > 0:
                # Only the end is worth looking up for; newer words are taken when it is time.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ended.wait() if not self.over else _never(), wait)
                continue
            await self.output.scheduler.acquire(self._timing.urgency)
            if step := self._step():
                return step

    def _step(self) -> Step | None:
        if self._composer.is_error and not self.diff.messages:
            self._sender = self.output.own_sender()
        return self.diff.step(self._composer.wanted(self.diff, self._sender.prefix))

    def _wait(self, step: Step) -> float:
        if self._timing.is_hopeless:
            raise Abandoned(None)
        if step.act is not Act.POST:
            return self._timing.wait(self.diff.messages[step.index].sender, posting=False)
        if not self.diff.messages and self._timing.must_wait_long(self._sender):
            self._sender = self.output.own_sender(self.reply.speaker)
        return self._timing.wait(self._sender, posting=True)

    async def _perform(self, step: Step) -> None:
        self._timing.sent()
        try:
            if step.act is Act.POST:
                await self._post(step)
            elif step.act is Act.EDIT:
                await self.output.edit(self.diff.messages[step.index], step.text, step.row)
                self.diff.edited(step)
            else:
                await self._delete(step)
        except Exception as error:
            await self._recover(step, error)
        else:
            self._timing.faults = 0
            if step.text is not None:
                self._timing.shown(by_edit=step.act is Act.EDIT)
                self.output.typing_off()

    async def _post(self, step: Step) -> None:
        message_id, sender = await self._posts.post(step, self._sender, self.diff.ids)
        self.diff.posted(step, message_id, sender)
        if self._timing.faults:
            # An earlier try may have been taken, with the words and buttons of that moment.
            self.diff.messages[-1].text = self.diff.messages[-1].row = None
        self.output.posted(message_id, sender)

    async def _delete(self, step: Step) -> None:
        # The store forgets it first, or its deletion would be taken for the message's. It is not
        # yet noted here as stored: after a crash in between, the message would stay.
        await self.output.shown(self.reply, self.diff.ids[: step.index], ())
        with suppress(discord.NotFound):
            await self.output.delete(self.diff.messages[step.index])
        self.diff.deleted(step)

    async def _store_first_id(self) -> None:
        """The first message's id is stored at once: after a crash it is how the reply is found."""
        ids = self.diff.ids
        if ids[:1] != self._stored_ids[:1]:
            await self._store_ids(ids[:1])

    async def _store_ids(self, ids: tuple[int, ...]) -> None:
        came_to_nothing = self.over and self._composer.is_blank
        if not ids or came_to_nothing:
            return
        self._stored_ids = ids
        lengths = [*self._composer.lengths, *[0] * len(ids)][: len(ids)]
        await self.output.shown(self.reply, ids, lengths if self.over else ())

    # Trouble

    async def _recover(self, step: Step, error: Exception) -> None:
        failure = failure_of(error)
        log.debug("%s of part %s: %s (%s)", step.act, step.index, error, failure)
        if failure is Failure.PASSING:
            self._timing.failed()
            first = step.act is Act.POST and not self.diff.messages
            if first and self._sender.is_webhook and self._timing.faults >= _WEBHOOK_TRIES:
                self._sender = self.output.own_sender(self.reply.speaker)
        elif failure is Failure.WEBHOOK_GONE:
            await self._change_sender(step)
        elif failure is Failure.TOO_OLD and step.act is Act.EDIT:
            self._composer.heading = f"-# ↪ {self.output.link(self.diff.ids[0])}\n"
            self._begin_anew()
        elif (
            failure is Failure.MESSAGE_GONE
            and self.diff.adopted
            and self._timing.first_shown is None
        ):
            self._begin_anew()
        elif failure is Failure.FAULT:
            raise Abandoned(error, tell(error, "showing a reply")) from error
        else:
            told = None if failure is Failure.MESSAGE_GONE else explain(error)
            forbidden = failure is Failure.FORBIDDEN
            raise Abandoned(error, told, forbidden=forbidden) from error

    async def _change_sender(self, step: Step) -> None:
        """The webhook is gone and with it the right to edit: all is said anew."""
        posting, speaker = step.act is Act.POST, self.reply.speaker
        self.output.lost(self._sender if posting else self.diff.messages[step.index].sender)
        await self.output.sweep(self.diff.ids)
        self._begin_anew()
        self._lost_webhooks += 1
        if self._lost_webhooks < _WEBHOOK_TRIES:
            self._sender = await self.output.sender(speaker)
        else:
            self._sender = self.output.own_sender(speaker)

    def _begin_anew(self) -> None:
        self.diff = MessageDiff()
        self._timing.first_shown = None


async def _never() -> None:
    await asyncio.get_running_loop().create_future()
