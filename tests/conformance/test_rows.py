"""Every row of the catalog in every situation, against stand-ins on loopback."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from core.backends.catalog import Catalog, protocols
from core.backends.http import Http
from core.backends.limits import HttpLimits, SizeLimits, TimeLimits
from core.backends.spec import Spec
from core.backends.types import Delta, Finish, Request, WireMessage
from core.backends.wrap.retry import Retrying
from core.errors import (
    BackendError,
    BadAnswer,
    KeyRejected,
    Overloaded,
    PromptTooLong,
    RateLimited,
    StreamBroken,
    TimedOut,
    Unreachable,
)
from core.kind import Kind
from core.network import AddressClass
from core.secret import Secret
from tests.conformance.families import FAMILIES
from tests.conformance.families.base import at
from tests.conformance.standin import TEXT, Act, StandIn, gzipped_zeros, serve

CANARY = "sk-canary-9f8e7d6c5b4a3210"
CATALOG = Catalog.load()
ROWS = [
    (spec, kind)
    for spec in CATALOG
    for kind, protocol in spec.kinds.items()
    if protocol in FAMILIES
]
STREAMING = [
    (spec, kind) for spec, kind in ROWS if protocols()[spec.kinds[kind]].protocol != "koboldai"
]
SIDE_ANSWERS = {
    "/api/extra/perf": {"stop_reason": 0},
    "/api/v1/info/version": {"result": "1.2.5"},
}
PATIENCE = TimeLimits(first=5, silence=5, total=30)
HASTE = TimeLimits(first=0.15, silence=0.15, total=5)


@dataclass
class Set:
    """A row, the stand-in that plays its server, and a way to ask it."""

    spec: Spec
    kind: Kind
    standin: StandIn
    http: Http

    def request(self, **changes: object) -> Request:
        plain = Request(
            self.kind,
            model="model-1",
            prompt="Tobin: Hello.\nMira:" if self.kind is Kind.TEXT else "",
            messages=(WireMessage("system", "You are Mira."), WireMessage("user", "Hello."))
            if self.kind is Kind.CHAT
            else (),
            samplers={"temperature": 0.8, "min_p": 0.05},
            max_tokens=77,
        )
        return replace(plain, **changes)  # type: ignore[arg-type]

    def backend(self, pause: float = 0.001) -> Retrying:
        found = Catalog.load().create(
            self.spec, self.kind, self.http, self.standin.url, Secret(CANARY)
        )
        assert isinstance(found, Retrying)
        return Retrying(found.inner, pause=pause)

    async def ask(self, *acts: Act, **changes: object) -> "Heard":
        self.standin.acts = list(acts)
        heard = Heard()
        try:
            async with aclosing(self.backend().stream(self.request(**changes))) as deltas:
                async for delta in deltas:
                    heard.take(delta)
        except BackendError as error:
            heard.error = error
        return heard


class Heard:
    """What came out of a backend."""

    def __init__(self) -> None:
        self.text = ""
        self.last = Delta()
        self.waits: list[float] = []
        self.error: BackendError | None = None

    def take(self, delta: Delta) -> None:
        self.text += delta.text
        if delta.wait is not None:
            self.waits.append(delta.wait.seconds or 0.0)
        self.last = delta


@asynccontextmanager
async def staged(row: tuple[Spec, Kind]) -> AsyncIterator[Set]:
    spec, kind = row
    protocol = spec.kinds[kind]
    async with (
        serve(FAMILIES[protocol], SIDE_ANSWERS) as standin,
        Http(
            reach=AddressClass.PRIVATE,
            limits=HttpLimits(cloud=PATIENCE, local=PATIENCE, horde=PATIENCE),
        ) as http,
    ):
        yield Set(spec, kind, standin, http)


def name(row: tuple[Spec, Kind]) -> str:
    return f"{row[0].id}-{row[1]}"


@pytest.fixture(params=ROWS, ids=name)
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Set]:
    """Every row."""
    async with staged(request.param) as found:
        yield found


@pytest.fixture(params=STREAMING, ids=name)
async def live(request: pytest.FixtureRequest) -> AsyncIterator[Set]:
    """Every row whose server streams."""
    async with staged(request.param) as found:
        yield found


async def test_streams_the_text_as_it_was_sent(subject: Set) -> None:
    heard = await subject.ask(Act())
    assert heard.error is None
    assert heard.text == "".join(TEXT)
    assert heard.last.finish is Finish.STOP
    body = subject.standin.replies[0].body
    assert (at(body, subject.standin.family.limit_key) or body.get("max_new_tokens")) == 77


async def test_bytes_split_at_random_places_change_nothing(live: Set) -> None:
    for seed in range(8):
        heard = await live.ask(Act(chop=random.Random(seed)))
        assert (heard.text, heard.error) == ("".join(TEXT), None)


async def test_without_streaming_the_same_text_comes(live: Set) -> None:
    heard = await live.ask(Act(), stream=False)
    assert (heard.text, heard.last.finish) == ("".join(TEXT), Finish.STOP)


async def test_a_json_answer_to_a_stream_is_read(live: Set) -> None:
    heard = await live.ask(Act(as_json=True))
    assert (heard.text, heard.error) == ("".join(TEXT), None)


async def test_the_end_says_whether_the_length_was_reached(subject: Set) -> None:
    if not subject.standin.family.tells_length:
        pytest.skip("this server does not tell")
    heard = await subject.ask(Act(finish="length"))
    assert heard.last.finish is Finish.LENGTH


async def test_stop_strings_are_sent_as_many_as_the_backend_takes(subject: Set) -> None:
    if not subject.standin.family.stop_key:
        pytest.skip("this server takes token ids; see test_protocols")
    stops = tuple(f"\nName {number}:" for number in range(400))
    await subject.ask(Act(), stop=stops)
    body = subject.standin.replies[0].body
    sent = at(body, subject.standin.family.stop_key) or body.get("stopping_strings") or []
    most = subject.spec.traits("model-1").max_stops
    assert list(sent) == list(stops[: len(stops) if most is None else most])


async def test_closing_the_stream_closes_the_connection(live: Set) -> None:
    live.standin.acts = [Act(stall_after=4)]
    async with aclosing(live.backend().stream(live.request())) as deltas:
        async for delta in deltas:
            if delta.text:
                break
    async with asyncio.timeout(5):
        await live.standin.gone.wait()
    aborts = [heard for heard in live.standin.heard if heard.path.endswith("/abort")]
    assert len(aborts) == live.spec.reply.aborts


async def test_cancelling_the_task_closes_the_connection(live: Set) -> None:
    task = asyncio.create_task(live.ask(Act(stall_after=4)))
    async with asyncio.timeout(5):
        await live.standin.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await live.standin.gone.wait()


async def test_a_wrong_key_is_told_and_not_tried_again(subject: Set) -> None:
    heard = await subject.ask(Act(status=401, message=f"Incorrect API key provided: {CANARY}"))
    assert isinstance(heard.error, KeyRejected)
    assert len(subject.standin.replies) == 1
    assert CANARY not in f"{heard.error} {heard.error.detail} {heard.error.facts!r}"


async def test_a_key_shows_in_nothing_a_server_says(live: Set) -> None:
    page = f"<html><title>{CANARY[9:]}</title></html>".encode()
    document = json.dumps({"error": {"message": "no", "param": CANARY}}).encode()
    for act in (
        Act(body=page, content_type="text/html"),
        Act(status=400, headers={"x-request-id": CANARY}),
        Act(status=400, body=document, content_type="application/json"),
    ):
        heard = await live.ask(act)
        assert heard.error is not None
        assert CANARY[9:] not in f"{heard.error} {heard.error!r} {heard.error.facts!r}"


async def test_a_rate_limit_is_waited_for_as_long_as_asked(subject: Set) -> None:
    heard = await subject.ask(Act(status=429, headers={"Retry-After": "0.02"}), Act())
    assert (heard.text, heard.waits) == ("".join(TEXT), [0.02])


async def test_a_rate_limit_without_a_time_is_tried_again(subject: Set) -> None:
    heard = await subject.ask(Act(status=429), Act())
    assert heard.text == "".join(TEXT)
    assert len(heard.waits) == 1


async def test_a_long_rate_limit_is_told_instead_of_waited_for(subject: Set) -> None:
    heard = await subject.ask(Act(status=429, headers={"Retry-After": "3600"}))
    assert isinstance(heard.error, RateLimited)
    assert heard.error.retry_after == 3600


async def test_three_tries_and_no_more(subject: Set) -> None:
    heard = await subject.ask(*[Act(status=503)] * 5)
    assert isinstance(heard.error, Overloaded)
    assert len(subject.standin.replies) == 3


async def test_a_break_after_text_keeps_the_text(live: Set) -> None:
    heard = await live.ask(Act(break_after=4))
    assert isinstance(heard.error, StreamBroken)
    assert heard.text
    assert "".join(TEXT).startswith(heard.text)
    assert len(live.standin.replies) == 1


async def test_a_body_that_just_ends_is_a_break(live: Set) -> None:
    heard = await live.ask(Act(end_after=4))
    assert isinstance(heard.error, StreamBroken)


async def test_an_error_inside_the_stream_keeps_the_text(live: Set) -> None:
    heard = await live.ask(Act(error_after=4, message="the graphics card gave up"))
    assert isinstance(heard.error, StreamBroken | Overloaded)
    assert "graphics card" in heard.error.detail
    assert heard.text


async def test_an_error_before_any_text_is_tried_again(live: Set) -> None:
    heard = await live.ask(Act(error_after=0), Act())
    assert (heard.text, heard.error) == ("".join(TEXT), None)


async def test_a_page_instead_of_an_answer_is_summed_up(subject: Set) -> None:
    page = b"<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head><body>x</body>"
    heard = await subject.ask(Act(body=page, content_type="text/html"))
    assert isinstance(heard.error, BadAnswer)
    assert "Welcome to nginx!" in heard.error.detail
    assert "<" not in heard.error.detail


async def test_a_gateway_page_is_an_overload(subject: Set) -> None:
    page = b"<html><head><title>502 Bad Gateway</title></head></html>"
    heard = await subject.ask(*[Act(body=page, content_type="text/html", status=502)] * 3)
    assert isinstance(heard.error, Overloaded)
    assert heard.error.detail == "502 Bad Gateway"


async def test_a_compressed_bomb_is_noticed(subject: Set) -> None:
    subject.http.limits = replace(subject.http.limits, size=SizeLimits(stream=1 << 20))
    bomb = Act(
        body=gzipped_zeros(64 << 20),
        headers={"Content-Encoding": "gzip"},
        content_type=subject.standin.family.content_type,
    )
    heard = await subject.ask(bomb)
    assert isinstance(heard.error, BadAnswer)


async def test_an_endless_line_is_noticed(live: Set) -> None:
    turn_limiter = Act(body=b"data: " + b"x" * (3 << 20), content_type="text/event-stream")
    heard = await live.ask(turn_limiter)
    assert isinstance(heard.error, BadAnswer)


async def test_silence_before_the_first_byte_has_an_end(live: Set) -> None:
    live.http.limits = HttpLimits(cloud=HASTE, local=HASTE, horde=HASTE)
    heard = await live.ask(Act(stall_after=0))
    assert isinstance(heard.error, TimedOut)
    assert heard.error.facts["phase"] == "first"


async def test_silence_in_the_middle_has_an_end(live: Set) -> None:
    haste = replace(HASTE, first=PATIENCE.first)  # a busy machine may take its time to begin
    live.http.limits = HttpLimits(cloud=haste, local=haste, horde=haste)
    heard = await live.ask(Act(stall_after=4))
    assert isinstance(heard.error, StreamBroken)
    assert heard.text


async def test_a_prompt_that_is_too_long_is_told_with_its_numbers(subject: Set) -> None:
    overflow = subject.standin.family.overflow
    if overflow is None:
        pytest.skip("this server cuts the prompt instead of refusing it")
    heard = await subject.ask(
        Act(status=400, body=json.dumps(overflow).encode(), content_type="application/json")
    )
    assert isinstance(heard.error, PromptTooLong)
    assert (heard.error.facts["limit"], heard.error.facts["sent"]) == (8192, 9001)


async def test_nothing_listening_is_told_at_once(subject: Set) -> None:
    subject.standin.url = "http://127.0.0.1:9"
    heard = await subject.ask()
    assert isinstance(heard.error, Unreachable)
    assert heard.waits == []


async def test_redirects_are_not_followed(subject: Set) -> None:
    elsewhere = Act(status=307, headers={"Location": "http://127.0.0.1:9/steal"}, body=b"")
    heard = await subject.ask(elsewhere)
    assert isinstance(heard.error, BadAnswer)
    assert heard.error.facts["redirect"] == "http://127.0.0.1:9"
    assert len(subject.standin.replies) == 1


def test_every_protocol_of_the_catalog_is_covered() -> None:
    offline = {"rehearsal", "horde"}  # Horde: test_horde.py
    assert protocols().keys() - FAMILIES.keys() - offline == set()
