"""A long reply as a chain of short ones, for servers that cannot stream."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from core.backends.backend import Backend, WrappedBackend
from core.backends.sampling import cut
from core.backends.types import Delta, Finish, Request, Usage

END_MARKS = (
    "</s>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|END_OF_TURN_TOKEN|>",
    "<｜end▁of▁sentence｜>",
)
"""End-of-text tokens of usual model families, which some servers leave in the text."""


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
    reply was over.
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
        text, left, usage = "", request.max_tokens, Usage()
        finish: Finish | None = None
        while finish is None:
            batch, part = _Batch(), self._part(request, text, left)
            async with aclosing(self.inner.stream(part)) as deltas:
                async for delta in deltas:
                    batch.take(delta)
                    if delta.wait or delta.note or delta.reasoning:
                        yield replace(delta, text="", finish=None, usage=None)
            said, ended = cut(batch.text, END_MARKS)
            left -= part.max_tokens
            finish = self._finish(batch, text + said, request.stop, ended, left)
            text, usage = text + said, _added(usage, batch.usage)
            if said:
                yield Delta(text=said)
        yield Delta(finish=finish, usage=usage)

    def _finish(
        self, batch: "_Batch", text: str, stops: Sequence[str], ended: bool, left: int
    ) -> Finish | None:
        """Why no further batch is asked for; None where one is."""
        if ended or not batch.text.strip() or meets(text, stops):
            return Finish.STOP
        if self.spec.reply.tells_end and batch.finish not in (None, Finish.LENGTH):
            return batch.finish
        return Finish.LENGTH if left <= 0 else None


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
