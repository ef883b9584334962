"""Queue, chain and retries around a backend."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from core.backends.backend import Backend
from core.backends.catalog import Catalog
from core.backends.faults import fault
from core.backends.http import Http
from core.backends.types import Delta, Finish, Note, NoteCode, Request, WireMessage
from core.backends.wrap.queue import Queued, ReplyQueue
from core.backends.wrap.retry import Retrying, healed
from core.errors import (
    BackendError,
    BadAnswer,
    BadRequest,
    Endless,
    FellSilent,
    NothingCame,
    Overloaded,
    PromptTooLong,
    QuotaExhausted,
    RateLimited,
    Refused,
    StreamBroken,
    TimedOut,
)
from core.kind import Kind
from core.reasons import Reason
from core.secret import Secret

REQUEST = Request(Kind.TEXT, "m", prompt="Mira:", conversation="1")
SPEC = Catalog.load().get("rehearsal")


class Acting(Backend):
    """Gives what it is told: texts, or faults."""

    def __init__(self, *steps: str | BackendError | list[Delta]) -> None:
        super().__init__(SPEC, Http(), "", Secret())
        self.steps = list(steps)
        self.requests: list[Request] = []
        self.gate: asyncio.Event | None = None
        self.asked = asyncio.Event()

    async def sent(self, request: Request) -> dict[str, Any]:
        return {"prompt": request.prompt, "max_tokens": request.max_tokens}

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        self.requests.append(request)
        self.asked.set()
        if self.gate is not None:
            await self.gate.wait()
        step = self.steps.pop(0) if self.steps else "ok"
        if isinstance(step, BackendError):
            raise step
        for delta in [Delta(text=step)] if isinstance(step, str) else step:
            yield delta
        yield Delta(finish=Finish.STOP)


async def collect(backend: Backend, request: Request = REQUEST) -> list[Delta]:
    async with aclosing(backend.stream(request)) as deltas:
        return [delta async for delta in deltas]


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


async def test_one_after_the_other_and_the_place_is_told() -> None:
    turns, gate = ReplyQueue(1), asyncio.Event()
    first = Acting("a")
    first.gate = gate
    running = asyncio.create_task(collect(Queued(first, turns, "ann")))
    await asyncio.sleep(0)
    other = Acting("b")
    other.gate = asyncio.Event()
    second = asyncio.create_task(collect(Queued(other, turns, "ben")))
    third = asyncio.create_task(collect(Queued(Acting("c"), turns, "cid")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (turns.busy, len(turns)) == (1, 2)
    gate.set()
    assert text_of(await running) == "a"
    await other.asked.wait()
    other.gate.set()
    assert [delta.wait.position for delta in await second if delta.wait] == [1]
    assert [delta.wait.position for delta in await third if delta.wait] == [2, 1]
    assert (turns.busy, len(turns)) == (0, 0)


async def test_whoever_asks_often_does_not_push_others_back() -> None:
    turns = ReplyQueue(1)
    running = turns.enter("ann")
    anns = [turns.enter("ann") for _ in range(5)]
    ben = turns.enter("ben")
    assert turns.position(ben) == 1
    assert [turns.position(ticket) for ticket in anns] == [2, 3, 4, 5, 6]
    cid = turns.enter("cid")
    assert [turns.position(one) for one in (ben, cid)] == [1, 2]
    turns.leave(running)
    assert ben.granted.is_set()


async def test_leaving_the_queue_makes_room() -> None:
    turns, gate = ReplyQueue(1), asyncio.Event()
    first = Acting()
    first.gate = gate
    running = asyncio.create_task(collect(Queued(first, turns, "ann")))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(collect(Queued(Acting(), turns, "ben")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(turns) == 0
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert turns.busy == 0


async def test_a_channel_keeps_its_slot() -> None:
    turns = ReplyQueue(3)
    for _ in range(3):
        tickets = {name: turns.enter(name, name) for name in ("a", "b", "c")}
        assert {name: ticket.slot for name, ticket in tickets.items()} == {"a": 0, "b": 1, "c": 2}
        for ticket in tickets.values():
            turns.leave(ticket)
    acting = Acting()
    await collect(Queued(acting, turns, "b"), replace(REQUEST, conversation="b"))
    assert acting.requests[0].slot == 1


async def test_a_refused_parameter_is_left_out_once() -> None:
    said = {"error": {"message": "Unsupported parameter: 'seed'", "param": "seed"}}
    refused = fault(400, {}, json.dumps(said), where="X")
    acting = Acting(refused, "fine")
    deltas = await collect(Retrying(acting))
    assert text_of(deltas) == "fine"
    assert [delta.note for delta in deltas if delta.note] == [Note(NoteCode.DROPPED, "seed")]
    assert acting.requests[1].omit == ("seed",)
    assert healed(acting.requests[1], refused) is None


async def test_a_refused_prefill_is_told_in_words_and_remembered() -> None:
    said = "This model does not support assistant message prefill."
    refused = fault(400, {}, json.dumps({"error": {"message": said}}), where="X")
    acting = Acting(refused, "She says fine", "again")
    messages = (WireMessage("user", "Go."), WireMessage("assistant", "She says"))
    request = Request(Kind.CHAT, "m", messages=messages, prefill=True, reply_start="She says")
    deltas = await collect(Retrying(acting), request)
    assert text_of(deltas) == " fine"  # what it repeats of the start is not said twice
    assert [one.takes_prefill for one in acting.requests] == [True, False]
    told = [delta.note.code for delta in deltas if delta.note]
    assert told == [NoteCode.PREFILL_REFUSED]
    later = await collect(Retrying(acting), request)
    assert (text_of(later), len(acting.requests)) == ("again", 3)
    assert not acting.requests[2].takes_prefill
    assert not [delta for delta in later if delta.note]
    await collect(Retrying(acting), replace(request, model="other"))
    assert acting.requests[3].takes_prefill
    with pytest.raises(BadRequest):
        await collect(Retrying(Acting(refused)), REQUEST)


@pytest.mark.parametrize(
    "broken", [StreamBroken(None, "cut", where="X"), StreamBroken(None, "empty")]
)
async def test_a_break_before_the_first_word_leaves_nothing_to_continue(
    broken: StreamBroken,
) -> None:
    with pytest.raises(NothingCame) as caught:
        await collect(Retrying(Acting(broken, broken, broken), pause=0.001))
    assert caught.value.facts == broken.facts


async def test_a_wait_of_no_time_is_no_invitation_to_hammer() -> None:
    now = RateLimited(None, "slow", retry_after=0.0)
    deltas = await collect(Retrying(Acting(now, "ok"), pause=0.001))
    assert all(delta.wait.seconds for delta in deltas if delta.wait)


async def test_halves_of_an_emoji_are_joined() -> None:
    halves = [Delta(text="a\ud83c"), Delta(text="\udfeeb"), Delta(text="c\ud83c")]
    deltas = await collect(Retrying(Acting(halves)))
    assert text_of(deltas) == "a🏮bc\ufffd"
    for delta in deltas:
        delta.text.encode()


async def test_a_flood_is_ended() -> None:
    turn_limiter = [Delta(text="x" * 50_000) for _ in range(5)]
    deltas = await collect(Retrying(Acting(turn_limiter)))
    assert len(text_of(deltas)) == 64 << 10
    assert deltas[-1].finish is Finish.LENGTH


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (RateLimited(None, "too fast", retry_after=5), RateLimited),
        (QuotaExhausted(None, "no credit"), QuotaExhausted),
        (Refused(None, "no"), Refused),
        (PromptTooLong(None, "full"), PromptTooLong),
        (Overloaded(), Overloaded),
        (StreamBroken(), StreamBroken),
        (TimedOut(phase="silence", seconds=60), FellSilent),
        (Endless(phase="total", seconds=600), Endless),
        (BadAnswer(Reason.ANSWER_TOO_LARGE), Endless),
        (BadAnswer(Reason.GARBLED), StreamBroken),
    ],
)
async def test_faults_after_text_are_told_as_what_they_are(
    fault: BackendError, told: type[BackendError]
) -> None:
    class Breaking(Acting):
        async def stream(self, request: Request) -> AsyncGenerator[Delta]:
            yield Delta(text="half")
            raise fault

    with pytest.raises(BackendError) as caught:
        await collect(Retrying(Breaking()))
    assert type(caught.value) is told
    assert caught.value.detail == fault.detail
