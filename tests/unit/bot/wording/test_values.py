"""Refused values are told in words that people use, with numbers that can be read."""

import pytest

from bot.views.forms import Field, Form
from bot.views.samplers import help_line, written
from bot.wording.errors import explain
from bot.wording.values import NAMES
from core.errors import InvalidOption
from core.kind import Kind
from core.options.table import CHAT_MODE, CONTEXT_SIZE, OPTIONS, TIME_ZONE
from core.samplers.checks import check
from core.samplers.table import ALL_SAMPLERS


def refusal_of(option: object, value: object) -> str:
    with pytest.raises(InvalidOption) as caught:
        option.check(value)  # type: ignore[attr-defined]
    return explain(caught.value) or ""


def test_an_option_is_called_by_its_name_and_its_range_written_out() -> None:
    told = refusal_of(CONTEXT_SIZE, 100)
    assert told == "“100” can't be used for the context size; it takes 512 … 2,097,152."


def test_choices_and_zones_are_told() -> None:
    assert "`off`, `mention`, `every`" in refusal_of(CHAT_MODE, "loud")
    assert "a time zone such as Europe/Berlin" in refusal_of(TIME_ZONE, "Nowhere")


def test_a_samplers_range_is_told() -> None:
    with pytest.raises(InvalidOption) as caught:
        check("temperature", "hot")
    assert (explain(caught.value) or "").endswith("it takes 0 … 10.")


def test_what_the_error_itself_says_wins_over_the_table() -> None:
    error = InvalidOption(key="kind", value="text", expected=(Kind.CHAT,))
    assert explain(error) == "“text” can't be used for the kind of completion; it takes `chat`."


def test_large_numbers_are_written_out_where_they_are_read_only() -> None:
    assert "(-1 … 9,007,199,254,740,992)" in help_line(ALL_SAMPLERS["seed"])
    assert written(1000.5) == "1000.5"


async def nothing(here: object, values: dict[str, str]) -> None:
    """Takes a form."""


def test_a_refused_form_gives_back_long_texts_that_were_written_anew() -> None:
    fields = [Field("name", "Name"), Field("text", "Text", value="Old.", long=True)]
    form = Form("Entry", fields, nothing)
    assert form.kept({"name": "Road", "text": "A new tale."}) == "Text\nA new tale."
    assert form.kept({"name": "Road", "text": "Old."}) == ""


def test_a_refused_form_gives_back_no_secret() -> None:
    form = Form("Key", [Field("key", "Key", long=True)], nothing, is_secret=True)
    assert form.kept({"key": "sk-0123456789"}) == ""


def test_names_are_those_of_options_or_of_a_forms_fields() -> None:
    of_forms = {"fallback", "order", "region", "account", "key", "name"}
    assert set(NAMES) - of_forms <= set(OPTIONS)
