"""An offline stand-in for a model: answers in character, by rules, from the prompt it is given."""

import asyncio
import random
import re
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from core.backends.backend import Backend
from core.backends.rehearsal.prompt_reader import read
from core.backends.rehearsal.writing import write
from core.backends.sampling import cut
from core.backends.types import Delta, Finish, Model, Probe, Request, Usage
from core.errors import BackendError, StreamBroken
from core.tokenizers.tokenizer import Estimate

MODEL = "rehearsal"
SPEED = 40.0
"""Tokens a second: about what a good local model does."""
_PIECES = re.compile(r"\s*[^\s\u3040-\u30ff\u4e00-\u9fff]{1,6}|\s*[\u3040-\u30ff\u4e00-\u9fff]|\s+")


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One reply to give. `fault` is raised after `text` has been sent; `delay` in seconds."""

    text: str = ""
    reasoning: str = ""
    fault: BackendError | None = None
    delay: float = 0.0
    hold: asyncio.Event | None = None
    """Nothing comes before it is set; for tests that look at what happens meanwhile."""


@dataclass
class Script:
    """Replies that stand ready, the speed, and what has been asked so far.

    Without a ready reply the stand-in writes its own. `seed` makes those repeatable where a
    request brings none.
    """

    speed: float = SPEED
    seed: int | None = None
    replies: deque[ScriptedReply] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    closed: int = 0
    """How many replies were broken off by the one who listened."""
    keep: int = 100

    def say(self, *texts: str) -> None:
        self.replies.extend(ScriptedReply(text) for text in texts)

    def fail(self, fault: BackendError, text: str = "") -> None:
        """Puts a fault into the queue, after some text if given."""
        self.replies.append(ScriptedReply(text, fault=fault))

    def next_reply(self, request: Request) -> ScriptedReply | None:
        """Notes a request; the reply that stands ready for it, if any."""
        self.requests.append(request)
        del self.requests[: -self.keep]
        return self.replies.popleft() if self.replies else None

    async def stream(self, reply: ScriptedReply, request: Request) -> AsyncGenerator[Delta]:
        """Streams one reply as a server would: stops cut, length obeyed."""
        text, finish = cut(reply.text, request.stop)[0], Finish.STOP
        count = 0
        try:
            if reply.hold is not None:
                await reply.hold.wait()
            await asyncio.sleep(reply.delay)
            if reply.reasoning:
                yield Delta(reasoning=reply.reasoning)
            for piece in _PIECES.findall(text):
                if count == request.max_tokens:
                    finish = Finish.LENGTH
                    break
                if count:
                    await asyncio.sleep(1 / self.speed)
                count += 1
                yield Delta(text=piece)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise
        if reply.fault is not None:
            raise reply.fault
        yield Delta(finish=finish, usage=_usage(request, count))


def broken(text: str) -> ScriptedReply:
    return ScriptedReply(text, fault=StreamBroken())


def _usage(request: Request, count: int) -> Usage:
    return Usage(prompt_tokens=Estimate().count(request.whole_text), reply_tokens=count)


class Rehearsal(Backend):
    """No network, no key, no model. Its first reply in a conversation says so."""

    protocol = "rehearsal"
    script: Script | None = None
    """Set by the catalog; shared by all replies of one engine."""

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        script = self.script or Script()
        reply = script.next_reply(request)
        if reply is None:
            reply = ScriptedReply(write(read(request), _chance(request, script)))
        async with aclosing(script.stream(reply, request)) as steps:
            async for delta in steps:
                yield delta

    async def models(self) -> list[Model]:
        return [Model(MODEL, self.spec.name, self.spec.models.default_context, sees=False)]

    async def probe(self, model: str = "") -> Probe:
        return Probe(MODEL, self.spec.models.default_context, version="1", sees=False)


def _chance(request: Request, script: Script) -> random.Random:
    """Equal prompts and equal seeds give equal replies; without a seed each one is new."""
    seed = request.samplers.get("seed", -1)
    if not isinstance(seed, int) or seed < 0:
        if script.seed is None:
            return random.Random()
        seed = script.seed + len(script.requests)
    return random.Random(f"{seed}\n{request.whole_text}")
