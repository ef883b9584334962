"""Characters: brought in, written, shown, changed, taken out."""

import json
from functools import partial
from typing import Any

import pytest

from core.chat.place import Actor
from core.settings import LimitSettings
from tests.e2e.tavern.cards import document, painted_card, picture
from tests.e2e.tavern.tavern import Json, Tavern, opened
from tests.shared import shared_path


async def bring(tavern: Tavern, name: str, data: bytes, **who: Any) -> Json:
    return await tavern.answer("character import", file=0, files=[(name, data)], **who)


async def test_a_png_card_is_shown_with_its_picture(tavern: Tavern) -> None:
    card = painted_card("Mira", tags=["inn"], creator="somebody", scenario="Rain.")
    message = await bring(tavern, "mira.png", card)
    assert message["content"].startswith("**Mira** is here.")
    (embed,) = message["embeds"]
    assert embed["title"] == "Mira"
    assert "Mira is somebody." in embed["description"]
    assert {field["name"]: field["value"] for field in embed["fields"]}["Scenario"] == "Rain."
    assert embed["thumbnail"]["url"]


async def test_a_json_card_and_a_v1_card(tavern: Tavern) -> None:
    message = await bring(tavern, "osric.json", json.dumps(document("Osric")).encode())
    assert message["content"].startswith("**Osric** is here.")
    old = {"name": "Tansy", "description": "A cook.", "first_mes": "Soup?", "personality": "",
           "scenario": "", "mes_example": ""}  # fmt: skip
    message = await bring(tavern, "tansy.json", json.dumps(old).encode())
    assert message["content"].startswith("**Tansy** is here.")
    listed = await tavern.answer("character list")
    for name in ("Osric", "Tansy"):
        assert f"**{name}**" in listed["embeds"][0]["description"]


async def test_a_name_that_would_turn_the_line_around(tavern: Tavern) -> None:
    card = json.dumps(document("Oz \u202emalak")).encode()
    message = await bring(tavern, "oz.json", card)
    assert "Start chatting with `/chat start character:Oz malak`" in message["content"]
    listed = await tavern.answer("character list")
    assert "**Oz malak**" in listed["embeds"][0]["description"]
    (choice,) = await tavern.ann.autocomplete(tavern.room, "chat start", "character", character="O")
    assert choice["name"] == "Oz malak"
    await tavern.run("chat start", character=choice["value"])


async def test_the_same_card_twice_is_told_apart_in_lists(tavern: Tavern) -> None:
    await bring(tavern, "mira.png", painted_card("Mira"))
    message = await bring(tavern, "mira.png", painted_card("Mira"))
    assert message["content"].startswith("**Mira** is here. There was one of that name already")
    assert "listed as **Mira (2)**" in message["content"]
    listed = await tavern.answer("character list")
    for handle in ("Mira", "Mira (2)"):
        assert f"**{handle}**" in listed["embeds"][0]["description"]


@pytest.mark.parametrize("typed", ["Orla 2", "orla (2)"])
async def test_case_two_cards_of_one_name(tavern: Tavern, typed: str) -> None:
    folder = shared_path("cases", "15-same-name-twice")
    for name in ("orla.json", "orla-young.json"):
        await bring(tavern, name, (folder / name).read_bytes())
    choices = await tavern.ann.autocomplete(
        tavern.room, "chat start", "character", character="Orla"
    )
    assert [choice["value"] for choice in choices] == ["Orla", "Orla (2)"]
    assert choices[1]["name"] == "Orla (2) · {{char}} the younger."
    await tavern.run("chat start", character=typed)
    await tavern.until(lambda: tavern.texts() == ["I am Orla."])
    greeting = tavern.ann.sees(tavern.room)[-1]
    assert greeting["author"]["username"] == "Orla"
    place, ann = tavern.place(), Actor(int(tavern.ann.id), "Ann", manager=True)
    prompt = (await tavern.engine.inspect(place, ann, typed="Who are you?")).prompt
    whole = prompt.text + "".join(message.content for message in prompt.messages)
    assert "Orla the younger." in whole
    assert "Orla 2" not in whole
    assert "(2)" not in whole + "".join(prompt.stop)
    exported = await tavern.answer("character export", character=typed, format="json")
    assert json.loads(tavern.file(exported["attachments"][0]))["data"]["name"] == "Orla"


async def test_what_is_left_of_two_is_found_by_the_name_alone(tavern: Tavern) -> None:
    for text in ("the elder", "the younger"):
        card = json.dumps(document("Orla", description=text)).encode()
        await bring(tavern, "orla.json", card)
    library, place = tavern.engine.services.characters, tavern.place()
    actor = Actor(int(tavern.ann.id), "Ann", manager=True)
    await library.delete(actor, place, (await library.find(place, "Orla")).id)
    left = await library.find(place, "Orla")
    assert (left.handle, left.character.description) == ("Orla (2)", "the younger")
    renamed = await library.edit(actor, place, left.id, {"name": "Nela"})
    assert (renamed.handle, renamed.character.name) == ("Nela", "Nela")


async def test_case_a_nickname_is_used_where_the_option_says_so(tavern: Tavern) -> None:
    card = shared_path("cases", "16-v3-nickname", "card.json").read_bytes()
    await bring(tavern, "nela.json", card)
    name = "Nela of the Long River"
    said = await tavern.run("character edit", character=name, nickname=True)
    assert said == "In stories it's called **Nel**."
    await tavern.run("chat start", character=name)
    await tavern.until(lambda: tavern.texts() == ["I am Nel."])
    assert tavern.ann.sees(tavern.room)[-1]["author"]["username"] == "Nel"
    exported = await tavern.answer("character export", character=name, format="json")
    assert json.loads(tavern.file(exported["attachments"][0]))["data"]["name"] == name


async def test_without_the_option_the_cards_name_counts(tavern: Tavern) -> None:
    card = shared_path("cases", "16-v3-nickname", "card.json").read_bytes()
    await bring(tavern, "nela.json", card)
    await tavern.run("chat start", character="Nela of the Long River")
    await tavern.until(lambda: tavern.texts() == ["I am Nela of the Long River."])


@pytest.mark.parametrize(("file", "name"), [("card.json", "Nyx"), ("card2.json", "Nyx2")])
async def test_case_adult_cards_stay_out_of_open_channels(
    tavern: Tavern, file: str, name: str
) -> None:
    card = shared_path("cases", "26-adult-tags", file).read_bytes()
    told = await bring(tavern, file, card)
    assert "It's for adults, so it only speaks in age-restricted channels." in told["content"]
    refused = await tavern.run("chat start", character=name)
    assert "age-restricted" in refused
    said = await tavern.run("character edit", character=name, adult="no")
    assert said == (
        f"**{name}** is no longer marked as a character for adults. It speaks in every channel."
    )
    await tavern.run("chat start", character=name)
    await tavern.until(lambda: tavern.texts() == ["Evening."])


async def test_managers_alone_mark_a_character(tavern: Tavern) -> None:
    await bring(tavern, "osric.json", json.dumps(document("Osric")).encode())
    refused = await tavern.run("character edit", by=tavern.ben, character="Osric", adult="yes")
    assert "manage" in refused
    said = await tavern.run("character edit", character="Osric", adult="yes")
    assert said.endswith("It only speaks in age-restricted channels.")
    shown = await tavern.answer("character info", character="Osric")
    assert shown["embeds"][0]["footer"]["text"].endswith("for adults · set by a manager")
    assert "age-restricted" in await tavern.run("chat start", character="Osric")
    said = await tavern.run("character edit", character="Osric", adult="as tagged")
    assert said.endswith("It speaks in every channel.")


async def test_names_with_marks_keep_the_answers_whole(tavern: Tavern) -> None:
    card = json.dumps(document("Ann **the** _Odd_ `x`")).encode()
    message = await bring(tavern, "odd.json", card)
    assert message["content"].startswith(r"**Ann \*\*the\*\* \_Odd\_ \`x\`** is here.")
    listed = await tavern.answer("character list")
    assert r"- **Ann \*\*the\*\* \_Odd\_ \`x\`**" in listed["embeds"][0]["description"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo.png", picture()),
        ("cut.png", painted_card("Mira")[:60]),
        ("notes.txt", b"Dear diary"),
        ("empty.json", b""),
        ("broken.json", b'{"spec": "chara_card_v2", "data": {"name": '),
        ("list.json", b"[1, 2, 3]"),
        ("deep.json", b'{"data":' + b"[" * 100_000),
        ("program.exe", b"MZ\x90\x00" + bytes(500)),
    ],
)
async def test_what_is_no_card_is_refused_in_one_line(
    tavern: Tavern, name: str, data: bytes
) -> None:
    message = await bring(tavern, name, data)
    text = message["content"]
    assert name.partition(".")[0] in text
    assert "\n" not in text
    assert 20 < len(text) <= 400
    assert not message["embeds"]
    assert (await tavern.run("character list")).startswith("There are no characters yet.")


async def test_a_card_above_the_limit_is_not_downloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    async with opened(monkeypatch, tmp_path, limits=LimitSettings(card_bytes=1000)) as tavern:  # type: ignore[arg-type]
        message = await bring(tavern, "mira.json", json.dumps(document("Mira")).encode() * 9)
        assert "limit" in message["content"].lower()
        assert "\n" not in message["content"]


async def test_a_card_with_enormous_fields_is_usable(tavern: Tavern) -> None:
    card = painted_card("Mira", description="word " * 40_000, first_mes="Hello. " * 900)
    message = await bring(tavern, "mira.png", card)
    assert message["content"].startswith("**Mira** is here.")
    await tavern.run("chat start", character="Mira")
    await tavern.until(lambda: len(tavern.said()) >= 4)
    assert all(len(text) <= 2000 for text in tavern.texts())


async def test_new_writes_a_character(tavern: Tavern) -> None:
    values = {
        "name": "Bram",
        "description": "A blacksmith.",
        "first_mes": "*hammers* {{user}}?",
        "scenario": "",
        "mes_example": "",
    }
    text = await tavern.form("character new", values)
    assert text.startswith("**Bram** is here.")
    await tavern.run("chat start", character="Bram")
    await tavern.settled("*hammers* Ann?")


async def test_use_takes_the_present_ones_place(chat: Tavern) -> None:
    await bring(chat, "osric.json", json.dumps(document("Osric")).encode())
    text = await chat.run("character use", character="Osric")
    assert text == "**Osric** will answer every message here."
    chat.will_say("Osric speaking.")
    chat.ann.send(chat.room, "Who is it?")
    message = await chat.reply("Osric speaking.")
    assert message["author"]["username"] == "Osric"
    assert "Osric is somebody." in chat.prompt


async def test_use_keeps_the_mode(mira: Tavern) -> None:
    await mira.run("chat start", character="Mira", mode="mention")
    await bring(mira, "osric.json", json.dumps(document("Osric")).encode())
    text = await mira.run("character use", character="Osric")
    assert text == "**Osric** will answer when mentioned or replied to."


async def test_info_shows_the_card(mira: Tavern) -> None:
    message = await mira.answer("character info", character="mira")
    (embed,) = message["embeds"]
    assert embed["title"] == "Mira"
    assert "3 greetings" in embed["footer"]["text"]


async def test_edit_changes_the_card_for_the_next_prompt(chat: Tavern) -> None:
    opened_form = chat.ann.command(chat.room, "character edit", character="Mira")
    shown = json.dumps(await opened_form.modal())
    assert "keeps the Silver Tankard" in shown
    values = {
        "name": "Mira",
        "description": "{{char}} keeps the Golden Goose.",
        "first_mes": "Hm.",
        "scenario": "",
        "mes_example": "",
    }
    answer = await chat.ann.submit(opened_form, values).response()
    assert answer["content"] == "Saved your changes to **Mira**."
    chat.will_say("Hm.")
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Hm.")
    assert "keeps the Golden Goose" in chat.prompt
    assert "Silver Tankard" not in chat.prompt


async def test_a_guest_adds_but_changes_only_their_own(mira: Tavern) -> None:
    message = await bring(mira, "osric.png", painted_card("Osric"), by=mira.ben)
    assert message["content"].startswith("**Osric** is here.")
    form = mira.ben.command(mira.room, "character edit", character="Mira")
    fields = {"name": "X", "description": "Y", "first_mes": "", "scenario": "", "mes_example": ""}
    refused = await form.response()
    assert refused["content"] == "Only people who manage this server may do that here."
    own = mira.ben.command(mira.room, "character edit", character="Osric")
    await own.modal()
    answer = await mira.ben.submit(own, fields).response()
    assert answer["content"] == "Saved your changes to **X**."


async def test_delete_asks_first(mira: Tavern) -> None:
    for label, left, told in (
        ("Cancel", True, ""),
        ("Delete", False, "**Mira** has been deleted."),
    ):
        asking = mira.ann.command(mira.room, "character delete", character="Mira")
        question = await mira.until(lambda: _question(mira))
        assert question["content"].startswith("Delete **Mira**?")
        mira.ann.press(question, label)
        await mira.until(lambda: _question(mira) is None)
        await asking.acknowledged()
        if not left:
            await mira.until(lambda: "**Mira** has been deleted." in _notes(mira))
        await mira.until(partial(_is_told, mira, told))
        choices = await mira.ann.autocomplete(mira.room, "character info", "character")
        assert [choice["name"] for choice in choices] == (["Mira"] if left else [])


def _is_told(tavern: Tavern, told: str) -> bool:
    return any(told in text for text in _private(tavern))


def _notes(tavern: Tavern) -> list[str]:
    return [one["content"] for one in tavern.ann.sees(tavern.room) if one["flags"] & 64]


def _question(tavern: Tavern) -> Json | None:
    return next((one for one in tavern.ann.sees(tavern.room) if one["components"]), None)


def _private(tavern: Tavern) -> list[str]:
    return ["", *(one["content"] for one in tavern.ann.sees(tavern.room))]


async def test_a_chat_whose_character_is_deleted_says_so(chat: Tavern) -> None:
    library = chat.engine.services.characters
    (stored,) = await library.list(chat.place())
    await library.delete(Actor(int(chat.ann.id), "Ann", manager=True), chat.place(), stored.id)
    chat.ann.send(chat.room, "Mira?")
    await chat.until(lambda: chat.texts()[-1].startswith("⚠ "))
    assert (
        chat.texts()[-1] == "⚠ There is no character here yet. Begin with `/chat start character:`."
    )


@pytest.mark.parametrize("form", ["png", "json"])
async def test_export_gives_back_what_came(tavern: Tavern, form: str) -> None:
    extra: dict[str, Any] = {
        "extensions": {"other_maker": {"kept": [1, 2]}},
        "unknown_field": "kept too",
    }
    await bring(tavern, "mira.png", painted_card("Mira", **extra))
    message = await tavern.answer("character export", character="Mira", format=form)
    (file,) = message["attachments"]
    assert file["filename"] == f"Mira.{form}"
    data = tavern.file(file)
    again = await bring(tavern, file["filename"], data)
    assert "listed as **Mira (2)**" in again["content"]
    if form == "json":
        assert json.loads(data)["data"]["extensions"]["other_maker"] == {"kept": [1, 2]}
        assert json.loads(data)["data"]["unknown_field"] == "kept too"
    else:
        assert data.startswith(b"\x89PNG")


async def test_characters_of_one_server_are_unknown_in_another(mira: Tavern) -> None:
    docks = mira.playground.channel("docks")
    text = await mira.run("character info", by=mira.ben, room=docks, character="Mira")
    assert text == (
        "There is no character called “Mira” here. Pick one from the suggestions while typing."
    )
