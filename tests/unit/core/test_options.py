"""The option table and what a row takes."""

import pytest

from core.chat.place import Scope
from core.errors import InvalidOption
from core.options.option import Form, Resolved
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
)

ROWS = list(OPTIONS.values())


@pytest.mark.parametrize("option", ROWS, ids=list(OPTIONS))
def test_every_row_is_sound(option: object) -> None:
    row = OPTIONS[option.key]  # type: ignore[attr-defined]
    assert row.check(row.default) == row.default
    assert row.help.strip() == row.help != ""
    assert len(row.help) <= 100, "Discord's limit for a description"
    assert row.scopes
    assert (row.minimum is None) == (row.maximum is None)
    if row.form in (Form.INTEGER, Form.NUMBER):
        assert row.minimum is not None
    if row.owner_only:
        assert row.scopes <= {Scope.SERVER, Scope.EVERYWHERE}


def test_nothing_set() -> None:
    nothing = Resolved()
    assert nothing[REPLY_LENGTH] == 350
    assert nothing.why(REPLY_LENGTH) is None


@pytest.mark.parametrize(
    ("option", "typed", "value"),
    [
        (CHAT_MODE, " EVERY ", "every"),
        (INSTRUCT_ENABLED, "on", "on"),
        (FLOOD_LIMITS, "off", False),
        (REPLY_LENGTH, "500", 500),
        (TOKEN_PADDING, "-200", -200),
        (CHAT_BURST_SECONDS, "2.5", 2.5),
        (CHAT_BURST_SECONDS, "3", 3),
        (CUSTOM_STOP, '["\\n", "\\nUser:"]', ["\n", "\nUser:"]),
        (SAMPLERS, "{temperature: 0.7}", {"temperature": 0.7}),
        (TIME_ZONE, "America/Sao_Paulo", "America/Sao_Paulo"),
        (NOTE_TEXT, " two\nlines ", " two\nlines "),
        (CONTEXT_SIZE, "", None),
    ],
)
def test_what_people_type(option: object, typed: str, value: object) -> None:
    assert option.parse(typed) == value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("option", "typed", "expected"),
    [
        (CHAT_MODE, "sometimes", "off | mention | every"),
        (FLOOD_LIMITS, "perhaps", "switch"),
        (REPLY_LENGTH, "0", "integer 1…65536"),
        (REPLY_LENGTH, "many", "integer 1…65536"),
        (REPLY_LENGTH, "1.5", "integer 1…65536"),
        (REPLY_LENGTH, "true", "integer 1…65536"),
        (CHAT_BURST_SECONDS, ".nan", "number 0…60"),
        (CUSTOM_STOP, '["a', "list, column 4"),
        (CUSTOM_STOP, "[1]", "list"),
        (TIME_ZONE, "Mars/Olympus", "zone"),
        (TIME_ZONE, "../../etc/passwd", "zone"),
        (NOTE_TEXT, "x" * 20_000, "text"),
    ],
)
def test_what_is_refused(option: object, typed: str, expected: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        option.parse(typed)  # type: ignore[attr-defined]
    assert caught.value.facts["expected"] == expected
    assert len(str(caught.value.facts["value"])) <= 80
