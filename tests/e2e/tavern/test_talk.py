"""Talking with a character wherever people talk."""

import asyncio
import itertools

from bot.playground.world.events import Event
from core.backends.rehearsal.rehearsal import ScriptedReply
from tests.e2e.tavern.cards import painted_card
from tests.e2e.tavern.conftest import bring_mira
from tests.e2e.tavern.tavern import Tavern, labels

GREETING = "*Mira looks up.* Well met, Ann."


async def test_a_message_gets_a_reply_under_the_characters_name(chat: Tavern) -> None:
    chat.will_say("The ale is on the house.")
    chat.ann.send(chat.room, "Hello!")
    message = await chat.reply("The ale is on the house.")
    assert message["author"]["username"] == "Mira"
    assert message["webhook_id"]
    assert await chat.lines() == [
        ("Mira", GREETING),
        ("Ann", "Hello!"),
        ("Mira", "The ale is on the house."),
    ]


async def test_the_cards_picture_is_the_webhooks(tavern: Tavern) -> None:
    card = painted_card("Mira", (10, 120, 200))
    await tavern.answer("character import", file=0, files=[("mira.png", card)])
    await tavern.run("chat start", character="Mira")
    tavern.will_say("Seen.")
    tavern.ann.send(tavern.room, "Show yourself!")
    message = await tavern.reply("Seen.")
    hook = tavern.playground.state.webhooks[message["webhook_id"]]
    assert hook.avatar
    assert message["author"]["avatar"] == hook.avatar


async def test_the_prompt_holds_card_persona_and_history(chat: Tavern) -> None:
    chat.will_say("Aye.")
    chat.ann.send(chat.room, "Is the cellar dry?")
    await chat.reply("Aye.")
    for words in ("keeps the Silver Tankard", "A rainy evening", GREETING, "Is the cellar dry?"):
        assert words in chat.prompt


async def test_the_first_own_reply_says_it_is_a_rehearsal(chat: Tavern) -> None:
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: len(chat.said()) == 2 and "Regenerate" in labels(chat.said()[-1]))
    assert "rehearsal" in chat.texts()[-1].lower()


async def test_a_reply_grows_by_edits(chat: Tavern) -> None:
    text = " ".join(f"word{number}" for number in range(60))
    seen: list[str] = []
    (greeting,) = chat.said()

    def note(event: Event) -> None:
        message = event.message
        if message is not None and message.webhook_id and message.id != greeting["id"]:
            seen.append(message.content)

    chat.playground.simulation.bus.listen(note)
    chat.script.speed = 100
    chat.will_say(text)
    chat.ann.send(chat.room, "Count!")
    await chat.reply(text)
    growing = list(dict.fromkeys(seen))
    assert len(growing) >= 3
    assert growing[-1] == text
    for shorter, longer in itertools.pairwise(growing):
        assert longer.startswith(shorter)


async def test_typing_shows_before_the_first_word(chat: Tavern) -> None:
    hold = asyncio.Event()
    chat.script.replies.append(ScriptedReply("Hm.", hold=hold))
    chat.ann.send(chat.room, "Think!")
    await chat.until(lambda: chat.requests("POST", f"/channels/{chat.room.id}/typing"))
    hold.set()
    await chat.reply("Hm.")


async def test_in_mention_mode_only_the_addressed_are_answered(mira: Tavern) -> None:
    await mira.run("chat start", character="Mira", mode="mention")
    greeting = await mira.settled(GREETING)
    mira.ann.send(mira.room, "Just talking to Ben.")
    mira.will_say("You called?")
    mira.ann.send(mira.room, f"<@{mira.playground.state.bot.id}> are you there?")
    await mira.settled(GREETING, "You called?")
    assert "Just talking to Ben." in mira.prompt
    mira.will_say("Indeed.")
    mira.ben.send(mira.room, "Is that so?", reply_to=greeting)
    await mira.settled(GREETING, "You called?", "Indeed.")


async def test_who_calls_where_no_chat_is_on_hears_how_to_begin(tavern: Tavern) -> None:
    tavern.ann.send(tavern.room, "Just talking.")
    for _ in range(3):
        tavern.ann.send(tavern.room, f"<@{tavern.playground.state.bot.id}> hello?")
    await tavern.until(lambda: tavern.texts())
    assert tavern.texts() == ["⚠ There is no chat here yet. Begin with `/chat start`."]
    await bring_mira(tavern)
    assert len(tavern.said()) == 1


async def test_a_thread_inherits_the_character_and_has_its_own_story(chat: Tavern) -> None:
    thread = chat.ann.open_thread(chat.room, "aside")
    chat.will_say("A secret, then.")
    chat.ann.send(thread, "Psst.")
    message = await chat.reply("A secret, then.", room=thread)
    assert message["author"]["username"] == "Mira"
    assert chat.texts() == [GREETING]
    assert [text for _, text in await chat.lines(thread)] == ["Psst.", "A secret, then."]
    assert "Psst." not in [text for _, text in await chat.lines()]


async def test_a_forum_post(mira: Tavern) -> None:
    post = mira.ann.open_thread(mira.playground.channel("tales"), "A tale", content="Once…")
    await mira.run("chat start", room=post, character="Mira")
    mira.will_say("…upon a time.")
    mira.ann.send(post, "Go on!")
    message = await mira.reply("…upon a time.", room=post)
    assert message["author"]["username"] == "Mira"


async def test_the_text_of_a_voice_channel(mira: Tavern) -> None:
    room = mira.playground.channel("Fireside")
    await mira.run("chat start", room=room, character="Mira")
    mira.will_say("Warm here.")
    mira.ann.send(room, "Evening.")
    message = await mira.reply("Warm here.", room=room)
    assert message["author"]["username"] == "Mira"


async def test_a_direct_message_has_the_name_in_bold(tavern: Tavern) -> None:
    room = tavern.ben.direct()
    card = painted_card("Mira")
    given = tavern.ben.command(room, "character import", file=0, files=[("mira.png", card)])
    await given.response()
    opened = tavern.ben.command(room, "chat start", character="Mira")
    await opened.response()
    await tavern.until(lambda: tavern.texts(room) == ["**Mira**\nMira nods at Ben."])
    tavern.will_say("Just us.")
    tavern.ben.send(room, "Hello!")
    message = await tavern.reply("**Mira**\nJust us.", room=room)
    assert "webhook_id" not in message
    tavern.will_say("Only us.")
    tavern.ben.press(message, "Regenerate")
    await tavern.reply("**Mira**\nOnly us.", room=room)


async def test_two_people_speak_as_their_personas(chat: Tavern) -> None:
    await chat.form("persona new", {"name": "Rowan", "description": "A tired knight."})
    await chat.form(
        "persona new", {"name": "Sable", "description": "A thief in grey."}, by=chat.ben
    )
    chat.will_say("Sit, Rowan.", "You too, Sable.")
    chat.ann.send(chat.room, "I am back.")
    await chat.reply("Sit, Rowan.")
    assert "A tired knight." in chat.prompt
    chat.ben.send(chat.room, "So am I.")
    await chat.reply("You too, Sable.")
    assert "A thief in grey." in chat.prompt
    assert "Rowan: I am back." in chat.prompt
    assert "Sable: So am I." in chat.prompt


async def test_out_of_character_lines_are_not_for_the_model(chat: Tavern) -> None:
    chat.ann.send(chat.room, "((brb))")
    chat.ann.send(chat.room, "// one moment")
    chat.will_say("Yes?")
    chat.ann.send(chat.room, "Mira?")
    await chat.settled(GREETING, "Yes?")
    assert "brb" not in chat.prompt
    assert "one moment" not in chat.prompt
