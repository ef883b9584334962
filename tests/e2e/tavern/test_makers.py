"""Files of other makers, brought by slash command as their users have them."""

import json
from typing import Any

from tests.e2e.tavern.tavern import Json, Tavern
from tests.shared import shared_path
from tests.unit.transfer import makers

BOOKS = {
    "Agnai book",
    "JanitorAI book",
    "NovelAI book",
    "RisuAI book",
    "RisuAI module",
    "AI Dungeon",
}


async def bring(tavern: Tavern, group: str, file: str, data: bytes, **options: Any) -> str:
    files = [(file, data)]
    message: Json = await tavern.answer(f"{group} import", file=0, files=files, **options)
    return str(message["content"])


async def test_every_maker_is_taken_by_command(tavern: Tavern) -> None:
    for maker, document in makers.DOCUMENTS.items():
        data = json.dumps(document).encode()
        if maker in BOOKS:
            said = await bring(tavern, "lorebook", f"{maker}.json", data)
            assert said.startswith("Added **"), maker
        else:
            said = await bring(tavern, "character", f"{maker}.json", data)
            assert "** is here." in said, maker
        if maker not in ("Pygmalion", "TavernAI"):
            assert "its fields were matched to ours" in said, maker
    for name, data in (
        ("nela.byaf", makers.byaf()),
        ("nela.png", makers.faraday()),
        ("nela.yaml", makers.TEXTGEN.encode()),
    ):
        assert "**Nela** is here." in await bring(tavern, "character", name, data), name
    library = tavern.engine.services.characters
    handles = [entry.name for entry in await library.list(tavern.place())]
    assert "Nela (8)" in handles
    assert (await library.find(tavern.place(), "Nela (8)")).character.name == "Nela"


async def test_a_nickname_is_offered(tavern: Tavern) -> None:
    data = json.dumps(makers.JANITOR | {"is_nsfw": False}).encode()
    said = await bring(tavern, "character", "nela.json", data)
    assert "It has a nickname, **Nela**." in said


async def test_a_story_with_world_info_is_a_character_and_a_lorebook(tavern: Tavern) -> None:
    data = json.dumps(makers.KOBOLD).encode()
    assert "with 2 entries" in await bring(tavern, "lorebook", "story.json", data)
    again = await bring(tavern, "lorebook", "story.json", data)
    assert again == "There is a lorebook called “story” already. Choose another name."
    assert (await bring(tavern, "lorebook", "story.json", data, name="River")).startswith(
        "Added **River** with 2 entries."
    )


async def test_an_entry_that_is_not_there_is_not_deleted(tavern: Tavern) -> None:
    await tavern.run("lorebook new", name="Empty")
    for typed in ("0", "ferry"):
        said = await tavern.run("lorebook delete", book="Empty", entry=typed)
        assert said.startswith(f"There is no entry called “{typed}” here.")


async def test_a_preset_of_an_old_editor_is_taken_with_a_remark(tavern: Tavern) -> None:
    data = shared_path("cases", "17-not-utf8", "preset.json").read_bytes()
    said = await bring(tavern, "format preset", "preset.json", data)
    assert "The file isn't UTF-8; it was read as Windows-1252." in said


async def test_notes_written_in_html_are_shown_as_words(tavern: Tavern) -> None:
    data = json.dumps(makers.JANITOR).encode()
    message = await tavern.answer("character import", file=0, files=[("nela.json", data)])
    shown = {field["name"]: field["value"] for field in message["embeds"][0]["fields"]}
    assert shown["Creator's notes"] == "A quiet bot."


async def test_files_of_other_kinds_are_named(tavern: Tavern) -> None:
    preset = json.dumps({"temp": 1, "rep_pen": 1.1}).encode()
    said = await bring(tavern, "lorebook", "x.json", preset)
    assert "It is a sampler preset." in said
    book = json.dumps(makers.NOVELAI_BOOK).encode()
    assert "It is a lorebook." in await bring(tavern, "character", "x.json", book)
    packed = b"\x6f\0\x10\0\0\0" + bytes(16)
    assert "packed RisuAI module" in await bring(tavern, "lorebook", "x.risum", packed)
