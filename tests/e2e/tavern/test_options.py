"""Every option of the table can be set, seen, explained and taken back by command."""

from typing import Any

import pytest

from core.options.table import (
    CHAT_BURST_SECONDS,
    CUSTOM_STOP,
    LORE_BUDGET_CAP,
    LORE_DEPTH,
    NOTE_TEXT,
    OPTIONS,
    REPLY_LENGTH,
    SAMPLERS,
    Option,
    OptionType,
)
from tests.e2e.tavern.tavern import Tavern

NAMES = {
    "template.context": "ChatML",
    "template.instruct": "ChatML",
    "template.system": "Roleplay - Simple",
    "template.chat": "Default",
    "sampler_preset": "Neutral",
    "reasoning.preset": "DeepSeek",
    "tokenizer": "llama3",
    "language": "ja",
    "time_zone": "Europe/Berlin",
    "stop.custom": '["###"]',
    "model": "some-model",
}
ELSEWHERE = {"connection", SAMPLERS.key, "chat.flood_limits"}
"""What needs more than a value: a saved connection, a form of its own, the bot's owner."""


def example(option: Option[Any]) -> str:
    """A value of the option other than its default, as somebody types it."""
    if option.key in NAMES:
        return NAMES[option.key]
    if option.choices:
        return next(choice for choice in option.choices if choice != option.default)
    if option.type is OptionType.SWITCH:
        return "off" if option.default else "on"
    if option.type in (OptionType.INTEGER, OptionType.NUMBER):
        return str(int((option.minimum or 0) + 1))
    return "Some words"


async def test_every_option_is_offered_and_can_be_set_and_taken_back(tavern: Tavern) -> None:
    for key, option in OPTIONS.items():
        offered = await tavern.ann.autocomplete(tavern.room, "server set", "option", option=key)
        assert key in [choice["value"] for choice in offered]
        if key in ELSEWHERE or "server" not in option.scopes:
            continue
        answer = await tavern.run("server set", option=key, value=example(option))
        assert f"`{key}` is" in answer, answer
        assert "this counts" in await tavern.run("server why", option=key)
        assert "no longer set" in await tavern.run("server reset", option=key)


async def test_the_narrowest_scope_counts_and_the_next_one_is_told(tavern: Tavern) -> None:
    await tavern.run("server set", option="reply_length", value="1.000")
    await tavern.run("server set", option="reply-length", value="200", where="channel")
    thread = tavern.ann.open_thread(tavern.room, "aside")
    await tavern.run("server set", option="reply_length", value="50", where="thread", room=thread)
    lines = (await tavern.run("server why", option="reply_length", room=thread)).splitlines()
    assert lines == [
        "`reply_length` is **50** here.",
        "-# Tokens of a reply at most",
        "- this thread: **50** (this counts)",
        "- this channel: 200",
        "- this category: –",
        "- the character: –",
        "- this server: 1,000",
        "- the whole bot: –",
        "- otherwise: 350",
    ]
    said = await tavern.run("server set", option="reply_length", value="70", room=thread)
    assert "Here it stays 50, because this thread has a value of its own." in said
    said = await tavern.run("server reset", option="reply_length", where="thread", room=thread)
    assert "Here it's 200 now." in said
    options = await tavern.engine.services.options.resolve(tavern.place(thread))
    assert options[REPLY_LENGTH] == 200


async def test_no_limit_and_zero_are_two_things(tavern: Tavern) -> None:
    assert "is 0 for" in await tavern.run("server set", option="lore.budget_cap", value="0")
    options = await tavern.engine.services.options.resolve(tavern.place())
    assert options[LORE_BUDGET_CAP] == 0
    said = await tavern.run("server set", option="lore.budget_cap", value="none")
    assert "is no limit for this server" in said


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"option": "lore.depht", "value": "1"}, "There is no option called “lore.depht” here."),
        ({"option": "lore.depth", "value": "deep"}, "it takes 0 … 1,000"),
        ({"option": "lore.depth", "value": "1", "where": "thread"}, "it takes `category`"),
        ({"option": "lore.depth", "value": "1", "where": "character"}, "it takes `category`"),
        ({"option": "connection", "value": "nowhere"}, "“nowhere” can't be used"),
        ({"option": "template.instruct", "value": "Nonsense"}, "“Nonsense” can't be used"),
        ({"option": "tokenizer", "value": "abacus"}, "“abacus” can't be used"),
        ({"option": "stop.custom", "value": '["a'}, "There is a fault in line 1"),
        ({"option": "samplers", "value": "{}"}, "/connect sampler set"),
    ],
)
async def test_what_cannot_be_is_refused(
    tavern: Tavern, given: dict[str, Any], sentence: str
) -> None:
    assert sentence in await tavern.run("server set", **given)
    assert await tavern.engine.services.options.chosen(tavern.place().owner, LORE_DEPTH) == []


async def test_a_text_is_typed_in_a_form(tavern: Tavern) -> None:
    said = await tavern.form("server set", {"value": "Two\nlines."}, option="note.text")
    assert "`note.text` is `Two lines.` for this server now." in said
    options = await tavern.engine.services.options.resolve(tavern.place())
    assert options[NOTE_TEXT] == "Two\nlines."


async def test_the_page_leads_to_every_option(tavern: Tavern) -> None:
    page = await tavern.answer("server show")
    assert "Nothing is set yet" not in page_text(page)  # the tests set the pause of bursts
    assert CHAT_BURST_SECONDS.key in page_text(page)
    tavern.ann.click(page, "tavern:s:options:show:topic", "lore")
    page = await shown(tavern, "### Lorebooks")
    assert "`lore.depth` 2" in page_text(page)
    tavern.ann.click(page, "tavern:s:options:show:option", "lore.depth")
    page = await shown(tavern, "`lore.depth` is **2** here.")
    assert [one for one in page_labels(page) if one] == ["Change"]
    opened = tavern.ann.press(page, "Change")
    await opened.modal()
    tavern.ann.submit(opened, {"value": "7", "where": "channel"})
    page = await shown(tavern, "`lore.depth` is **7** here.")
    tavern.ann.press(page, "Reset for this channel")
    await shown(tavern, "`lore.depth` is **2** here.")


async def test_stop_strings_are_a_list(tavern: Tavern) -> None:
    await tavern.run("server set", option="stop.custom", value='["\\n", "###"]')
    options = await tavern.engine.services.options.resolve(tavern.place())
    assert options[CUSTOM_STOP] == ["\n", "###"]


def page_text(page: dict[str, Any]) -> str:
    return "\n".join(one["content"] for one in page["components"] if one["type"] == 10)


def page_labels(page: dict[str, Any]) -> list[str]:
    rows = [one for one in page["components"] if one["type"] == 1]
    return [one.get("label", "") for row in rows for one in row["components"]]


async def shown(tavern: Tavern, text: str) -> dict[str, Any]:
    """The person's newest page, once it holds the text."""

    def check() -> dict[str, Any] | None:
        pages = [one for one in tavern.ann.sees(tavern.room) if one["flags"] & 64]
        found: dict[str, Any] | None = pages[-1] if text in page_text(pages[-1]) else None
        return found

    page: dict[str, Any] = await tavern.until(check)
    return page
