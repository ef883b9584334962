"""JSON from strangers."""

import json
from typing import Any

import pytest

from core.untrusted import json as untrusted_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": NaN}', {"a": None}),
        ('{"a": [1e999, -Infinity]}', {"a": [None, None]}),
        ('{"a": 9223372036854775807}', {"a": 9223372036854775807}),
        ('{"a": 9223372036854775808}', {"a": 9.223372036854775808e18}),
        ('{"a": ' + "9" * 5000 + "}", {"a": None}),
        ('{"a\\u0000": "b\\u0000c"}', {"a": "bc"}),
        ('{"a": "\\ud83d\\ude00 \\ud83d"}', {"a": "😀 \ufffd"}),
        ('{"a": "]]]]{{{{\\"[["}', {"a": ']]]]{{{{"[['}),
    ],
)
def test_values_are_made_harmless(text: str, expected: Any) -> None:
    assert untrusted_json.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        '{"a" 1}',
        "[" * 65 + "]" * 65,
        "[" * 5_000_000,
        '{"a":' * 200_000,
        '"' + "\\" * 999_999,
        '{"a": "' + 'x\\"' * 999_999,
        "[" + "1," * untrusted_json.MAX_VALUES + "1]",
    ],
    ids=lambda text: text[:8] or "empty",
)
def test_what_is_broken_too_deep_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(untrusted_json.NotPlain):
        untrusted_json.parse(text)


def test_64_levels_are_allowed() -> None:
    assert untrusted_json.parse("[" * 64 + "]" * 64)


def test_huge_integers_from_python_become_doubles_or_nothing() -> None:
    assert untrusted_json.clean({"a": 2**64, "b": 10**400}) == {"a": float(2**64), "b": None}
    with pytest.raises(untrusted_json.NotPlain):
        untrusted_json.clean(b"bytes")


def test_dumped_documents_are_plain_json() -> None:
    assert json.loads(untrusted_json.dump({"ä": [1, "😀"]})) == {"ä": [1, "😀"]}
