"""The body that is shown is the body that a server records, row by row, to the byte."""

from contextlib import aclosing
from typing import Any

import pytest

from core.backends.backend import Backend
from core.backends.catalog import Catalog
from core.backends.http import encode
from core.backends.shown_body import shown_body
from core.backends.types import Image, Request, SpeakerNames, WireMessage
from core.backends.wrap.multigen import Batches, Multigen
from core.backends.wrap.queue import Queued, ReplyQueue
from core.kind import Kind
from tests.conformance.test_rows import ROWS, Set, name, staged

PNG = Image(b"\x89PNG\r\n\x1a\n" + bytes(200), "image/png")
START = "*She nods.*"


def story(kind: Kind, **changes: Any) -> Request:
    """A story with examples, a picture, samplers, stop strings and the start of a reply."""
    values: dict[str, Any] = {
        "samplers": {"temperature": 1.7, "top_p": 0.9, "min_p": 0.1},
        "stop": ("\nAnn:", "\nBen:", "END"),
        "turn": "1 4 normal 0",
        "reply_start": START,
        "prefill": True,
    }
    if kind is Kind.TEXT:
        return Request(kind, "m", prompt=f"Ann: Hi.\nMira: {START}", images=(PNG,), **values)
    messages = (
        WireMessage("system", "You are Mira."),
        WireMessage("system", "A fine day?", "example_user"),
        WireMessage("system", "It is.", "example_assistant"),
        WireMessage("assistant", "Welcome."),
        WireMessage("system", "It rains."),
        WireMessage("user", "What is this?", images=(PNG,)),
        WireMessage("assistant", START),
    )
    speakers = SpeakerNames("Ann", "Mira")
    return Request(kind, "m", messages=messages, speakers=speakers, **values | changes)


async def recorded(stage: Set, backend: Backend, request: Request) -> str:
    async with aclosing(backend.stream(request)) as deltas:
        async for _ in deltas:
            pass
    return stage.standin.replies[-1].raw


@pytest.mark.parametrize("row", ROWS, ids=name)
async def test_shown_and_sent_are_one_for_every_row(row: Any) -> None:
    async with staged(row) as stage:
        backend, request = stage.backend(), story(stage.kind)
        body = await backend.sent(request)
        assert encode(body).decode() == await recorded(stage, backend, request)
        shown = shown_body(body, backend.api.secrets)
        assert "iVBOR" not in shown
        if stage.kind is Kind.CHAT:
            sends = stage.spec.traits("m").images != "none"
            assert (f"(picture: image/png, {len(PNG.data):,} bytes)" in shown) is sends


async def test_a_slot_and_the_first_batch_are_shown_too() -> None:
    spec = Catalog.load().get("llamacpp")
    async with staged((spec, Kind.TEXT)) as stage:
        request = story(Kind.TEXT, conversation="7")
        queued = Queued(stage.backend(), ReplyQueue(2), "ann")
        body = await queued.sent(request)
        assert body["id_slot"] == 0
        assert encode(body).decode() == await recorded(stage, queued, request)
        batched = Multigen(stage.backend(), Batches(12, 8))
        body = await batched.sent(request)
        assert (body["n_predict"], body["stream"]) == (12, False)
        async with aclosing(batched.stream(request)) as deltas:
            async for _ in deltas:
                break
        assert stage.standin.replies[1].raw == encode(body).decode()
