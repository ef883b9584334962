"""One running reply: a stream of growing snapshots that ends committed."""

import abc
import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from core.backends.backend import Backend
from core.backends.types import Delta, Finish, Note, NoteCode, Request, Usage, Wait
from core.backends.wrap.retry import PASSED_ON
from core.characters.names import has_ink
from core.chat.message import Message, State, Swipe
from core.chat.place import Place
from core.errors import (
    BackendError,
    FellSilent,
    NothingCame,
    PromptTooLong,
    Refused,
    StreamBroken,
    TavernError,
    TimedOut,
    Wordless,
)
from core.prompt.prompt import Prompt
from core.reasons import Reason
from core.reply.output_filter import OutputFilter, OutputRules

T = TypeVar("T")

CHARACTERS_A_TOKEN = 4
"""About; a piece of a stream may hold several tokens."""

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
class Shown:
    """The text of a snapshot as people are to see it. `wait`: seconds until more of it may be."""

    text: str
    wait: float | None = None
    plain_html: bool = True
    """Whether leftovers of HTML become what Discord can show."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who appears to speak. `avatar` names the picture (its hash), None = no picture.

    `person_id`: whose own words they are.
    """

    name: str
    character_id: int | None = None
    avatar: str | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is sent in one try, settled before the first byte is asked for."""

    prompt: Prompt
    backend: Backend
    request: Request
    rules: OutputRules
    backend_name: str = ""
    notes: tuple[Note, ...] = ()
    """What is to be said under the reply whatever comes, e.g. that another connection answered."""
    shows_thoughts: bool = False


@dataclass(slots=True)
class Answer:
    """What came of a reply besides its words. Times in seconds since it was asked for."""

    finish: Finish | None = None
    usage: Usage | None = None
    citations: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    reasoning: str = ""
    unopened: bool = False
    """Whether a thought came whose opening mark was lost."""
    first_text: float | None = None
    total: float | None = None
    pieces: int = 0
    """Deltas that carried text; about the tokens, where the server does not count them."""
    characters: int = 0

    def take(self, delta: Delta) -> None:
        self.usage = delta.usage or self.usage
        self.finish = delta.finish or self.finish
        self.citations = delta.citations or self.citations
        self.pieces += bool(delta.text or delta.reasoning)
        self.characters += len(delta.text) + len(delta.reasoning)
        self.note(delta.note)

    def note(self, *notes: Note | None) -> None:
        """Something to say under the reply, once."""
        self.notes = tuple(dict.fromkeys([*self.notes, *filter(None, notes)]))

    @property
    def rate(self) -> float:
        """Tokens a second after the first one; very high where that cannot be told."""
        tokens = self.usage.reply_tokens if self.usage else None
        tokens = tokens or max(self.pieces, self.characters // CHARACTERS_A_TOKEN)
        first, total = self.first_text, self.total
        if not tokens or tokens < 2 or first is None or total is None or total <= first:
            return float("inf")
        return (tokens - 1) / (total - first)


def why_nothing(
    output: OutputFilter, finish: Finish | None, notes: Sequence[Note], where: str
) -> BackendError:
    """Why an answer that ended by itself has no words to be shown."""
    filters = [note for note in notes if note.code is NoteCode.FILTER]
    if finish is Finish.FILTER or filters:
        by = next((note.where for note in filters if note.where), where)
        return Refused(where=by, category="".join(note.fact for note in filters[:1]))
    if output.cut_speaker:
        return Wordless(Reason.OTHERS_LINE, where=where)
    if output.cut_at_start:
        return Wordless(Reason.STOP_AT_START, where=where, stop=output.stopped_by)
    if not output.reasoning:
        return Wordless(Reason.NO_WORDS, where=where)
    is_cut = finish is Finish.LENGTH
    return Wordless(Reason.THOUGHT_TOO_LONG if is_cut else Reason.ONLY_THOUGHT, where=where)


class ReplyRun(abc.ABC):
    """A reply from the first token to the store. Iterate it once.

    Subclasses say how it is made (`prepare`, `shrink`, `next_connection`) and where its steps are
    written (`draft`, `finish`, `discard`); the text is stored before the last snapshot. `message`
    is its row in the store as it was opened; `keeps`: the words in front of the new ones.
    """

    def __init__(self, place: Place, speaker: Speaker, message: Message, keeps: str = "") -> None:
        self.id = secrets.token_hex(4)
        self.place = place
        self.speaker = speaker
        self.message = message
        self.keeps = keeps
        self.heard = 0
        """The newest Discord message of a person that the prompt tells of; 0 before it is built."""
        self.attempt: Attempt | None = None
        """The present try."""
        self.answer = Answer()
        self.error: TavernError | None = None
        self._stopping = asyncio.Event()
        self._wait: Wait | None = None
        self._news = asyncio.Event()
        self._started = time.monotonic()
        self._drafted = 0.0
        self._iterated = False
        self._text = keeps
        """The words as they are stored; those that stood before until then."""

    # How it is made

    @abc.abstractmethod
    async def prepare(self) -> Attempt:
        """The first try."""

    @abc.abstractmethod
    async def shrink(self, error: PromptTooLong) -> Attempt | None:
        """A shorter prompt, where the server found the one before too long; None: no other."""

    @abc.abstractmethod
    async def next_connection(self, error: BackendError) -> Attempt | None:
        """The next connection of the chain, where the one before is down or used up."""

    # Where it is written

    @abc.abstractmethod
    async def draft(self, text: str) -> None:
        """Some of the text, in case of a crash."""

    @abc.abstractmethod
    async def finish(self, swipe: Swipe, state: State) -> None:
        """The whole text with everything that belongs to it, in one transaction."""

    @abc.abstractmethod
    async def discard(self) -> None:
        """Nothing came: the message is as if the reply had never begun."""

    # What scripts make of it

    async def kept(self, text: str, *, last: bool = False) -> str:
        """What is stored of the text; `last`: this time it is."""
        return text

    async def kept_thoughts(self, text: str) -> str:
        """What is stored of the thoughts."""
        return text

    async def shown(self, snapshot: Snapshot) -> Shown:
        """What people see of a snapshot."""
        return Shown(snapshot.text)

    async def shown_thoughts(self, text: str) -> str:
        """What people see of the thoughts."""
        return text

    # What others see of it

    @property
    def message_id(self) -> int:
        return self.message.id

    @property
    def swipe(self) -> int:
        return self.message.active

    @property
    def swipes(self) -> int:
        return len(self.message.swipes)

    @property
    def discord_ids(self) -> tuple[int, ...]:
        """The Discord messages that show its message already (regenerate, swipe, continue)."""
        return self.message.discord_ids

    @property
    def is_stale(self) -> bool:
        """Whether nobody ever asked for its text."""
        return not self._iterated and time.monotonic() - self._started > STALE_SECONDS

    def __aiter__(self) -> AsyncGenerator[Snapshot, None]:
        self._iterated = True
        return self._run()

    async def stop(self) -> None:
        """Ends the reply; what has arrived is kept."""
        self._stopping.set()

    def tell(self, wait: Wait) -> None:
        """Says what the reply waits for before anything is asked of the model."""
        self._wait = wait
        self._news.set()

    # How it runs

    async def _run(self) -> AsyncGenerator[Snapshot, None]:
        output = OutputFilter(OutputRules(keeps=self.keeps))
        final: Phase | None = None
        try:
            yield Snapshot(self.keeps, Phase.PROMPTING)
            preparing = asyncio.ensure_future(self._until_stopped(self.prepare()))
            async with aclosing(self._waits(preparing)) as snapshots:
                async for snapshot in snapshots:
                    yield snapshot
            attempt = await preparing
            if attempt is None:
                final = Phase.STOPPED
            else:
                output = OutputFilter(attempt.rules)
                async with aclosing(self._attempts(attempt, output)) as snapshots:
                    async for snapshot in snapshots:
                        yield snapshot
                final = self._outcome()
        except TavernError as error:
            self.error = error
            final = Phase.CUT if isinstance(error, StreamBroken) else Phase.FAILED
        finally:
            output.finish()
            final = await asyncio.shield(self._commit(output, final or Phase.CUT))
        answer = self.answer
        shows_thoughts = self.attempt is not None and self.attempt.shows_thoughts
        yield Snapshot(
            self._text,
            final,
            notes=answer.notes,
            citations=answer.citations,
            thoughts=await self.shown_thoughts(answer.reasoning) if shows_thoughts else "",
        )

    async def _waits(self, preparing: asyncio.Future[T]) -> AsyncGenerator[Snapshot, None]:
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

    async def _attempts(
        self, attempt: Attempt, output: OutputFilter
    ) -> AsyncGenerator[Snapshot, None]:
        """The stream; else that of a shorter prompt, or of the next connection of the chain."""
        first: BackendError | None = None
        while True:
            self.attempt, self.keeps = attempt, attempt.rules.keeps
            self.answer.note(*attempt.notes)
            try:
                async with aclosing(self._stream(attempt, output)) as snapshots:
                    async for snapshot in snapshots:
                        yield snapshot
                return
            except BackendError as error:
                if output.has_words:
                    raise
                following = await self._following(error)
                if following is None:
                    raise (first or error) from error
                first = first or error
            attempt = following
            output.begin(attempt.rules)

    async def _following(self, error: BackendError) -> Attempt | None:
        """What is sent after a fault that came before any text."""
        if isinstance(error, PromptTooLong):
            return await self.shrink(error)
        return await self.next_connection(error) if isinstance(error, PASSED_ON) else None

    async def _stream(
        self, attempt: Attempt, output: OutputFilter
    ) -> AsyncGenerator[Snapshot, None]:
        yield Snapshot(self.keeps, Phase.WAITING)
        async with aclosing(attempt.backend.stream(attempt.request)) as deltas:
            while (delta := await self._until_stopped(anext(deltas, None))) is not None:
                self.answer.take(delta)
                if delta.wait is not None:
                    yield Snapshot(output.text, Phase.WAITING, wait=delta.wait)
                if delta.text or delta.reasoning:
                    output.feed(delta.text, delta.reasoning)
                    yield await self._progress(output.text)
                if output.over:
                    self.answer.finish = Finish.STOP if output.stopped_by else Finish.LENGTH
                    return
        if self._stopping.is_set():
            self.answer.finish = Finish.CANCELLED

    async def _progress(self, text: str) -> Snapshot:
        now = time.monotonic()
        if text == self.keeps:
            return Snapshot(text, Phase.WAITING)
        if self.answer.first_text is None:
            self.answer.first_text = now - self._started
            self._drafted = now
        elif now - self._drafted >= DRAFT_SECONDS:
            self._drafted = now
            await self.draft(await self.kept(text))
        return Snapshot(text, Phase.STREAMING)

    def _outcome(self) -> Phase:
        if self.answer.finish is Finish.CANCELLED:
            return Phase.STOPPED
        return Phase.CUT if self.answer.finish is Finish.BROKEN else Phase.DONE

    async def _commit(self, output: OutputFilter, final: Phase) -> Phase:
        """Stores the reply; a message that never got a word is taken back."""
        answer, attempt = self.answer, self.attempt
        answer.total = time.monotonic() - self._started
        answer.unopened = output.unopened
        answer.reasoning = await self.kept_thoughts(output.reasoning)
        self._text = output.text
        if output.has_words and attempt is not None:
            self._text = output.finished(await self.kept(output.written, last=True))
            if not has_ink(self._text):
                self.error = Wordless(Reason.ONLY_HIDDEN, where=attempt.backend_name)
        if not output.has_words or attempt is None or not has_ink(self._text):
            await self.discard()
            return self._without_words(final, output)
        swipe = Swipe(
            text=self._text,
            reasoning=answer.reasoning,
            backend=attempt.backend_name,
            model=attempt.request.model,
            prompt_tokens=answer.usage.prompt_tokens if answer.usage else None,
            reply_tokens=answer.usage.reply_tokens if answer.usage else None,
            seconds=answer.total,
        )
        final = Phase.CUT if final is Phase.FAILED else final
        await self.finish(swipe, State.CUT if final is Phase.CUT else State.DONE)
        return final

    def _without_words(self, final: Phase, output: OutputFilter) -> Phase:
        if final is Phase.STOPPED:
            return final
        if self.error is None:
            where = self.attempt.backend_name if self.attempt else ""
            self.error = why_nothing(output, self.answer.finish, self.answer.notes, where)
        elif isinstance(self.error, FellSilent):
            self.error = self.error.turned_into(TimedOut)
        elif isinstance(self.error, StreamBroken):
            self.error = self.error.turned_into(NothingCame)
        return Phase.FAILED

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
