"""JSON that strangers wrote."""

from typing import Any

import pytest

from core.backends.documents import MOST, documents, number_at, read_json
from core.errors import BadAnswer


def test_line_breaks_may_stand_in_strings() -> None:
    assert read_json('{"text": "a\tb\nc"}') == {"text": "a\tb\nc"}


@pytest.mark.parametrize("text", ["", "{", "nope", "[" * 100_000, "9" * 5000])
def test_what_is_no_json_is_told(text: str) -> None:
    with pytest.raises(BadAnswer):
        read_json(text)


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ('{"a": 1}{"a": 2}', [{"a": 1}, {"a": 2}], ""),
        ('{"a": 1}\n\n [2]\n', [{"a": 1}, [2]], ""),
        ('{"a": 1}\n[DONE]', [{"a": 1}], "[DONE]"),
        ("nothing here ", [], "nothing here"),
        ("1 " + "[" * 100_000, [1], "[" * 100_000),
        ("", [], ""),
    ],
)
def test_documents_may_stand_one_after_the_other(text: str, found: list[Any], rest: str) -> None:
    assert documents(text) == (found, rest)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (4096, 4096), ("4096", 4096), (7.0, 7), (0, 0), (MOST, MOST),
        (-1, None), ("-5", None), (MOST + 1, None), (10**30, None), (1e308, None),
        (float("nan"), None), (float("inf"), None), ("8k", None), ("9" * 5000, None),
        (True, None), (None, None), ([1], None), ({}, None),
    ],
)  # fmt: skip
def test_a_count_is_a_number_that_can_be_stored(value: Any, number: int | None) -> None:
    assert number_at({"size": value}, "size") == number
