"""A reply from its first word to its place in the store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

from core.backends.backend import Backend
from core.backends.types import Delta, Finish, Request
from core.chat.message import Message, Role, State, Swipe
from core.chat.place import Place
from core.errors import BackendError, Overloaded, PromptTooLong, TavernError
from core.kind import Kind
from core.prompt.prompt import Prompt
from core.reply.output_filter import OutputRules
from core.reply.reply_run import Answer, Attempt, Phase, ReplyRun, Snapshot, Speaker


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


class Reply(ReplyRun):
    """Sends one script, and writes down what would be stored."""

    def __init__(self, script: Script, **rules: Any) -> None:
        message = Message(1, 0, Role.CHARACTER, "Mira", (Swipe(""),))
        super().__init__(Place(1), Speaker("Mira"), message, rules.get("keeps", ""))
        self.script = script
        self.rules = OutputRules(**rules)
        self.steps: list[str] = []
        self.stored: Swipe | None = None
        self.state: State | None = None

    async def prepare(self) -> Attempt:
        request = Request(kind=Kind.TEXT, model="m")
        return Attempt(Prompt(Kind.TEXT), cast(Backend, self.script), request, self.rules)

    async def shrink(self, error: PromptTooLong) -> None:
        return None

    async def next_connection(self, error: BackendError) -> None:
        return None

    async def draft(self, text: str) -> None:
        self.steps.append("draft")

    async def finish(self, swipe: Swipe, state: State) -> None:
        self.steps.append("finish")
        self.stored, self.state = swipe, state

    async def discard(self) -> None:
        self.steps.append("discard")


async def seen(reply: ReplyRun) -> list[Snapshot]:
    return [snapshot async for snapshot in reply]


def test_a_rate_is_known_without_the_servers_count() -> None:
    answer = Answer(first_text=1.0, total=11.0)
    for _ in range(10):
        answer.take(Delta("a "))
    assert answer.rate == 0.9
    answer.take(Delta("a whole paragraph " * 100))
    assert answer.rate > 40
    assert Answer(first_text=1.0, total=2.0).rate == float("inf")


async def test_text_is_stored_before_the_last_snapshot() -> None:
    script = Script(Delta(" Hel"), Delta("lo."), Delta(finish=Finish.STOP))
    reply = Reply(script)
    async with aclosing(aiter(reply)) as snapshots:
        async for snapshot in snapshots:
            if snapshot.phase in (Phase.DONE, Phase.STOPPED, Phase.CUT, Phase.FAILED):
                assert reply.steps == ["finish"]
    assert reply.stored is not None
    assert (reply.stored.text, reply.state) == ("Hello.", State.DONE)


async def test_stop_closes_the_stream_and_keeps_the_text() -> None:
    script = Script(Delta("Half"), None)
    reply = Reply(script)
    phases = []
    async for snapshot in reply:
        phases.append(snapshot.phase)
        if snapshot.phase is Phase.STREAMING:
            await reply.stop()
    assert phases[-1] is Phase.STOPPED
    assert script.closed
    assert reply.stored is not None
    assert reply.stored.text == "Half"


async def test_failure_before_the_first_word_leaves_no_turn() -> None:
    reply = Reply(Script(Overloaded(None, "busy")))
    assert (await seen(reply))[-1].phase is Phase.FAILED
    assert isinstance(reply.error, Overloaded)
    assert reply.steps == ["discard"]


async def test_failure_after_words_keeps_them_as_cut() -> None:
    reply = Reply(Script(Delta("Half a"), Overloaded(None, "gone")))
    assert (await seen(reply))[-1] == Snapshot("Half a", Phase.CUT)
    assert reply.state is State.CUT


async def test_an_empty_answer_is_a_failure_that_says_so() -> None:
    reply = Reply(Script(Delta(finish=Finish.FILTER)))
    assert (await seen(reply))[-1].phase is Phase.FAILED
    assert reply.error is not None
    assert reply.error.code == "Refused"


async def test_stop_string_ends_the_stream_early() -> None:
    script = Script(Delta("Hi\nAnn: hey"), None)
    reply = Reply(script, stop=("\nAnn:",))
    assert (await seen(reply))[-1] == Snapshot("Hi", Phase.DONE)
    assert script.closed


async def test_abandoned_reply_is_stored_as_cut() -> None:
    script = Script(Delta("Half"), None)
    reply = Reply(script)
    async with aclosing(aiter(reply)) as snapshots:
        async for snapshot in snapshots:
            if snapshot.phase is Phase.STREAMING:
                break
    assert script.closed
    assert reply.state is State.CUT


async def test_continue_that_adds_nothing_keeps_the_old_text() -> None:
    reply = Reply(Script(Delta(finish=Finish.STOP)), keeps="Old")
    assert (await seen(reply))[-1] == Snapshot("Old", Phase.FAILED)
    assert reply.steps == ["discard"]
