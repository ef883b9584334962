"""Advanced formatting."""

from typing import Any

import pytest

from tests.conformance.standin import StandIn
from tests.e2e.formatting.conftest import change, changes, page, prompt_of, values_on
from tests.e2e.formatting.test_layout import CARD, layout, nora
from tests.e2e.tavern.cards import document
from tests.e2e.tavern.tavern import Json, Tavern
from tests.mission.conftest import Connect, bring, talk

__all__ = ["nora"]

NO_CHAT_EFFECT = {
    "Context template",
    "Instruct template",
    "System prompt",
    "Tokenizer",
    "Token padding",
    "Batches (Multigen)",
    "End with the character's name",
}


@pytest.fixture
async def server(nora: Tavern, connect: Connect) -> StandIn:
    """Nora's server, in text kind, without instruct mode."""
    server = await connect("koboldcpp", kind="text")
    await nora.run("format template use", instruct="off")
    return server


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


async def head(nora: Tavern, server: StandIn, story: str, said: str = "Hello!") -> str:
    """What stands in front of the chat with a story string: shown by command, and sent."""
    shown = await told(nora, story)
    body = await talk(nora, server, f"To “{said}”.", said=said)
    assert body["prompt"].startswith(shown), (shown, body["prompt"])
    return shown


async def test_f1_templates_are_edited_and_restored(nora: Tavern, server: StandIn) -> None:
    before = await prompt_of(nora)
    assert "has been changed" in await layout(nora, "Changed: {{description}}\n")
    body = await talk(nora, server, "Aye.")
    assert body["prompt"].startswith("Changed: Nora keeps the lighthouse.")
    await nora.run("chat undo")
    await nora.until(lambda: len(nora.said()) == 1)
    await nora.run("format template reset", layer="context")
    assert await prompt_of(nora) == before


async def test_f2_what_has_no_effect_in_chat_kind_is_grey(nora: Tavern, connect: Connect) -> None:
    server = await connect("openai", model="gpt-4o")
    message = await nora.answer("connect format")
    values = values_on(message)
    grey = {name for name, value in values.items() if value.startswith("-# ")}
    assert grey == NO_CHAT_EFFECT
    assert set(changes(message)) == set(values) - grey
    before, body = await prompt_of(nora), await talk(nora, server, "One.")
    await layout(nora, "Changed: {{description}}\n", "+++", "---")
    await nora.run("format template use", instruct="ChatML")
    await nora.run("connect padding", tokens=999)
    await nora.run("connect multigen", on=True)
    await nora.run("chat undo")
    await nora.until(lambda: len(nora.said()) == 1)
    assert await prompt_of(nora) == before
    assert await talk(nora, server, "Two.") == body


async def test_f3_the_prompt_begins_with_the_story_string(nora: Tavern, server: StandIn) -> None:
    assert await head(nora, server, "Three plain words\n") == "Three plain words\n"


async def test_f4_handlebars_and_free_text(nora: Tavern, server: StandIn) -> None:
    story = "Well. {{#if scenario}}S: {{scenario}}{{/if}}\n"
    assert await head(nora, server, story) == "Well. S: A storm is coming.\n"
    bare: dict[str, Any] = {**CARD, "scenario": ""}
    await bring(nora, "character import", document("Bare", **bare))
    await nora.run("chat start", character="Bare")
    assert (await prompt_of(nora)).startswith("Well. \n")


async def test_f5_the_description_stands_where_it_is_placed(nora: Tavern, server: StandIn) -> None:
    told_ = await head(nora, server, "<{{description}}>\n")
    assert told_ == "<Nora keeps the lighthouse.>\n"


async def test_f6_the_scenario_stands_where_it_is_placed(nora: Tavern, server: StandIn) -> None:
    assert await head(nora, server, "<{{scenario}}>\n") == "<A storm is coming.>\n"


async def test_f7_the_personality_stands_where_it_is_placed(nora: Tavern, server: StandIn) -> None:
    assert await head(nora, server, "<{{personality}}>\n") == "<stern>\n"


async def test_f8_the_system_prompt_or_the_characters_own(nora: Tavern, server: StandIn) -> None:
    own = "Write as a sailor's ghost.\n"
    assert await head(nora, server, "{{system}}\n", "One.") == own
    await nora.run("connect prefer-char-prompt", on=False)
    channels = await head(nora, server, "{{system}}\n", "Two.")
    assert "ghost" not in channels
    assert len(channels) > 10
    await nora.run("connect prefer-char-prompt", on=True)
    assert await head(nora, server, "{{system}}\n", "Three.") == own


async def test_f9_the_persona_follows_its_choice(nora: Tavern, server: StandIn) -> None:
    for name, text in (("Rowan", "A tired knight."), ("Vale", "A monk.")):
        await nora.form("persona new", {"name": name, "description": text})
        await nora.run("persona use", persona=name)
        await layout(nora, "<{{persona}}>\n")
        body = await talk(nora, server, f"Hail, {name}.")
        assert body["prompt"].startswith(f"<{text}>\n")
        assert (await prompt_of(nora)).startswith(f"<{text}>\n")


async def test_f10_char_is_the_characters_name(nora: Tavern, server: StandIn) -> None:
    assert await head(nora, server, "<{{char}}>\n") == "<Nora>\n"
    await bring(nora, "character import", document("Mira"))
    await nora.run("chat start", character="Mira")
    assert (await prompt_of(nora)).startswith("<Mira>\n")


async def test_f11_user_is_whoever_speaks(nora: Tavern, server: StandIn) -> None:
    await nora.form("persona new", {"name": "Rowan", "description": "A knight."})
    await nora.form("persona new", {"name": "Sable", "description": "In grey."}, by=nora.ben)
    await layout(nora, "<{{user}}>\n")
    for person, name in ((nora.ann, "Rowan"), (nora.ben, "Sable")):
        server.says(f"Aye, {name}.")
        person.send(nora.room, "Hello!")
        await nora.reply(f"Aye, {name}.")
        assert server.bodies[-1]["prompt"].startswith(f"<{name}>\n")
    await nora.form("persona new", {"name": "Vale", "description": "A monk."})
    await nora.run("persona use", persona="Vale")
    assert (await talk(nora, server, "And you?"))["prompt"].startswith("<Vale>\n")


def sea(position: int) -> Json:
    """A lorebook with one entry, before or after the character."""
    entry = {"uid": 0, "key": ["storm"], "content": "Storms drown.", "position": position}
    return {"name": "Sea", "entries": {"0": entry}}


async def test_f12_lore_before_the_character(nora: Tavern, server: StandIn) -> None:
    await bring(nora, "lorebook import", sea(0))
    for name in ("wiBefore", "loreBefore"):
        story = f"<{{{{{name}}}}}> {{{{description}}}}\n"
        expected = "<Storms drown.> Nora keeps the lighthouse.\n"
        await layout(nora, story)
        body = await talk(nora, server, f"By {name}.", said="What of the storm?")
        assert body["prompt"].startswith(expected)
        assert (await prompt_of(nora)).startswith(expected)


async def test_f13_lore_after_the_character(nora: Tavern, server: StandIn) -> None:
    await bring(nora, "lorebook import", sea(1))
    for name in ("wiAfter", "loreAfter"):
        story = f"{{{{description}}}} <{{{{{name}}}}}>\n"
        expected = "Nora keeps the lighthouse. <Storms drown.>\n"
        await layout(nora, story)
        body = await talk(nora, server, f"By {name}.", said="What of the storm?")
        assert body["prompt"].startswith(expected)
        assert (await prompt_of(nora)).startswith(expected)


async def test_f14_a_missing_parameter_is_not_sent(nora: Tavern, server: StandIn) -> None:
    story = "{{system}} {{description}} {{personality}} {{persona}} {{wiBefore}} {{loreAfter}}\n"
    await layout(nora, story)
    for prompt in (await prompt_of(nora), (await talk(nora, server, "Aye."))["prompt"]):
        assert "A storm is coming." not in prompt
    assert "`scenario`" in (await page(nora))["Context template"]
    await layout(nora, story + "{{! {{scenario}} }}")
    assert "`scenario`" in (await page(nora))["Context template"]
    await layout(nora, story + "{{#with scenario}}{{this}}{{/with}}")
    assert "`scenario`" not in (await page(nora))["Context template"]
    assert "A storm is coming." in await prompt_of(nora)


async def test_f15_the_separator_heads_each_example(nora: Tavern, server: StandIn) -> None:
    await layout(nora, "{{description}}\n", "=== Example ===", "--- Begin ---")
    for prompt in (await prompt_of(nora), (await talk(nora, server, "Aye."))["prompt"]):
        assert prompt.count("=== Example ===") == 2
        assert "<START>" not in prompt


async def test_f16_chat_start_stands_before_the_first_message(
    nora: Tavern, server: StandIn
) -> None:
    await layout(nora, "{{description}}\n", "=== Example ===", "--- Begin ---")
    for prompt in (await prompt_of(nora), (await talk(nora, server, "Aye."))["prompt"]):
        before, _, chat = prompt.partition("--- Begin ---\n")
        assert before.startswith("Nora keeps the lighthouse.")
        assert before.rstrip().endswith("Nora: Go.")
        assert chat.startswith("Nora: Who goes there?")


async def test_f17_the_name_at_the_end(nora: Tavern, server: StandIn) -> None:
    assert (await talk(nora, server, "Aye."))["prompt"].endswith("\nNora:")
    await press(nora, "End with the character's name")
    assert (await page(nora))["End with the character's name"] == "off"
    assert not (await talk(nora, server, "Nay."))["prompt"].endswith("Nora:")
