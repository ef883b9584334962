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


async def told(chat: Tavern, story: str) -> str:
    """The prompt with a story string, up to the chat."""
    await layout(chat, story)
    return (await prompt_of(chat)).partition("***")[0]


async def press(chat: Tavern, label: str) -> Json:
    """Presses a button of the formatting page, which is then shown anew."""
    message = await chat.answer("connect format")
    before = values_on(message)
    await change(chat, message, label).acknowledged()

    def renewed() -> Json | None:
        shown = next(one for one in chat.ann.sees(chat.room) if one["id"] == message["id"])
        return shown if values_on(shown) != before else None

    return await chat.until(renewed)  # type: ignore[no-any-return]


async def test_A12_one_reply_shows_everything(nora: Tavern) -> None:
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


async def test_F1_templates_are_edited_and_restored(nora: Tavern) -> None:
    before = await prompt_of(nora)
    said = await layout(nora, "Changed: {{description}}\n")
    assert said == "“Default” has been changed for this server."
    assert (await prompt_of(nora)).startswith("Changed: Nora keeps the lighthouse.")
    assert (
        await nora.run("format template reset", layer="context")
        == "“Default” is back to its original."
    )
    assert await prompt_of(nora) == before


async def test_F2_on_a_chat_backend_what_has_no_effect_is_grey(nora: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat")
    await nora.run("connect use", backend="openai", url=server.url, model="gpt-4o")
    message = await nora.answer("connect format")
    grey = {name for name, value in values_on(message).items() if value.startswith("-# ")}
    assert grey == {
        "Context template",
        "Instruct template",
        "System prompt",
        "Tokenizer",
        "Token padding",
        "Batches (Multigen)",
        "End with the character's name",
    }
    assert set(changes(message)) == set(values_on(message)) - grey
    before = await prompt_of(nora)
    await layout(nora, "Changed: {{description}}\n", "+++", "---")
    await nora.run("format template use", instruct="ChatML")
    await nora.run("connect padding", tokens=999)
    await nora.run("connect multigen", on=True)
    assert await prompt_of(nora) == before


async def test_F3_the_prompt_begins_with_the_story_string(nora: Tavern) -> None:
    assert await told(nora, "Three plain words\n") == "Three plain words\n"


async def test_F4_handlebars_and_free_text(nora: Tavern) -> None:
    story = "CommandContext. {{#if scenario}}S: {{scenario}}{{/if}}\n"
    assert await told(nora, story) == "CommandContext. S: A storm is coming.\n"
    bare = {**CARD, "scenario": ""}
    files = [("bare.json", json.dumps(document("Bare", **bare)).encode())]
    await nora.answer("character import", file=0, files=files)
    await nora.run("chat start", character="Bare")
    assert (await prompt_of(nora)).startswith("CommandContext. \n")


async def test_F5_F6_F7_card_fields_stand_where_they_are_placed(nora: Tavern) -> None:
    story = "<{{personality}}|{{description}}|{{scenario}}>\n"
    expected = "<stern|Nora keeps the lighthouse.|A storm is coming.>\n"
    assert await told(nora, story) == expected


async def test_F8_system_prompt_or_the_cards_own(nora: Tavern) -> None:
    assert await told(nora, "{{system}}\n") == "Write as a sailor's ghost.\n"
    said = await nora.run("connect prefer-char-prompt", on=False)
    assert said == "This channel's system prompt is used for every card."
    prompt = await told(nora, "{{system}}\n")
    assert "ghost" not in prompt
    assert len(prompt) > 10
    await nora.run("connect prefer-char-prompt", on=True)
    assert await told(nora, "{{system}}\n") == "Write as a sailor's ghost.\n"


async def test_F9_F10_F11_persona_and_names_follow_who_speaks(nora: Tavern) -> None:
    await nora.form("persona new", {"name": "Rowan", "description": "A tired knight."})
    await nora.form("persona new", {"name": "Sable", "description": "In grey."}, by=nora.ben)
    await layout(nora, "{{user}}: {{persona}} {{char}}\n")
    for person, expected in (
        (nora.ann, "Rowan: A tired knight. Nora\n"),
        (nora.ben, "Sable: In grey. Nora\n"),
    ):
        nora.will_say(f"Aye, {person.name}.")
        person.send(nora.room, "Hello!")
        await nora.reply(f"Aye, {person.name}.")
        assert nora.prompt.startswith(expected)
    await nora.form("persona new", {"name": "Vale", "description": "A monk."})
    await nora.run("persona use", persona="Vale")
    nora.will_say("And you?")
    nora.ann.send(nora.room, "It is me.")
    await nora.reply("And you?")
    assert nora.prompt.startswith("Vale: A monk. Nora\n")
    other = [("mira.json", json.dumps(document("Mira")).encode())]
    await nora.answer("character import", file=0, files=other)
    await nora.run("chat start", character="Mira")
    assert (await prompt_of(nora)).startswith("Vale: A monk. Mira\n")


async def test_F12_F13_lore_under_either_name(nora: Tavern) -> None:
    entries = {
        "0": {"uid": 0, "key": ["storm"], "content": "Storms drown.", "position": 0},
        "1": {"uid": 1, "key": ["storm"], "content": "Storms end.", "position": 1},
    }
    files = [("lore.json", json.dumps({"name": "Sea", "entries": entries}).encode())]
    await nora.answer("lorebook import", file=0, files=files)
    nora.will_say("It comes.")
    nora.ann.send(nora.room, "What of the storm?")
    await nora.reply("It comes.")
    for before, after in (("wiBefore", "wiAfter"), ("loreBefore", "loreAfter")):
        story = f"[{{{{{before}}}}}] {{{{description}}}} [{{{{{after}}}}}]\n"
        prompt = await told(nora, story)
        assert prompt == "[Storms drown.] Nora keeps the lighthouse. [Storms end.]\n"


async def test_F14_a_missing_parameter_is_not_sent_and_warned_of(nora: Tavern) -> None:
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


async def test_F15_F16_separator_and_chat_start(nora: Tavern) -> None:
    await layout(nora, "{{description}}\n", "=== Example ===", "--- Begin ---")
    prompt = await prompt_of(nora)
    assert prompt.count("=== Example ===") == 2
    assert "<START>" not in prompt
    head, _, chat = prompt.partition("--- Begin ---\n")
    assert head.startswith("Nora keeps the lighthouse.")
    assert "Nora: Go." in head
    assert chat.startswith("Nora: Who goes there?")


async def test_F17_the_name_at_the_end(nora: Tavern) -> None:
    assert (await prompt_of(nora)).endswith("\nNora:")
    shown = await press(nora, "End with the character's name")
    assert values_on(shown)["End with the character's name"] == "off"
    assert not (await prompt_of(nora)).endswith("Nora:")
    assert (
        values_on(await press(nora, "End with the character's name"))[
            "End with the character's name"
        ]
        == "on"
    )
    await nora.run("format template use", instruct="ChatML")
    assert "no effect in instruct mode" in (await page(nora))["End with the character's name"]


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
