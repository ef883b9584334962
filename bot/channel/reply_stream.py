"""One reply on its way to the channel: newest text, one request in flight, always exact."""

import asyncio
import logging
import math
import secrets
import time
from collections.abc import Awaitable, Collection, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeAlias

import discord

from bot.channel.buttons import BARE, Row, RowKind
from bot.channel.reply_composer import Act, MessageDiff, Reply, ReplyComposer, ShownMessage, Step
from bot.channel.reply_timing import ReplyTiming
from bot.i18n import _
from bot.limits import requests
from bot.limits.requests import TROUBLE, Failure, RequestScheduler, Stalled, failure_of
from bot.webhooks import Sender
from bot.wording.errors import explain, refusal, tell
from core.chat.message import State
from core.reply.reply_run import Phase, ReplyRun, Snapshot, Speaker

log = logging.getLogger(__name__)

_WEBHOOK_TRIES = 3


class Output(Protocol):
    """Where a reply is shown: one channel, as far as a stream needs to know it."""

    most_messages: int
    """How many Discord messages one reply may take."""
    scheduler: RequestScheduler

    async def sender(self, speaker: Speaker) -> Sender:
        """Who posts for this speaker: its webhook, or the bot."""

    def own_sender(self, speaker: Speaker | None = None) -> Sender:
        """The bot itself, with the speaker's name in bold or for itself."""

    def lost(self, sender: Sender) -> None:
        """The sender's webhook is gone."""

    async def edit(self, message: ShownMessage, text: str | None, row: Row | None) -> None:
        """Changes what is given."""

    async def delete(self, message: ShownMessage) -> None:
        """Takes back one message of a story's message that goes on in others."""

    async def sweep(self, ids: Sequence[int]) -> None:
        """Takes back messages that can no longer be edited, where the bot may delete at all."""

    def newest(self) -> int:
        """The newest message in the channel; posts of ours come after it."""

    def link(self, message_id: int) -> str:
        """The address of one of the channel's messages."""

    def posted(self, message_id: int, sender: Sender) -> None:
        """A message of ours appeared: the buttons above it go."""

    async def shown(self, reply: Reply, ids: Sequence[int], lengths: Sequence[int | None]) -> None:
        """Stores which Discord messages show the reply."""

    async def reworded(self, reply: Reply, text: str, state: State) -> None:
        """The finished reply reads like this in Discord, and so it does in the story."""

    def typing_off(self) -> None: ...


class ReplyPosts:
    """Posts each message of a reply once, though Discord's answers get lost.

    A webhook knows no nonce: a repeated post is a second message. So a post whose answer was lost
    is looked for in the channel before it is repeated, and once more when the reply is shown.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._nonce = secrets.randbits(60)
        self._doubtful: list[tuple[Step, Sender]] = []
        """Posts through a webhook whose answer was lost; they may stand in the channel."""
        self._newest = 0
        """The newest message before the first of them."""

    async def post(self, step: Step, sender: Sender, known: Collection[int]) -> tuple[int, Sender]:
        """The new message's id and who wrote it. `known`: the reply's messages that show."""
        for doubtful in [one for one in self._doubtful if one[0].index == step.index]:
            for message_id in await self._find(*doubtful, known):
                self._doubtful.remove(doubtful)
                return message_id, doubtful[1]
        if not self._doubtful:
            self._newest = self._output.newest()
        text, view = step.text or "", (step.row or BARE).view()
        try:
            post = partial(sender.post, text, view, self._nonce + step.index)
            return await requests.run(post), sender
        except Exception as error:
            unsure = not isinstance(error, Stalled) or error.unsure
            if failure_of(error) is Failure.PASSING and sender.webhook_id and unsure:
                self._doubtful.append((step, sender))
            raise

    async def take_back_doubles(self, known: Collection[int]) -> None:
        """Removes posts that appeared after they had been given up and repeated."""
        with suppress(*TROUBLE):
            for step, sender in self._doubtful:
                find = partial(self._find, step, sender, known)
                await self._output.sweep(await requests.patiently(find))

    async def _find(self, step: Step, sender: Sender, known: Collection[int]) -> list[int]:
        # Somebody may have pressed its buttons already: only what is known tells what was lost.
        return [
            message_id
            for message_id in await sender.find(step.text or "", self._newest)
            if message_id not in known
        ]


@dataclass(eq=False)
class Abandoned(Exception):
    """Nothing more can be shown.

    `told`: the sentence for the person, None where there is nothing to say; `forbidden`: it
    cannot be said in this channel. `visible`: what Discord shows of the reply's text, None where
    it shows what it did before, and `discord_ids` are the messages; `whole`: all that had come.
    """

    cause: Exception | None
    told: str | None = None
    forbidden: bool = False
    visible: str | None = None
    whole: str = ""
    discord_ids: Sequence[int] = ()


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
        self._rendered: tuple[Snapshot, bool] | None = None
        self._again_at = math.inf
        """When more of the same snapshot may be shown."""
        self._stored_ids = reply.discord_ids
        self._lost_webhooks = 0
        self._refused: Abandoned | None = None
        """Discord takes no more of the text; what is left to do is to leave it in order."""

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
                # The first message's id is stored at once: after a crash it is how the reply is
                # found.
                if self.diff.ids[:1] != self._stored_ids[:1]:
                    await self._store_ids(self.diff.ids[:1])
            await reader
            await self._posts.take_back_doubles(self.diff.ids)
            if self._refused is not None:
                self._refused.whole = self._composer.text
                raise self._refused
            if self._composer.breaks_links and not self._composer.is_blank:
                await self.output.reworded(self.reply, self._composer.stored_text, self._state)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            await self._store_ids(self.diff.ids)
        return self._composer.snapshot

    @property
    def _state(self) -> State:
        done = self._composer.snapshot.phase in (Phase.DONE, Phase.STOPPED)
        return State.DONE if done else State.CUT

    async def _read(self) -> None:
        try:
            async with aclosing(aiter(self.reply)) as snapshots:
                async for snapshot in snapshots:
                    if snapshot.text != self._composer.snapshot.text:
                        self._timing.words_came()
                    self._composer.snapshot = snapshot
                    self._changed.set()
        finally:
            self._composer.over = True
            self._timing.ended()
            self._ended.set()
            self._changed.set()

    # The next request

    async def _next_step(self) -> Step | None:
        while True:
            self._changed.clear()
            await self._render()
            step = self._step()
            if step is None:
                if self.over:
                    return None
                again_in = self._again_at - time.monotonic()
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        self._changed.wait(), None if math.isinf(again_in) else max(0.0, again_in)
                    )
            elif (wait := self._wait(step)) > 0:
                # Only the end is worth looking up for; newer words are taken when it is time.
                if self.over:
                    await asyncio.sleep(wait)
                else:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._ended.wait(), wait)
            else:
                await self.output.scheduler.acquire(self._timing.urgency)
                await self._render()
                if step := self._step():
                    return step

    async def _render(self) -> None:
        """Brings the newest snapshot's text into the form in which people are to see it."""
        composer = self._composer
        while not self._is_rendered():
            snapshot, over = composer.snapshot, composer.over
            shown = await self.reply.shown(snapshot)
            composer.show(shown, last=over)
            self._rendered = (snapshot, over)
            self._again_at = math.inf if shown.wait is None else time.monotonic() + shown.wait
            if not composer.over:
                # Newer words can wait for the next time.
                break

    def _is_rendered(self) -> bool:
        snapshot, over = self._rendered or (None, False)
        newest = snapshot is self._composer.snapshot and over == self._composer.over
        return newest and time.monotonic() < self._again_at

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
            if step.text is not None and step.index < len(self.diff.messages):
                # Small print may stand in a message of its own behind the words.
                rest = self._composer.bodies[step.index :] or [""]
                self.diff.messages[step.index].body = rest[0]
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

    async def _store_ids(self, ids: tuple[int, ...]) -> None:
        if not ids or (self.over and self._composer.is_blank):
            return
        self._stored_ids = ids
        bodies = self._composer.bodies
        lengths: Sequence[int | None] = [*map(len, bodies), *[0] * len(ids)][: len(ids)]
        if self._composer.text != self._composer.stored_text:
            # Parts of another text than the stored one.
            lengths = [None] * len(ids)
        await self.output.shown(self.reply, ids, lengths if self.over else ())

    # Trouble

    async def _recover(self, step: Step, error: Exception) -> None:
        failure = failure_of(error)
        log.debug("%s of part %s: %s (%s)", step.act, step.index, error, failure)
        if failure is Failure.PASSING:
            self._timing.failed()
            first = step.act is Act.POST and not self.diff.messages
            if first and self._sender.webhook_id and self._timing.faults >= _WEBHOOK_TRIES:
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
        elif failure is Failure.LINK and not self._composer.breaks_links:
            self._composer.breaks_links = True
        elif failure is Failure.FAULT and self._sender_of(step).webhook_id:
            self._lost_webhooks = _WEBHOOK_TRIES
            await self._change_sender(step)
        else:
            self._give_up(error, failure)

    def _give_up(self, error: Exception, failure: Failure) -> None:
        """Shows no more of the text. Messages that can be edited get their last buttons."""
        if self._refused is not None:
            raise self._refused from error
        if failure is Failure.MESSAGE_GONE:
            raise Abandoned(error) from error
        refused = Abandoned(
            error,
            told=explain(error) if failure is Failure.FORBIDDEN else self._told(error),
            forbidden=failure is Failure.FORBIDDEN,
            visible=self._visible(),
            whole=self._composer.text,
            discord_ids=self.diff.ids,
        )
        if refused.forbidden:
            raise refused from error
        # The reply is heard to its end, so that the whole text can be asked for.
        self._refused, self._composer.frozen = refused, True

    def _told(self, error: Exception) -> str:
        refused = refusal(error, self.reply.speaker.name)
        if refused is None:
            return tell(error, "showing a reply")
        return refused + " " + _("The text is kept.") if self._composer.text else refused

    def _visible(self) -> str | None:
        """What Discord shows of the reply's text; None where it shows what it did before."""
        bodies = [message.body for message in self.diff.messages]
        if bodies and bodies[0] is None:
            return None
        shown = "".join(body for body in bodies if body is not None)
        keeps = self.reply.keeps if isinstance(self.reply, ReplyRun) else ""
        # Of a reply that goes on, the messages not yet edited show their old words.
        return max(shown, keeps, key=len) if self.diff.adopted else shown

    def _sender_of(self, step: Step) -> Sender:
        return self._sender if step.act is Act.POST else self.diff.messages[step.index].sender

    async def _change_sender(self, step: Step) -> None:
        """The webhook is gone or of no use: all is said anew."""
        speaker = self.reply.speaker
        if self._lost_webhooks < _WEBHOOK_TRIES:
            self.output.lost(self._sender_of(step))
        await self.output.sweep(self.diff.ids)
        self._begin_anew()
        self._lost_webhooks += 1
        self._sender = (
            await self.output.sender(speaker)
            if self._lost_webhooks < _WEBHOOK_TRIES
            else self.output.own_sender(speaker)
        )

    def _begin_anew(self) -> None:
        self.diff = MessageDiff()
        self._timing.first_shown = None
