"""The language for request bodies."""

from typing import Any

import pytest

from bot.playground.rules import schema
from bot.playground.rules.errors import Refused
from tests.e2e.playground.wire import codes

BODY = schema.record(
    {
        "name": schema.text(5, 2),
        "count": schema.number(1, 3),
        "share": schema.number(0, 1, whole=False),
        "id": schema.snowflake,
        "on": schema.boolean,
        "link": schema.url,
        "when": schema.moment,
        "kind": schema.one_of(1, 2),
        "parts": schema.listing(schema.typed({1: schema.record({"x": schema.boolean})}), 2),
        "words": schema.mapping(schema.text(3)),
    },
    ("name",),
)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Ann"},
        {"name": "Ann", "count": 2, "share": 0.5, "id": 12, "on": False, "unknown": []},
        {"name": "Ann", "id": "12", "link": "attachment://a.png", "when": "2026-01-01T00:00:00Z"},
        {"name": "Ann", "kind": 2, "parts": [{"type": 1, "x": True}], "words": {"a": "b"}},
        {"name": "Ann", "count": None, "parts": None},
    ],
)
def test_good_bodies_pass(body: dict[str, Any]) -> None:
    schema.demand(BODY, body)


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({}, "name", "BASE_TYPE_REQUIRED"),
        ({"name": ""}, "name", "BASE_TYPE_REQUIRED"),
        ({"name": "A"}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"name": "A" * 6}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"name": "Ann", "count": 0}, "count", "NUMBER_TYPE_MIN"),
        ({"name": "Ann", "count": 4}, "count", "NUMBER_TYPE_MAX"),
        ({"name": "Ann", "count": "many"}, "count", "NUMBER_TYPE_COERCE"),
        ({"name": "Ann", "count": True}, "count", "NUMBER_TYPE_COERCE"),
        ({"name": "Ann", "id": "x"}, "id", "NUMBER_TYPE_COERCE"),
        ({"name": "Ann", "on": 1}, "on", "BOOLEAN_TYPE_CONVERT"),
        ({"name": "Ann", "link": "ftp://x"}, "link", "URL_TYPE_INVALID_SCHEME"),
        ({"name": "Ann", "link": "x"}, "link", "URL_TYPE_INVALID_URL"),
        ({"name": "Ann", "when": "x"}, "when", "DATE_TIME_TYPE_PARSE"),
        ({"name": "Ann", "kind": 3}, "kind", "BASE_TYPE_CHOICES"),
        ({"name": "Ann", "parts": {}}, "parts", "LIST_TYPE_CONVERT"),
        ({"name": "Ann", "parts": [{}]}, "parts.0.type", "UNION_TYPE_CHOICES"),
        ({"name": "Ann", "parts": [{"type": 1}] * 3}, "parts", "BASE_TYPE_BAD_LENGTH"),
        ({"name": "Ann", "parts": [{"type": 1, "x": 0}]}, "parts.0.x", "BOOLEAN_TYPE_CONVERT"),
        ({"name": "Ann", "words": {"a": "bcde"}}, "words.a", "BASE_TYPE_MAX_LENGTH"),
        ({"name": "Ann", "words": []}, "words", "DICT_TYPE_CONVERT"),
    ],
)
def test_each_fault_is_named_where_it_is(body: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        schema.demand(BODY, body)
    assert caught.value.body["code"] == 50035
    assert (path, code) in codes(caught.value.body)
