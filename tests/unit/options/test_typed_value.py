"""What people type for an option, on keyboards of several countries."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidOption
from core.options.table import (
    CHAT_BURST_SECONDS,
    CHAT_MODE,
    CONTEXT_SIZE,
    LORE_BUDGET_CAP,
    LORE_RECURSIVE,
    NOTE_TEXT,
    OPTIONS,
    REPLY_LENGTH,
    TIME_ZONE,
    Option,
    OptionType,
)
from core.options.typed_value import read_value


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        (REPLY_LENGTH, "1.000", 1000),
        (REPLY_LENGTH, "1,000", 1000),
        (REPLY_LENGTH, "1 000", 1000),
        (REPLY_LENGTH, "1\u202f000", 1000),
        (REPLY_LENGTH, "\uff11\uff12", 12),
        (CONTEXT_SIZE, "16384", 16384),
        (CHAT_BURST_SECONDS, "1,5", 1.5),
        (CHAT_BURST_SECONDS, ".5", 0.5),
        (CHAT_BURST_SECONDS, "1.000", 1.0),
        (LORE_BUDGET_CAP, "none", None),
        (LORE_BUDGET_CAP, "None ", None),
        (LORE_BUDGET_CAP, "0", 0),
        (LORE_RECURSIVE, "off", False),
        (LORE_RECURSIVE, "はい", True),
        (LORE_RECURSIVE, "Não", False),
        (LORE_RECURSIVE, "开", True),
        (CHAT_MODE, " Every ", "every"),
        (NOTE_TEXT, " two\nlines ", " two\nlines "),
        (TIME_ZONE, "Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_it_is_read_as_it_is_meant(option: Option[object], text: str, value: object) -> None:
    assert read_value(option, text) == value


@pytest.mark.parametrize(
    ("option", "text"),
    [
        (REPLY_LENGTH, "1.5"),
        (REPLY_LENGTH, "none"),
        (REPLY_LENGTH, "0"),
        (REPLY_LENGTH, "1.00"),
        (CHAT_BURST_SECONDS, "1.000,5"),
        (CHAT_BURST_SECONDS, "nan"),
        (LORE_RECURSIVE, "maybe"),
        (CHAT_MODE, "sometimes"),
        (TIME_ZONE, "Middle/Earth"),
        (CONTEXT_SIZE, ""),
    ],
)
def test_what_it_cannot_mean_is_refused_with_what_it_takes(
    option: Option[object], text: str
) -> None:
    with pytest.raises(InvalidOption) as refused:
        read_value(option, text)
    assert refused.value.facts["key"] == option.key
    assert refused.value.facts["expected"]


@given(st.sampled_from(list(OPTIONS.values())), st.text(max_size=40))
def test_anything_typed_is_a_value_or_one_refusal(option: Option[object], text: str) -> None:
    if option.type in (OptionType.LIST, OptionType.TABLE):
        return
    with contextlib.suppress(InvalidOption):
        value = read_value(option, text)
        assert option.check(value) == value
