"""Whatever becomes of another maker's file, it is read or refused in one sentence."""

import asyncio
import copy
import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.wording.errors import explain
from core.errors import TavernError
from core.lorebook.load import read_lorebook
from core.transfer.files import read_file, write_file
from tests.property.test_cards import VALUES
from tests.unit.transfer import makers


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the values of a document stand."""
    if not isinstance(value, dict | list):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """A maker's document with some values replaced by anything, or gone."""
    document = copy.deepcopy(makers.DOCUMENTS[draw(st.sampled_from(sorted(makers.DOCUMENTS)))])
    for _ in range(draw(st.integers(1, 4))):
        inside = [place for place in places(document) if place]
        if not inside:
            break
        *path, last = draw(st.sampled_from(inside))
        holder = document
        for key in path:
            holder = holder[key]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[last]
        else:
            holder[last] = draw(VALUES)
    return document


def is_read_or_refused(data: bytes) -> None:
    for read in (read_file, read_lorebook):
        sentence = "read"
        try:
            read(data, "theirs.json")
        except TavernError as error:
            sentence = (explain(error) or "").strip()
        assert sentence
        assert "\n" not in sentence


@given(changed())
@settings(max_examples=400)
def test_changed_documents(document: Any) -> None:
    is_read_or_refused(json.dumps(document).encode("utf-8", "replace"))


@given(changed())
@settings(max_examples=150)
def test_what_is_read_once_is_read_again_the_same(document: Any) -> None:
    with suppress(TavernError):
        once = read_file(json.dumps(document).encode("utf-8", "replace"), "theirs.json")
        again = read_file(asyncio.run(write_file(once, ".json")), "theirs.json")
        assert (again.kind, again.data) == (once.kind, once.data)


@given(st.data())
@settings(max_examples=150)
def test_changed_bytes(data: st.DataObject) -> None:
    files = [makers.byaf(), makers.faraday(), makers.TEXTGEN.encode()]
    file = bytearray(data.draw(st.sampled_from(files)))
    for _ in range(data.draw(st.integers(1, 5))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    is_read_or_refused(bytes(file[: data.draw(st.integers(0, len(file)))]))
