"""The option table and what a row takes."""

import math

import pytest

from core.chat.place import Scope
from core.errors import InvalidOption
from core.options.table import (
    CHAT_BURST_SECONDS,
    CHAT_MODE,
    CONTEXT_SIZE,
    CUSTOM_STOP,
    FLOOD_LIMITS,
    INSTRUCT_ENABLED,
    NOTE_TEXT,
    OPTIONS,
    REPLY_LENGTH,
    SAMPLERS,
    TIME_ZONE,
    TOKEN_PADDING,
    OptionType,
    Resolved,
)

ROWS = list(OPTIONS.values())


@pytest.mark.parametrize("option", ROWS, ids=list(OPTIONS))
def test_every_row_is_sound(option: object) -> None:
    row = OPTIONS[option.key]  # type: ignore[attr-defined]
    assert row.check(row.default) == row.default
    assert OPTIONS[row.key] is row
    assert row.scopes
    assert (row.minimum is None) == (row.maximum is None)
    if row.type in (OptionType.INTEGER, OptionType.NUMBER):
        assert row.minimum is not None
    if row.owner_only:
        assert row.scopes <= {Scope.SERVER, Scope.EVERYWHERE}


def test_nothing_set() -> None:
    nothing = Resolved()
    assert nothing[REPLY_LENGTH] == 350
    assert nothing.why(REPLY_LENGTH) is None


@pytest.mark.parametrize(
    ("option", "value"),
    [
        (CHAT_MODE, "every"),
        (INSTRUCT_ENABLED, "on"),
        (FLOOD_LIMITS, False),
        (REPLY_LENGTH, 500),
        (TOKEN_PADDING, -200),
        (CHAT_BURST_SECONDS, 2.5),
        (CHAT_BURST_SECONDS, 3),
        (CUSTOM_STOP, ["\n", "\nUser:"]),
        (SAMPLERS, {"temperature": 0.7}),
        (TIME_ZONE, "America/Sao_Paulo"),
        (NOTE_TEXT, " two\nlines "),
        (CONTEXT_SIZE, None),
    ],
)
def test_what_is_taken(option: object, value: object) -> None:
    assert option.check(value) == value  # type: ignore[attr-defined]


def test_a_list_is_stored_as_one() -> None:
    assert CUSTOM_STOP.check(("a", "b")) == ["a", "b"]


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        (CHAT_MODE, "sometimes", ("off", "mention", "every")),
        (FLOOD_LIMITS, "perhaps", OptionType.SWITCH),
        (REPLY_LENGTH, 0, (1, 65536)),
        (REPLY_LENGTH, "many", (1, 65536)),
        (REPLY_LENGTH, 1.5, (1, 65536)),
        (REPLY_LENGTH, True, (1, 65536)),
        (CHAT_BURST_SECONDS, math.nan, (0, 60)),
        (CUSTOM_STOP, '["a', OptionType.LIST),
        (CUSTOM_STOP, [1], OptionType.LIST),
        (TIME_ZONE, "Mars/Olympus", OptionType.ZONE),
        (TIME_ZONE, "../../etc/passwd", OptionType.ZONE),
        (NOTE_TEXT, "x" * 20_000, OptionType.TEXT),
    ],
)
def test_what_is_refused(option: object, value: object, expected: object) -> None:
    with pytest.raises(InvalidOption) as caught:
        option.check(value)  # type: ignore[attr-defined]
    assert caught.value.facts["expected"] == expected
    assert len(str(caught.value.facts["value"])) <= 80
