"""Personas: who people are in the story."""

import json

from tests.e2e.tavern.tavern import Json, Tavern

GREETING = "*Mira looks up.* Well met, Ann."
ROWAN = {"name": "Rowan", "description": "A tired knight."}


async def spoken(chat: Tavern, text: str = "Hello!") -> str:
    """The prompt after Ann said something."""
    chat.will_say("Hm.")
    chat.ann.send(chat.room, text)
    before = len(chat.script.requests)
    await chat.until(lambda: len(chat.script.requests) > before and chat.is_idle())
    return chat.prompt


async def test_the_first_persona_is_used_at_once(chat: Tavern) -> None:
    text = await chat.form("persona new", ROWAN)
    assert text == "You're now **Rowan**."
    prompt = await spoken(chat)
    assert "A tired knight." in prompt
    assert "Rowan: Hello!" in prompt


async def test_a_second_one_is_chosen_by_use(chat: Tavern) -> None:
    await chat.form("persona new", ROWAN)
    text = await chat.form("persona new", {"name": "Sable", "description": "A thief."})
    assert text.startswith("**Sable** is ready.")
    assert "A tired knight." in await spoken(chat)
    assert await chat.run("persona use", persona="Sable") == "You're now **Sable**."
    prompt = await spoken(chat, "Now?")
    assert "A thief." in prompt
    assert "Rowan: Hello!" in prompt
    assert "Sable: Now?" in prompt
    assert await chat.run("persona use") == "You're now speaking as yourself."
    assert "Ann: Me again." in await spoken(chat, "Me again.")


async def test_a_persona_for_one_channel(chat: Tavern) -> None:
    await chat.form("persona new", ROWAN)
    await chat.form("persona new", {"name": "Sable", "description": "A thief."})
    await chat.run("persona use", persona="Sable", where="here")
    assert "Sable: Hello!" in await spoken(chat)
    other = chat.playground.channel("campfire")
    await chat.run("chat start", room=other, character="Mira")
    chat.will_say("Hm.")
    chat.ann.send(other, "Over here.")
    await chat.reply("Hm.", room=other)
    assert "Rowan: Over here." in chat.prompt


async def test_edit_and_list(chat: Tavern) -> None:
    assert (await chat.run("persona list")).startswith("You don't have a persona yet.")
    await chat.form("persona new", ROWAN)
    opened = chat.ann.command(chat.room, "persona edit", persona="Rowan")
    assert "A tired knight." in json.dumps(await opened.modal())
    values = {"name": "Rowan", "description": "A rested knight."}
    answer = await chat.ann.submit(opened, values).response()
    assert answer["content"] == "Saved your changes to **Rowan**."
    assert "A rested knight." in await spoken(chat)
    listed = (await chat.answer("persona list"))["embeds"][0]["description"]
    assert listed == "- **Rowan** ✓ — A rested knight."


async def test_delete_asks_first(chat: Tavern) -> None:
    await chat.form("persona new", ROWAN)
    chat.ann.command(chat.room, "persona delete", persona="Rowan")

    def question() -> Json | None:
        own = [one for one in chat.ann.sees(chat.room) if one["content"].startswith("Delete")]
        return own[0] if own else None

    chat.ann.press(await chat.until(question), "Delete")
    await chat.until(
        lambda: any(
            one["content"] == "**Rowan** has been deleted." for one in chat.ann.sees(chat.room)
        )
    )
    assert "Ann: Hello!" in await spoken(chat)


async def test_personas_are_ones_own(chat: Tavern) -> None:
    await chat.form("persona new", ROWAN)
    assert await chat.ben.autocomplete(chat.room, "persona use", "persona") == []
    text = await chat.run("persona use", by=chat.ben, persona="Rowan")
    assert text.startswith("There is no persona called “Rowan” here.")


async def test_a_form_with_an_empty_name(chat: Tavern) -> None:
    text = await chat.form("persona new", {"name": "   ", "description": "Nobody."})
    assert text.startswith("That can't be used for the name. It needs a letter that can be seen.")
    assert (await chat.run("persona list")).startswith("You don't have a persona yet.")
