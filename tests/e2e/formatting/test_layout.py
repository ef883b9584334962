"""The formatting page and what stands in a story string."""

import json
from typing import Any

import pytest

from tests.conformance.standin import Act
from tests.e2e.formatting.conftest import Stand, change, changes, page, prompt_of, values_on
from tests.e2e.tavern.cards import document
from tests.e2e.tavern.tavern import Json, Tavern, labels, text_of

CARD: dict[str, Any] = {
    "description": "{{char}} keeps the lighthouse.",
    "personality": "stern",
    "scenario": "A storm is coming.",
    "system_prompt": "Write as a sailor's ghost.",
    "first_mes": "Who goes there?",
    "mes_example": "<START>\n{{user}}: Hi.\n{{char}}: Hm.\n<START>\n{{user}}: Bye.\n{{char}}: Go.",
}


@pytest.fixture
async def nora(tavern: Tavern) -> Tavern:
    """Nora, who has every field, answers in text completion without instruct mode."""
    files = [("nora.json", json.dumps(document("Nora", **CARD)).encode())]
    await tavern.answer("character import", file=0, files=files)
    await tavern.run("chat start", character="Nora")
    await tavern.settled("Who goes there?")
    await tavern.run("connect use", backend="rehearsal", kind="text")
    return tavern


async def layout(chat: Tavern, story: str = "", separator: str = "***", start: str = "***") -> str:
    """Changes the context template by its form."""
    values = {"story_string": story, "example_separator": separator, "chat_start": start}
    return await chat.form("format template edit", values, layer="context")


async def test_one_reply_shows_everything(nora: Tavern) -> None:
    values = await page(nora)
    assert list(values) == [
        "Context template",
        "Instruct template",
        "System prompt",
        "Prompt list",
        "Tokenizer",
        "Token padding",
        "Context size",
        "Stop strings",
        "Batches (Multigen)",
        "Replies start with",
        "End with the character's name",
        "Prefer the card's main prompt",
    ]
    assert values["Prompt list"] == "-# Default — no effect in text completion"


async def test_a_missing_parameter_is_not_sent_and_warned_of(nora: Tavern) -> None:
    await layout(
        nora, "{{system}} {{description}} {{personality}} {{persona}} {{wiBefore}} {{loreAfter}}"
    )
    assert "A storm is coming." not in await prompt_of(nora)
    shown = (await page(nora))["Context template"]
    assert "⚠ Missing from the story string, so never sent: `scenario`" in shown
    await layout(nora, "{{#if scenario}}only asked{{/if}} {{description}}")
    assert "`scenario`" in (await page(nora))["Context template"]
    await nora.run("format template reset", layer="context")
    assert "⚠" not in (await page(nora))["Context template"]


async def test_every_value_is_changed_from_the_page(nora: Tavern) -> None:
    wishes: tuple[tuple[str, Json, str], ...] = (
        ("Context template", {"name": "ChatML"}, "ChatML"),
        ("Instruct template", {"name": "Alpaca"}, "Alpaca"),
        ("System prompt", {"name": "Blank"}, "Blank"),
        ("Tokenizer", {"name": "none"}, "chosen with"),
        ("Token padding", {"tokens": "17"}, "17 tokens"),
        ("Context size", {"size": "3000", "reply": "111"}, "3,000 tokens, 111 of them"),
        ("Stop strings", {"strings": '["zz"]'}, '`["zz"]`'),
        ("Batches (Multigen)", {"first": "9", "next": "8"}, "9 tokens, then 8 at a time"),
        ("Replies start with", {"text": "Arr,"}, "Arr,"),
    )
    for label, values, expected in wishes:
        message = await nora.answer("connect format")
        opened = change(nora, message, label)
        await opened.modal()
        await nora.ann.submit(opened, values).acknowledged()

        def renewed(id_: str = message["id"], label: str = label, expected: str = expected) -> bool:
            shown = next(one for one in nora.ann.sees(nora.room) if one["id"] == id_)
            return expected in values_on(shown)[label]

        await nora.until(renewed)


async def refused(nora: Tavern, label: str, values: Json, words: str) -> None:
    """A form that is refused: the page says why, and is otherwise as it was."""
    message = await nora.answer("connect format")
    before = values_on(message)
    opened = change(nora, message, label)
    await opened.modal()
    await nora.ann.submit(opened, values).acknowledged()

    def told() -> Json | None:
        shown = next(one for one in nora.ann.sees(nora.room) if one["id"] == message["id"])
        return shown if words in text_of(shown) else None

    assert values_on(await nora.until(told)) == before


async def test_a_wrong_value_leaves_the_page_as_it_was(nora: Tavern) -> None:
    await refused(nora, "Token padding", {"tokens": "many"}, "it takes a whole number")
    assert (await page(nora))["Token padding"] == "64 tokens"


async def test_of_several_values_all_or_none_are_taken(nora: Tavern) -> None:
    before = await page(nora)
    sizes = {"size": "3000", "reply": "99999999"}
    await refused(nora, "Context size", sizes, "it takes 1 … 65,536")
    batches = {"first": "9", "next": "0"}
    words = "can't be used for the further batches"
    await refused(nora, "Batches (Multigen)", batches, words)
    told = await nora.run("format template use", instruct="Alpaca", context="Nope")
    assert "no context template called “Nope”" in told
    told = await nora.run("format template use", instruct="Nope")
    assert "no instruct template called “Nope”" in told
    assert await page(nora) == before


async def test_who_may_not_change_the_page_can_press_nothing_on_it(nora: Tavern) -> None:
    message = await nora.answer("connect format", by=nora.ben)
    assert "End with the character's name" in text_of(message)
    assert labels(message) == []
    assert changes(message) == {}


async def test_replies_begin_with_given_words(nora: Tavern, stand: Stand) -> None:
    await nora.run("connect reply-start", text="*{{char}} nods.*")
    nora.will_say(" Come in.")
    nora.ann.send(nora.room, "Hello!")
    await nora.reply("*Nora nods.* Come in.")
    assert nora.prompt.endswith("Nora: *Nora nods.*")
    assert (await nora.lines())[-1] == ("Nora", "*Nora nods.* Come in.")
    server = await stand("anthropic")
    await nora.run("connect use", backend="anthropic", url=server.url, model="claude-3-haiku")
    server.acts.append(Act(pieces=[" Sit", " down."]))
    nora.ann.send(nora.room, "Thanks!")
    await nora.reply("*Nora nods.* Sit down.")
    last = server.replies[-1].body["messages"][-1]
    assert (last["role"], "*Nora nods.*" in json.dumps(last)) == ("assistant", True)
    said = await nora.run("connect reply-start", text="-")
    assert said == "Replies start however the model likes."


async def test_context_size_is_set_and_taken_back(nora: Tavern) -> None:
    said = await nora.run("connect context", size=4000, reply=100)
    assert said == "Context: 4,000 tokens, 100 of them for the reply"
    said = await nora.run("connect context", size=0)
    assert said == "Context: 16,384 tokens, 100 of them for the reply (automatic)"
