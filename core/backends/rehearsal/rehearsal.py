"""An offline stand-in for a model: answers in character, by rules, from the prompt it is given."""

import random
from collections.abc import AsyncGenerator
from contextlib import aclosing

from core.backends.backend import Backend
from core.backends.rehearsal.prompt_reader import read
from core.backends.rehearsal.script import Script, ScriptedReply
from core.backends.rehearsal.writing import write
from core.backends.types import Delta, Model, Probe, Request

MODEL = "rehearsal"


class Rehearsal(Backend):
    """No network, no key, no model. Its first reply in a conversation says so."""

    protocol = "rehearsal"
    script: Script | None = None
    """Set by the catalog; shared by all replies of one engine."""

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """Streams a reply at the script's speed."""
        script = self.script or Script()
        reply = script.next_reply(request)
        if reply is None:
            reply = ScriptedReply(write(read(request), _chance(request, script)))
        async with aclosing(script.stream(reply, request)) as steps:
            async for delta in steps:
                yield delta

    async def models(self) -> list[Model]:
        """The one there is."""
        return [Model(MODEL, self.spec.name, self.spec.models.default_context, sees=False)]

    async def probe(self, model: str = "") -> Probe:
        """Always there."""
        return Probe(MODEL, self.spec.models.default_context, version="1", sees=False)


def _chance(request: Request, script: Script) -> random.Random:
    """Equal prompts and equal seeds give equal replies; without a seed each one is new."""
    seed = request.samplers.get("seed", -1)
    if not isinstance(seed, int) or seed < 0:
        if script.seed is None:
            return random.Random()
        seed = script.seed + len(script.requests)
    return random.Random(f"{seed}\n{request.whole_text}")
