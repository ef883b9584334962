"""A long reply as a chain of short ones, for servers that cannot stream."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from core.backends.backend import Backend, WrappedBackend
from core.backends.end_marks import LONGEST, end_mark
from core.backends.sampling import room
from core.backends.thoughts import FAMILIES, ThoughtReader, opened_by
from core.backends.types import Delta, Finish, Request, Usage

_LEAST_ROOM = 1024
"""Tokens for thoughts of a model that was asked for none."""


@dataclass(frozen=True, slots=True)
class Batches:
    """Tokens of the first and of every following batch."""

    first: int = 50
    next: int = 30


class Multigen(WrappedBackend):
    """Asks for a reply in batches; each prompt is the first one with all that has come since.

    Text kind only: in chat kind a reply cannot be taken up in the middle, the request is passed
    on. Streams of the inner backend are not used. It ends when enough is there, at a stop string
    of the request, at an end-of-text token, at an empty batch, or when the server says that the
    reply was over. Inside of a thought only the last two end it, and its tokens come on top of the
    length of the reply.
    """

    def __init__(self, inner: Backend, batches: Batches | None = None) -> None:
        super().__init__(inner)
        self._batches = batches or Batches()

    async def sent(self, request: Request) -> dict[str, Any]:
        """The first batch's body."""
        return await self.inner.sent(self._part(request, "", request.max_tokens))

    def _part(self, request: Request, text: str, left: int) -> Request:
        """The next batch, after `text` and with `left` tokens to go."""
        if not request.prompt:
            return request
        size = min(left, self._batches.next if text else self._batches.first)
        return replace(request, prompt=request.prompt + text, max_tokens=size, stream=False)

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """One delta for each batch; the last one carries finish and usage."""
        steps = self._chain(request) if request.prompt else self.inner.stream(request)
        async with aclosing(steps) as deltas:
            async for delta in deltas:
                yield delta

    async def _chain(self, request: Request) -> AsyncGenerator[Delta]:
        chain = _Chain(request)
        while chain.finish is None:
            batch = _Batch()
            size = chain.size(self._batches)
            part = chain.part(size)
            async with aclosing(self.inner.stream(part)) as deltas:
                async for delta in deltas:
                    batch.take(delta)
                    if delta.wait or delta.note or delta.reasoning or delta.refusal:
                        yield replace(delta, text="", finish=None, usage=None)
            told = batch.finish if self.spec.reply.tells_end else None
            if said := chain.add(batch, size, told):
                yield Delta(text=said)
        yield Delta(finish=chain.finish, usage=chain.usage)


class _Chain:
    """What has come so far of a reply in batches, and whether it is over."""

    def __init__(self, request: Request) -> None:
        self.text = ""
        self.usage = Usage()
        self.finish: Finish | None = None
        self._request = request
        self._opened = opened_by(request.prompt, FAMILIES)
        self._left = request.max_tokens
        self._room = room(request) or _LEAST_ROOM
        self._given = 0

    def part(self, size: int) -> Request:
        """The request for the next batch; a stop string in a thought would end nothing."""
        part = replace(
            self._request,
            prompt=self._request.prompt + self.text,
            max_tokens=size,
            stream=False,
        )
        return replace(part, stop=(), stop_tokens=()) if self._reader(self.text).inside else part

    def size(self, batches: Batches) -> int:
        """Tokens of the next batch."""
        most = batches.next if self.text else batches.first
        return min(most, self._room if self._reader(self.text).inside else self._left)

    def add(self, batch: "_Batch", size: int, told: Finish | None) -> str:
        """Takes a batch in and returns what of the text is new and no beginning of an end mark."""
        self.usage = _added(self.usage, batch.usage)
        self.text += batch.text
        reader = self._reader(self.text)
        mark = self._mark()
        if reader.inside:
            self._room -= size
        else:
            self._left -= size
        if mark is not None or (not reader.inside and meets(reader.said, self._request.stop)):
            self.text = self.text if mark is None else self.text[:mark]
            self.finish = Finish.STOP
        elif not batch.text.strip():
            self.finish = Finish.STOP
        elif told is Finish.FILTER or (told is Finish.STOP and reader.said.strip()):
            # What ended the batch after a thought alone was no end of the reply.
            self.finish = told
        elif (self._room if reader.inside else self._left) <= 0:
            self.finish = Finish.LENGTH
        return self._new()

    def _new(self) -> str:
        end = len(self.text)
        if self.finish is None:
            waits = end_mark(self.text, max(0, end - LONGEST), final=False)
            end = waits[0] if waits is not None and not waits[1] else end
        said, self._given = self.text[self._given : end], max(self._given, end)
        return said

    def _mark(self) -> int | None:
        """Where an end mark stands that is no part of a thought, and ends none."""
        start = 0
        while found := end_mark(self.text, start):
            place, mark = found
            if not self._reader(self.text[:place]).inside:
                return place
            start = place + len(mark)
        return None

    def _reader(self, text: str) -> ThoughtReader:
        reader = ThoughtReader(FAMILIES, self._opened)
        for _ in reader.feed(text):
            pass
        return reader


class _Batch:
    def __init__(self) -> None:
        self.text = ""
        self.finish: Finish | None = None
        self.usage: Usage | None = None

    def take(self, delta: Delta) -> None:
        self.text += delta.text
        self.finish = delta.finish or self.finish
        self.usage = delta.usage or self.usage


def meets(text: str, stops: Sequence[str]) -> bool:
    """Whether a stop string stands in the reply; one for a new line also at its very beginning."""
    begun = "\n" + text.lstrip()
    return any(stop and (stop in text or begun.startswith(stop)) for stop in stops)


def _added(old: Usage, new: Usage | None) -> Usage:
    """The first prompt's tokens, the sum of all replies'."""
    if new is None:
        return old
    replies = [tokens for tokens in (old.reply_tokens, new.reply_tokens) if tokens is not None]
    first = old.prompt_tokens if old.prompt_tokens is not None else new.prompt_tokens
    return Usage(first, sum(replies) if replies else None, new.cached_tokens)
