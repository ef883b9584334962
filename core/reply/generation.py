"""One running reply: a stream of growing snapshots that ends committed."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from core.backends.backend import Backend
from core.backends.types import Delta, Finish, Note, NoteCode, Request, Usage, Wait
from core.backends.wrap.retry import PASSED_ON
from core.chat.message import State, Swipe
from core.chat.place import Place
from core.errors import (
    BackendError,
    BadAnswer,
    NothingCame,
    PromptTooLong,
    Refused,
    StreamBroken,
    TavernError,
)
from core.prompt.prompt import Prompt
from core.reply.output_filter import OutputFilter, OutputRules

T = TypeVar("T")

DRAFT_SECONDS = 3.0
"""A crash costs at most this much of a reply that was on its way."""

STALE_SECONDS = 30.0
"""A reply that nobody has begun to read after this long no longer holds its place."""


class Phase(StrEnum):
    """How far a reply has come. The last four are final."""

    QUEUED = "queued"
    PROMPTING = "prompting"
    WAITING = "waiting"
    STREAMING = "streaming"
    DONE = "done"
    STOPPED = "stopped"
    CUT = "cut"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing comes after it."""
        return self in (Phase.DONE, Phase.STOPPED, Phase.CUT, Phase.FAILED)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What may be shown now."""

    text: str
    phase: Phase
    wait: Wait | None = None
    notes: tuple[Note, ...] = ()
    """What to say under the finished reply."""
    citations: tuple[str, ...] = ()
    """Addresses the model names as its sources."""
    thoughts: str = ""
    """What the model thought, where it is to be shown."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who appears to speak. `avatar` names the picture (its hash), None = no picture."""

    name: str
    character_id: int | None = None
    avatar: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that is settled before the first byte is asked for."""

    prompt: Prompt
    backend: Backend
    request: Request
    rules: OutputRules
    backend_name: str = ""
    shrink: Callable[[PromptTooLong], Awaitable["Prepared"]] | None = field(
        default=None, repr=False
    )
    """Builds a shorter prompt, once, where the server found this one too long."""
    instead: Callable[[BackendError], Awaitable["Prepared"]] | None = field(
        default=None, repr=False
    )
    """Turns to the next connection of the chain where this one is down or used up."""
    notes: tuple[Note, ...] = ()
    """What is to be said under the reply whatever comes, e.g. that another connection answered."""
    shows_thoughts: bool = False
    hint: Callable[[float], Note | None] | None = field(default=None, repr=False)
    """From tokens a second to a note, or nothing."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the reply was asked for."""

    first_text: float | None = None
    total: float | None = None


@dataclass(slots=True)
class Generation:
    """One reply on its way. Iterate it once; the text is stored before the last snapshot.

    `discord_ids` are the messages that show the turn already (regenerate, swipe, continue).
    """

    id: str
    place: Place
    speaker: Speaker
    message_id: int
    swipe: int
    swipes: int
    prepare: Callable[["Generation"], Awaitable[Prepared]] = field(repr=False)
    store: "Store" = field(repr=False)
    keeps: str = ""
    discord_ids: tuple[int, ...] = ()
    heard: int = 0
    """The newest Discord message of a person that the prompt tells of; 0 before it is built."""
    prompt: Prompt | None = field(default=None, repr=False)
    finish: Finish | None = None
    usage: Usage | None = None
    error: TavernError | None = None
    reasoning: str = field(default="", repr=False)
    backend_name: str = ""
    model: str = ""
    timings: Timings = field(default_factory=Timings)
    citations: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    _shows_thoughts: bool = field(default=False, repr=False)
    _hint: Callable[[float], Note | None] | None = field(default=None, repr=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _wait: Wait | None = field(default=None, repr=False)
    _news: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _started: float = field(default_factory=time.monotonic, repr=False)
    _drafted: float = field(default=0.0, repr=False)
    _iterated: bool = field(default=False, repr=False)

    def __aiter__(self) -> AsyncGenerator[Snapshot, None]:
        self._iterated = True
        return self._run()

    @property
    def is_stale(self) -> bool:
        """Whether nobody ever asked for its text."""
        return not self._iterated and time.monotonic() - self._started > STALE_SECONDS

    async def stop(self) -> None:
        """Ends the reply; what has arrived is kept."""
        self._stopping.set()

    def tell(self, wait: Wait) -> None:
        """Says what the reply waits for before anything is asked of the model."""
        self._wait = wait
        self._news.set()

    async def _run(self) -> AsyncGenerator[Snapshot, None]:
        output = OutputFilter(OutputRules(keeps=self.keeps))
        final: Phase | None = None
        try:
            yield Snapshot(self.keeps, Phase.PROMPTING)
            preparing = asyncio.ensure_future(self._until_stopped(self.prepare(self)))
            async with aclosing(self._told(preparing)) as snapshots:
                async for snapshot in snapshots:
                    yield snapshot
            prepared = await preparing
            if prepared is None:
                final = Phase.STOPPED
            else:
                output = OutputFilter(prepared.rules)
                async with aclosing(self._tries(prepared, output)) as snapshots:
                    async for snapshot in snapshots:
                        yield snapshot
                final = self._outcome()
        except TavernError as error:
            self.error = error
            final = Phase.CUT if isinstance(error, StreamBroken) else Phase.FAILED
        finally:
            output.finish()
            final = await asyncio.shield(self._commit(output, final or Phase.CUT))
        thoughts = self.reasoning if self._shows_thoughts else ""
        yield Snapshot(
            output.text, final, notes=self.notes, citations=self.citations, thoughts=thoughts
        )

    async def _told(self, preparing: asyncio.Future[T]) -> AsyncGenerator[Snapshot, None]:
        """What there is to say until `preparing` is done; it ends with this."""
        try:
            while not preparing.done():
                news = asyncio.ensure_future(self._news.wait())
                both: set[asyncio.Future[Any]] = {preparing, news}
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
                if self._news.is_set():
                    self._news.clear()
                    yield Snapshot(self.keeps, Phase.PROMPTING, wait=self._wait)
        finally:
            if not preparing.done():
                preparing.cancel()
                with suppress(asyncio.CancelledError, TavernError):
                    await preparing

    async def _tries(
        self, prepared: Prepared, output: OutputFilter
    ) -> AsyncGenerator[Snapshot, None]:
        """The stream; else that of a shorter prompt, or of the next connection of the chain."""
        first: BackendError | None = None
        while True:
            self._note(prepared)
            try:
                async with aclosing(self._stream(prepared, output)) as snapshots:
                    async for snapshot in snapshots:
                        yield snapshot
                return
            except BackendError as error:
                if output.text != self.keeps:
                    raise
                following = await self._following(prepared, error)
                if following is None:
                    raise (first or error) from error
                first = first or error
            prepared = following
            output.begin(prepared.rules)

    async def _following(self, prepared: Prepared, error: BackendError) -> Prepared | None:
        """What is sent after a fault that came before any text."""
        if isinstance(error, PromptTooLong):
            return None if prepared.shrink is None else await prepared.shrink(error)
        if prepared.instead is None or not isinstance(error, PASSED_ON):
            return None
        return await prepared.instead(error)

    def _note(self, prepared: Prepared) -> None:
        self.prompt, self.backend_name = prepared.prompt, prepared.backend_name
        self.model, self._hint = prepared.request.model, prepared.hint
        self.notes = (*self.notes, *prepared.notes)
        self.keeps = prepared.rules.keeps
        self._shows_thoughts = prepared.shows_thoughts

    async def _stream(
        self, prepared: Prepared, output: OutputFilter
    ) -> AsyncGenerator[Snapshot, None]:
        yield Snapshot(self.keeps, Phase.WAITING)
        async with aclosing(prepared.backend.stream(prepared.request)) as deltas:
            try:
                while (delta := await self._until_stopped(anext(deltas, None))) is not None:
                    self._learn(delta)
                    if delta.wait is not None:
                        yield Snapshot(output.text, Phase.WAITING, wait=delta.wait)
                    if delta.text or delta.reasoning:
                        output.feed(delta.text, delta.reasoning)
                        yield await self._progress(output)
                    if output.over:
                        self.finish = Finish.STOP if output.stopped_by else Finish.LENGTH
                        return
            except BackendError as error:
                if not output.text.removeprefix(self.keeps):
                    raise
                if isinstance(error, StreamBroken):
                    raise
                raise error.turned_into(StreamBroken) from error
        if self._stopping.is_set():
            self.finish = Finish.CANCELLED

    async def _progress(self, output: OutputFilter) -> Snapshot:
        text, now = output.text, time.monotonic()
        if text == self.keeps:
            return Snapshot(text, Phase.WAITING)
        if self.timings.first_text is None:
            self.timings = Timings(first_text=now - self._started)
            await self.store.streaming(self)
            self._drafted = now
        elif now - self._drafted >= DRAFT_SECONDS:
            self._drafted = now
            await self.store.draft(self, text)
        return Snapshot(text, Phase.STREAMING)

    def _learn(self, delta: Delta) -> None:
        self.usage = delta.usage or self.usage
        self.finish = delta.finish or self.finish
        self.citations = delta.citations or self.citations
        if delta.note and delta.note not in self.notes:
            self.notes = (*self.notes, delta.note)

    def _outcome(self) -> Phase:
        if self.finish is Finish.CANCELLED:
            return Phase.STOPPED
        return Phase.CUT if self.finish is Finish.BROKEN else Phase.DONE

    async def _commit(self, output: OutputFilter, final: Phase) -> Phase:
        """Stores the reply; a turn that never got a word is taken back."""
        total = time.monotonic() - self._started
        self.timings = Timings(self.timings.first_text, total)
        self.reasoning = output.reasoning
        if output.text == self.keeps:
            await self.store.discard(self)
            return self._without_words(final)
        swipe = Swipe(
            text=output.text,
            reasoning=output.reasoning,
            backend=self.backend_name,
            model=self.model,
            prompt_tokens=self.usage.prompt_tokens if self.usage else None,
            reply_tokens=self.usage.reply_tokens if self.usage else None,
            seconds=total,
        )
        if self._hint is not None and (said := self._hint(self._rate())):
            self.notes = (*self.notes, said)
        final = Phase.CUT if final is Phase.FAILED else final
        await self.store.finish(self, swipe, State.CUT if final is Phase.CUT else State.DONE)
        return final

    def _without_words(self, final: Phase) -> Phase:
        if final is Phase.STOPPED:
            return final
        if self.error is None:
            self.error = self._why_nothing()
        elif isinstance(self.error, StreamBroken):
            self.error = self.error.turned_into(NothingCame)
        return Phase.FAILED

    def _why_nothing(self) -> BackendError:
        said, where = "there are no words in it", self.backend_name
        if self.reasoning:
            said = "the model only thought and came to no word; a longer reply may help"
        if self.finish is not Finish.FILTER:
            return BadAnswer(said, where=where)
        filters = [note.fact for note in self.notes if note.code is NoteCode.FILTER]
        return Refused(said, where=where, category="".join(filters[:1]))

    def _rate(self) -> float:
        """Tokens a second after the first one; very high where that cannot be told."""
        tokens = self.usage.reply_tokens if self.usage else None
        first, total = self.timings.first_text, self.timings.total
        if not tokens or tokens < 2 or first is None or total is None or total <= first:
            return float("inf")
        return (tokens - 1) / (total - first)

    async def _until_stopped(self, work: Awaitable[T]) -> T | None:
        """The result of `work`, or None when the reply is stopped first."""
        task = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return await task
        finally:
            stopping.cancel()
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError, TavernError, StopAsyncIteration):
                    await task
        return None


class Store:
    """Where a reply's steps are written; see decisions on the order of writes."""

    async def streaming(self, generation: Generation) -> None:
        """The first words are about to be shown."""
        raise NotImplementedError

    async def draft(self, generation: Generation, text: str) -> None:
        """Some of the text, in case of a crash."""
        raise NotImplementedError

    async def finish(self, generation: Generation, swipe: Swipe, state: State) -> None:
        """The whole text with everything that belongs to it, in one transaction."""
        raise NotImplementedError

    async def discard(self, generation: Generation) -> None:
        """Nothing came: the turn is as if it had never begun."""
        raise NotImplementedError
