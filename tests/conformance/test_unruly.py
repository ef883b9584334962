"""Servers that frame their answers in other ways than they should, one of each protocol."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable

import pytest

from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.spec import Spec
from core.backends.types import Finish, Note, NoteCode, Request, WireMessage
from core.errors import BadAnswer, NothingCame, Overloaded, StreamBroken
from core.kind import Kind
from core.network import AddressClass
from core.secret import Secret
from tests.conformance.families import FAMILIES
from tests.conformance.families.base import Family
from tests.conformance.standin import TEXT, Act
from tests.conformance.test_rows import STREAMING, Set, staged

CATALOG = Catalog.load()
Row = tuple[Spec, Kind]
FIRSTS: dict[tuple[str, Kind], Row] = {}
for _row in STREAMING:
    FIRSTS.setdefault((_row[0].kinds[_row[1]], _row[1]), _row)


@pytest.fixture(params=FIRSTS.values(), ids=[f"{name}-{kind}" for name, kind in FIRSTS])
async def live(request: pytest.FixtureRequest) -> AsyncIterator[Set]:
    """One row of each protocol that streams."""
    async with staged(request.param) as found:
        yield found


def frames(family: Family) -> bytes:
    return b"".join(family.frames(TEXT, "stop"))


def documents(family: Family) -> list[bytes]:
    """The frames' JSON without what stands around it."""
    lines = [line.removeprefix(b"data:").strip() for line in frames(family).splitlines()]
    return [line for line in lines if line.startswith(b"{")]


def as_events(family: Family) -> bytes:
    return b"".join(b"data: " + document + b"\n\n" for document in documents(family))


BODIES: dict[str, tuple[Callable[[Family], bytes], str]] = {
    "json type": (frames, "application/json"),
    "html type": (frames, "text/html"),
    "no known type": (frames, "garbage"),
    "carriage returns": (lambda family: frames(family).replace(b"\n", b"\r"), ""),
    "both line ends": (lambda family: frames(family).replace(b"\n", b"\r\n"), ""),
    "byte order mark": (lambda family: b"\xef\xbb\xbf" + frames(family), ""),
    "blanks first": (lambda family: b"\n" * 70_000 + frames(family), ""),
    "no last line end": (lambda family: frames(family).rstrip(b"\n"), ""),
    "events": (as_events, "text/event-stream"),
    "lines": (lambda family: b"\n".join(documents(family)), "application/x-ndjson"),
    "lines as events": (lambda family: b"\n".join(documents(family)), "text/event-stream"),
    "no line ends": (lambda family: b"".join(documents(family)), "application/json"),
    "one array": (lambda family: b"[" + b",\n".join(documents(family)) + b"]", "application/json"),
    "one event": (
        lambda family: b"".join(b"data: " + document + b"\n" for document in documents(family)),
        "text/event-stream",
    ),
    "end repeated": (lambda family: frames(family) + family.frames(TEXT, "stop")[-1] * 2, ""),
}


@pytest.mark.parametrize("name", BODIES)
async def test_other_frames_are_read_as_what_they_are(live: Set, name: str) -> None:
    family = live.standin.family
    if family.protocol == "ollama" and name == "one array":
        pytest.skip("where lines are expected each is read alone")
    body, content_type = BODIES[name]
    heard = await live.ask(Act(body=body(family), content_type=content_type or family.content_type))
    assert (heard.text, heard.error) == ("".join(TEXT), None)
    assert heard.last.finish is Finish.STOP


async def test_strange_frames_between_are_skipped(live: Set) -> None:
    family = live.standin.family
    strange = [b"{not json", b"12", b"null", b"[]", b'"x"', b'{"foo": 1}', b"[" * 5000]
    start = b"" if family.protocol == "ollama" else b"data: "
    end = b"\n" if family.protocol == "ollama" else b"\n\n"
    between = b"".join(start + one + end for one in strange)
    body = b"".join(between + frame for frame in family.frames(TEXT, "stop"))
    heard = await live.ask(Act(body=body, content_type=family.content_type))
    assert (heard.text, heard.error) == ("".join(TEXT), None)


async def test_a_body_in_several_compressed_parts_is_read(live: Set) -> None:
    family = live.standin.family
    body = b"".join(gzip.compress(frame) for frame in family.frames(TEXT, "stop"))
    act = Act(body=body, headers={"Content-Encoding": "gzip"}, content_type=family.content_type)
    assert (await live.ask(act)).text == "".join(TEXT)


@pytest.mark.parametrize("body", [b"", b"  \n", b": ping\n\n", b"Hello there"])
async def test_an_answer_of_nothing_is_told_as_that(live: Set, body: bytes) -> None:
    heard = await live.ask(*[Act(body=body, content_type="text/plain")] * 3)
    assert isinstance(heard.error, NothingCame)
    assert len(live.standin.replies) == 3


@pytest.mark.parametrize("document", [None, 42, "hello", []])
async def test_a_document_of_another_kind_is_no_reply(live: Set, document: object) -> None:
    if live.standin.family.protocol == "ollama":
        pytest.skip("a line that is no object is skipped")
    body = json.dumps(document).encode()
    heard = await live.ask(Act(body=body, content_type="application/json"))
    assert isinstance(heard.error, BadAnswer)


async def test_a_whole_reply_needs_no_word_about_its_end() -> None:
    row = FIRSTS["openai-chat", Kind.CHAT]
    async with staged(row) as found:
        body = json.dumps({"choices": [{"message": {"content": "Hello."}}]}).encode()
        heard = await found.ask(Act(body=body, content_type="application/json"))
    assert (heard.text, heard.error) == ("Hello.", None)


UNRULY_LIST: list[object] = [
    None, 3, "m", [], {"id": None}, {"id": 5}, {"id": ""}, {"id": "x" * 5000}, {"id": "a\0b"},
    {"id": "half \ud83d"}, {"id": "good", "context_length": "4096", "name": "\ud83d"},
    {"id": "good", "context_length": 1}, {"id": "none", "context_length": 0},
    {"id": "less", "context_length": -4096}, {"id": "lots", "context_length": 1e300},
    {"id": "words", "context_length": "many", "pricing": [], "architecture": "x", "type": 7},
]  # fmt: skip


LISTING = next(row for row in STREAMING if row[0].id == "openai-compatible")


async def test_of_a_list_what_can_be_used_is_used() -> None:
    async with staged(LISTING) as found:
        found.standin.answers["/models"] = {"data": UNRULY_LIST}
        models = {model.id: model for model in await found.backend().models()}
    assert list(models) == ["good", "none", "less", "lots", "words"]
    assert models["good"].context_size == 4096
    assert models["good"].name == ""
    assert not any(models[name].context_size for name in ("none", "less", "lots", "words"))


@pytest.mark.parametrize("listed", [None, 4, "x", {}, {"data": "x"}, {"data": {"a": 1}}])
async def test_what_is_no_list_is_told(listed: object) -> None:
    async with staged(LISTING) as found:
        found.standin.answers["/models"] = listed
        with pytest.raises(BadAnswer, match="unexpected_shape"):
            await found.backend().models()


async def test_an_error_event_of_plain_words_is_told() -> None:
    async with staged(FIRSTS["openai-chat", Kind.CHAT]) as found:
        family = found.standin.family
        body = b"".join(family.frames(TEXT, "stop")[:3]) + b"event: error\ndata: it exploded\n\n"
        heard = await found.ask(Act(body=body, content_type=family.content_type))
    assert isinstance(heard.error, Overloaded)
    assert heard.error.detail == "it exploded"


async def test_a_filter_that_ends_a_reply_is_told() -> None:
    async with staged(FIRSTS["openai-chat", Kind.CHAT]) as found:
        heard = await found.ask(Act(finish="content_filter"))
    assert (heard.text, heard.last.finish) == ("".join(TEXT), Finish.FILTER)
    assert heard.last.note == Note(NoteCode.FILTER, "content filter", found.spec.name)


async def test_text_in_one_packet_with_broken_framing_is_kept() -> None:
    frames = b"".join(FAMILIES["openai-chat"].frames(("Hello ", "there"), "stop")[:3])
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked"
    packet = head + b"\r\n\r\n%x\r\n%s\r\nzzz\r\nbroken" % (len(frames), frames)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(packet)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    said = ""
    async with server, Http(reach=AddressClass.PRIVATE) as http:
        spec = CATALOG.get("openai-compatible")
        backend = CATALOG.create(spec, Kind.CHAT, http, f"http://127.0.0.1:{port}", Secret())
        request = Request(Kind.CHAT, "m", messages=(WireMessage("user", "Hello."),))
        deltas = backend.stream(request)
        said += (await anext(deltas)).text
        said += (await anext(deltas)).text
        with pytest.raises(StreamBroken):
            await anext(deltas)
    assert said == "Hello there"


@pytest.mark.parametrize("row", FIRSTS.values(), ids=lambda row: row[0].id)
async def test_a_last_frame_with_the_whole_text_adds_nothing(row: Row) -> None:
    async with staged(row) as found:
        family = found.standin.family
        *frames, last = family.frames(TEXT, "stop")
        whole = json.dumps(family.whole("".join(TEXT), "stop")).encode()
        lines = family.content_type.endswith("ndjson")
        frames.append(whole + b"\n" if lines else b"data: " + whole + b"\n\n")
        heard = await found.ask(
            Act(body=b"".join([*frames, last]), content_type=family.content_type)
        )
    assert (heard.text, heard.error) == ("".join(TEXT), None)
