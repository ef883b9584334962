"""A reply from its first word to its place in the store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from core.backends.types import Delta, Finish, Request
from core.chat.message import State, Swipe
from core.chat.place import Place
from core.errors import Overloaded, TavernError
from core.kind import Kind
from core.prompt.prompt import Prompt
from core.reply.generation import Generation, Phase, Prepared, Snapshot, Speaker, Store
from core.reply.output_filter import OutputRules


@dataclass
class Shelf(Store):
    """Writes down what would be stored."""

    steps: list[str] = field(default_factory=list)
    swipe: Swipe | None = None
    state: State | None = None

    async def streaming(self, generation: Generation) -> None:
        self.steps.append("streaming")

    async def draft(self, generation: Generation, text: str) -> None:
        self.steps.append("draft")

    async def finish(self, generation: Generation, swipe: Swipe, state: State) -> None:
        self.steps.append("finish")
        self.swipe, self.state = swipe, state

    async def discard(self, generation: Generation) -> None:
        self.steps.append("discard")


class Script:
    """Streams what it is told; `closed` tells that the stream was closed."""

    def __init__(self, *steps: Delta | TavernError | None) -> None:
        self.steps = steps
        self.closed = False

    async def stream(self, request: Request) -> AsyncIterator[Delta]:
        try:
            for step in self.steps:
                if step is None:
                    await asyncio.Event().wait()
                elif isinstance(step, TavernError):
                    raise step
                else:
                    yield step
        finally:
            self.closed = True


def generation(script: Script, shelf: Shelf, **rules: Any) -> Generation:
    async def prepare(_: Generation) -> Prepared:
        request = Request(kind=Kind.TEXT, model="m")
        return Prepared(Prompt(Kind.TEXT), script, request, OutputRules(**rules))  # type: ignore[arg-type]

    return Generation(
        id="g",
        place=Place(1),
        speaker=Speaker("Mira"),
        message_id=1,
        swipe=0,
        swipes=1,
        prepare=prepare,
        store=shelf,
        keeps=rules.get("keeps", ""),
    )


async def seen(reply: Generation) -> list[Snapshot]:
    return [snapshot async for snapshot in reply]


async def test_text_is_stored_before_the_last_snapshot() -> None:
    shelf = Shelf()
    script = Script(Delta(" Hel"), Delta("lo."), Delta(finish=Finish.STOP))
    async with aclosing(generation(script, shelf)._run()) as snapshots:
        async for snapshot in snapshots:
            if snapshot.phase.is_final:
                assert shelf.steps == ["streaming", "finish"]
    assert shelf.swipe is not None
    assert (shelf.swipe.text, shelf.state) == ("Hello.", State.DONE)


async def test_stop_closes_the_stream_and_keeps_the_text() -> None:
    shelf, script = Shelf(), Script(Delta("Half"), None)
    reply = generation(script, shelf)
    phases = []
    async for snapshot in reply:
        phases.append(snapshot.phase)
        if snapshot.phase is Phase.STREAMING:
            await reply.stop()
    assert phases[-1] is Phase.STOPPED
    assert script.closed
    assert shelf.swipe is not None
    assert shelf.swipe.text == "Half"


async def test_failure_before_the_first_word_leaves_no_turn() -> None:
    shelf = Shelf()
    reply = generation(Script(Overloaded("busy")), shelf)
    assert (await seen(reply))[-1].phase is Phase.FAILED
    assert isinstance(reply.error, Overloaded)
    assert shelf.steps == ["discard"]


async def test_failure_after_words_keeps_them_as_cut() -> None:
    shelf = Shelf()
    reply = generation(Script(Delta("Half a"), Overloaded("gone")), shelf)
    assert (await seen(reply))[-1] == Snapshot("Half a", Phase.CUT)
    assert shelf.state is State.CUT


async def test_an_empty_answer_is_a_failure_that_says_so() -> None:
    shelf = Shelf()
    reply = generation(Script(Delta(finish=Finish.FILTER)), shelf)
    assert (await seen(reply))[-1].phase is Phase.FAILED
    assert reply.error is not None
    assert reply.error.code == "Refused"


async def test_stop_string_ends_the_stream_early() -> None:
    shelf, script = Shelf(), Script(Delta("Hi\nAnn: hey"), None)
    reply = generation(script, shelf, stop=("\nAnn:",))
    assert (await seen(reply))[-1] == Snapshot("Hi", Phase.DONE)
    assert script.closed


async def test_abandoned_reply_is_stored_as_cut() -> None:
    shelf, script = Shelf(), Script(Delta("Half"), None)
    async with aclosing(generation(script, shelf)._run()) as snapshots:
        async for snapshot in snapshots:
            if snapshot.phase is Phase.STREAMING:
                break
    assert script.closed
    assert shelf.state is State.CUT


async def test_continue_that_adds_nothing_keeps_the_old_text() -> None:
    shelf = Shelf()
    reply = generation(Script(Delta(finish=Finish.STOP)), shelf, keeps="Old")
    assert (await seen(reply))[-1] == Snapshot("Old", Phase.FAILED)
    assert shelf.steps == ["discard"]
