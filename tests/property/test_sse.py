"""Server-sent events read the same however the bytes are cut."""

import itertools
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from core.backends.sse import Event, EventReader, LineReader, WholeReader

TEXT = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x00"),
    max_size=20,
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[Event]]:
    """A body and the events it holds."""
    end = draw(ENDS)
    body, events = "", list[Event]()
    for _ in range(draw(st.integers(0, 6))):
        for comment in draw(st.lists(TEXT, max_size=2)):
            body += f":{comment}{end}"
        name = draw(st.sampled_from(["", "message", "newToken"]))
        if name:
            body += f"event: {name}{end}"
        lines = draw(st.lists(TEXT, min_size=1, max_size=3))
        for line in lines:
            space = " " if line.startswith(" ") or draw(st.booleans()) else ""
            body += f"data:{space}{line}{end}"
        body += "id: 7" + end + end
        events.append(Event("\n".join(lines), name))
    is_short = bool(events) and draw(st.booleans())
    if is_short:
        body = body[: -len(end)]  # the last blank line is missing
    return body.encode(), events


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in pieces."""
    cuts = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in itertools.pairwise(cuts)]


@settings(max_examples=400)
@given(streams(), st.lists(st.integers(0, 10_000), max_size=30))
def test_any_cutting_gives_the_same_events(
    stream: tuple[bytes, list[Event]], places: list[int]
) -> None:
    body, events = stream
    reader = EventReader()
    found = [event for piece in cut(body, places) for event in reader.feed(piece)]
    assert [*found, *reader.close()] == events


@settings(max_examples=100)
@given(streams())
def test_byte_by_byte(stream: tuple[bytes, list[Event]]) -> None:
    body, events = stream
    reader = EventReader()
    found = [event for index in range(len(body)) for event in reader.feed(body[index : index + 1])]
    assert [*found, *reader.close()] == events


@settings(max_examples=200)
@given(st.binary(max_size=300), st.lists(st.integers(0, 10_000), max_size=10))
def test_any_bytes_are_read_without_harm(data: bytes, places: list[int]) -> None:
    whole, pieces = EventReader(), EventReader()
    first = [*whole.feed(data), *whole.close()]
    second = [event for piece in cut(data, places) for event in pieces.feed(piece)]
    assert [*second, *pieces.close()] == first


@given(st.lists(st.dictionaries(TEXT, TEXT, max_size=2), max_size=5), st.lists(st.integers(0, 999)))
def test_json_lines(documents: list[dict[str, str]], places: list[int]) -> None:
    body = "\n".join(json.dumps(document, ensure_ascii=False) for document in documents).encode()
    reader = LineReader()
    found = [event for piece in cut(body, places) for event in reader.feed(piece)]
    assert [json.loads(event.data) for event in [*found, *reader.close()]] == documents


@given(TEXT, st.lists(st.integers(0, 999)))
def test_a_whole_document(text: str, places: list[int]) -> None:
    body = json.dumps({"a": text}, ensure_ascii=False).encode()
    reader = WholeReader()
    assert not [event for piece in cut(body, places) for event in reader.feed(piece)]
    assert json.loads(reader.close()[0].data) == {"a": text}
