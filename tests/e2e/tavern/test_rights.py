"""What the bot does where it may not do everything."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground, two_servers
from bot.playground.people.options import Impossible
from bot.playground.rules.permissions import Permission
from tests.e2e.playground.helpers import point
from tests.e2e.tavern.cards import document
from tests.e2e.tavern.conftest import bring_mira, nothing_pings
from tests.e2e.tavern.tavern import Tavern, labels, settings_for

GREETING = "*Mira looks up.* Well met, Ann."


def forbid(tavern: Tavern, *permissions: Permission) -> None:
    """Takes rights from the bot in the room."""
    bits = sum(permissions)
    bot_id = tavern.playground.state.bot.id
    tavern.playground.simulation.changes.overwrite(tavern.room, bot_id, 1, 0, bits)


def show_to_everyone(tavern: Tavern) -> None:
    """As a server may in its settings of integrations: groups that are hidden by default show."""
    for command in tavern.playground.state.commands[None].values():
        command["default_member_permissions"] = None


async def test_without_manage_webhooks_the_name_is_bold(mira: Tavern) -> None:
    forbid(mira, Permission.MANAGE_WEBHOOKS)
    await mira.run("chat start", character="Mira")
    greeting = await mira.settled(f"**Mira**\n{GREETING}")
    assert "webhook_id" not in greeting
    mira.will_say("First.")
    mira.ann.send(mira.room, "Hello!")
    first = await mira.reply("**Mira**\nFirst.")
    assert (await mira.lines())[-1] == ("Mira", "First.")
    mira.will_say("Second.")
    mira.ann.press(first, "Regenerate")
    await mira.reply("**Mira**\nSecond.")


async def test_rights_that_come_back_are_used(mira: Tavern) -> None:
    forbid(mira, Permission.MANAGE_WEBHOOKS)
    await mira.run("chat start", character="Mira")
    await mira.settled(f"**Mira**\n{GREETING}")
    forbid(mira)
    mira.will_say("Better.")
    mira.ann.send(mira.room, "Hello!")
    message = await mira.reply("Better.")
    assert message["author"]["username"] == "Mira"


async def test_where_the_bot_may_not_write_one_person_is_told(chat: Tavern) -> None:
    forbid(chat, Permission.SEND_MESSAGES, Permission.MANAGE_WEBHOOKS)
    chat.ann.send(chat.room, "Hello!")
    room = chat.ann.direct()
    await chat.until(lambda: chat.texts(room))
    (text,) = chat.texts(room)
    assert text == "The bot is missing a permission in this channel."
    assert chat.texts() == [GREETING]
    forbid(chat)
    chat.will_say("Back.")
    chat.ann.send(chat.room, "And now?")
    await chat.reply("Back.")


async def test_a_character_called_like_a_moderator_is_marked(tavern: Tavern) -> None:
    card = json.dumps(document("Аnn")).encode()  # a Cyrillic А
    await tavern.answer("character import", file=0, files=[("ann.json", card)])
    tavern.ann.send(tavern.room, "I moderate here.")
    await tavern.run("chat start", character="Аnn")
    tavern.will_say("Trust me.")
    tavern.ann.send(tavern.room, "Hello!")
    message = await tavern.reply("Trust me.")
    assert message["author"]["username"] == "Аnn (character)"


@pytest.mark.parametrize("name", ["Clyde", "Discord Mod", "everyone", "@here"])
async def test_names_discord_refuses_are_still_shown(tavern: Tavern, name: str) -> None:
    card = json.dumps(document(name)).encode()
    await tavern.answer("character import", file=0, files=[("x.json", card)])
    await tavern.run("chat start", character=name)
    tavern.will_say("Here.")
    tavern.ann.send(tavern.room, "Hello!")
    message = await tavern.reply("Here.")
    assert message["webhook_id"]
    assert message["author"]["username"].replace("\u200a", "") == name


@pytest.fixture
async def reticent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check_log: object
) -> AsyncIterator[Tavern]:
    """Discord does not let the bot read messages."""
    async with Playground.open(world=two_servers) as playground:
        point(monkeypatch, playground)
        playground.state.application.intents["message_content"] = False
        made = Tavern(playground, settings_for(playground, tmp_path))
        try:
            await made.start()
            await bring_mira(made)
            yield made
        finally:
            await made.stop()
    check_log(playground)  # type: ignore[operator]
    nothing_pings(playground)


async def test_without_the_content_intent_mentions_and_commands_work(reticent: Tavern) -> None:
    text = await reticent.run("chat start", character="Mira")
    assert "will answer when mentioned" in text
    assert "Message Content Intent" in text
    assert "`/chat say`" in text
    bot_id = reticent.playground.state.bot.id
    reticent.ann.send(reticent.room, "Nobody reads this.")
    reticent.will_say("You called?")
    reticent.ann.send(reticent.room, f"<@{bot_id}> hello!")
    await reticent.reply("You called?")
    assert "hello!" in reticent.prompt
    assert "Nobody reads this." not in reticent.prompt
    reticent.will_say("By command, then.")
    await reticent.done(reticent.ben.command(reticent.room, "chat say", text="Good evening."))
    message = await reticent.reply("By command, then.")
    assert "Ben: Good evening." in reticent.prompt
    reticent.will_say("Again.")
    reticent.ann.press(message, "Regenerate")
    await reticent.reply("Again.")


async def test_without_the_content_intent_direct_messages_work(reticent: Tavern) -> None:
    room = reticent.ben.direct()
    card = json.dumps(document("Osric")).encode()
    given = reticent.ben.command(room, "character import", file=0, files=[("o.json", card)])
    await given.response()
    await reticent.ben.command(room, "chat start", character="Osric").response()
    reticent.will_say("I read you.")
    reticent.ben.send(room, "Do you read me?")
    await reticent.reply("**Osric**\nI read you.", room=room)
    assert "Do you read me?" in reticent.prompt


async def test_a_direct_message_to_nobody_says_what_to_do(tavern: Tavern) -> None:
    room = tavern.ben.direct()
    tavern.ben.send(room, "Hello?")
    await tavern.until(lambda: tavern.texts(room))
    assert tavern.texts(room) == [
        "⚠ There is no character here yet. Begin with `/chat start character:`."
    ]
    assert labels(tavern.said(room)[0]) == []


async def test_a_guests_lorebook_is_kept_for_those_who_may_use_it(tavern: Tavern) -> None:
    told = await tavern.run("lorebook new", by=tavern.ben, name="Road")
    assert told == (
        "Created **Road**. Add entries with `/lorebook edit`. "
        "Ask someone who manages this server to turn it on with `/lorebook bind`."
    )
    book = json.dumps({"entries": {"0": {"uid": 0, "key": ["bee"], "content": "Bees."}}}).encode()
    files = [("bees.json", book)]
    answer = await tavern.answer("lorebook import", by=tavern.ben, file=0, files=files)
    assert answer["content"].startswith("Added **bees** with 1 entry. Ask someone who manages")
    listed = await tavern.answer("lorebook list")
    assert "in use" not in listed["embeds"][0]["description"]
    assert "is now used in the whole server" in await tavern.run(
        "lorebook bind", book="Road", where="server"
    )


@pytest.mark.parametrize(
    ("line", "options"), [("connect key", {}), ("format template edit", {"layer": "context"})]
)
async def test_nobody_fills_a_form_that_will_be_refused(
    tavern: Tavern, line: str, options: dict[str, Any]
) -> None:
    show_to_everyone(tavern)
    told = await tavern.run(line, by=tavern.ben, **options)
    assert told == "Only people who manage this server may do that here."


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("format preset import", {"file": 0, "files": [("a.json", b"{}")]}),
        ("format preset list", {}),
        ("format template use", {"instruct": "ChatML"}),
        ("format template show", {}),
        ("format template reset", {"layer": "context"}),
        ("format template export", {"layer": "context"}),
    ],
)
async def test_what_is_shown_to_managers_only_is_checked_all_the_same(
    tavern: Tavern, line: str, options: dict[str, Any]
) -> None:
    with pytest.raises(Impossible, match="You may not use /format"):
        tavern.ben.command(tavern.room, line, **options)
    show_to_everyone(tavern)
    answer = await tavern.answer(line, by=tavern.ben, **options)
    assert answer["content"] == "Only people who manage this server may do that here."


async def test_what_was_written_into_a_refused_form_comes_back(tavern: Tavern) -> None:
    await tavern.run("lorebook new", name="Road")
    values = {
        "comment": "North",
        "keys": "road",
        "secondary_keys": "",
        "content": "The north road is shut until spring.",
        "order": "high",
    }
    opened = tavern.ann.command(tavern.room, "lorebook edit", book="Road")
    await opened.modal()
    answer = await tavern.ann.submit(opened, values).response()
    assert "can't be used for the order; it takes a number." in answer["content"]
    assert "What you wrote is in the file." in answer["content"]
    assert answer["attachments"][0]["filename"] == "form.txt"
