"""Files of other makers: every field that says something arrives, the others are named."""

import copy
import json
from typing import Any

import pytest

from bot.wording.errors import explain
from bot.wording.values import sentence_about
from core.characters.kinds import FileKind
from core.errors import InvalidCard, InvalidLorebook, TavernError
from core.lorebook.load import read_lorebook
from core.reasons import Reason
from core.transfer.files import FileDocument, read_file, write_file
from tests.shared import shared_path
from tests.unit.characters import samples
from tests.unit.transfer import makers


def read(document: Any) -> FileDocument:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_file(data, "a file.json")


def card(document: Any) -> dict[str, Any]:
    found = read(document)
    assert found.kind is FileKind.CARD
    data: dict[str, Any] = found.data["data"]
    return data


def entries(document: Any) -> list[dict[str, Any]]:
    found = read(document)
    assert found.kind is FileKind.LOREBOOK
    return list(found.data["entries"].values())


def told(document: Any) -> str:
    return "\n".join(sentence_about(remark) for remark in read(document).remarks)


def test_case_a_janitor_lorebook_is_a_list_at_the_root() -> None:
    data = shared_path("cases", "11-janitor-lorebook", "lorebook.json").read_bytes()
    (entry,) = entries(data)
    assert (entry["key"], entry["content"], entry["comment"]) == (
        ["river"],
        "The river is cold.",
        "river",
    )
    assert read_lorebook(data, "lorebook.json").book.entries[0].keys == ("river",)


def test_case_an_agnai_character() -> None:
    data = card(shared_path("cases", "12-agnai-character", "card.json").read_bytes())
    wanted = {
        "name": "Nela",
        "description": "A ferrywoman.",
        "creator_notes": "short note",
        "first_mes": "Evening.",
        "scenario": "River.",
        "mes_example": "{{user}}: hi\n{{char}}: hm",
        "system_prompt": "Be calm.",
        "alternate_greetings": ["Morning."],
    }
    assert wanted.items() <= data.items()


def test_janitor_lorebook() -> None:
    (entry,) = entries(makers.JANITOR_BOOK)
    wanted = {
        "key": ["river", "/ferr(y|ies)/i"],
        "comment": "river — long and cold",
        "keysecondary": ["cold"],
        "selective": True,
        "selectiveLogic": 2,
        "order": 250,
        "group": "water",
        "groupWeight": 40,
        "groupOverride": True,
        "probability": 80,
        "caseSensitive": True,
        "matchWholeWords": True,
        "category": "places",
    }
    assert wanted.items() <= entry.items()
    said = told(makers.JANITOR_BOOK)
    for field in ("activationScript", "activationMode", "minMessages"):
        assert f"`entries[].{field}` has no counterpart here" in said


def test_janitor_character() -> None:
    data = card(makers.JANITOR)
    assert (data["name"], data["nickname"]) == ("Nela, keeper of the ferry", "Nela")
    assert data["description"] == "A ferrywoman."
    assert data["creator_notes"] == "<p>A quiet bot.</p>"
    assert (data["first_mes"], data["alternate_greetings"]) == ("Evening.", ["Morning."])
    assert data["tags"] == ["River", "calm", "NSFW"]
    assert data["creator"] == "Ann"


def test_chub() -> None:
    data = card(makers.CHUB)
    assert (data["description"], data["personality"]) == ("A ferrywoman.", "calm")
    assert (data["creator"], data["tags"]) == ("Ann", ["River"])
    assert data["character_book"]["entries"][0]["keys"] == ["ferry"]
    assert data["post_history_instructions"] == "Stay short."


def test_agnai_character() -> None:
    data = card(makers.AGNAI)
    assert data["description"] == (
        '[character("Nela") {\nspecies("human")\nmind("calm" + "dry")\n}]'
    )
    assert data["extensions"]["depth_prompt"] == {
        "prompt": "She is tired.",
        "depth": 3,
        "role": "system",
    }
    (entry,) = data["character_book"]["entries"]
    assert (entry["keys"], entry["content"], entry["insertion_order"]) == (
        ["ferry", "boat"],
        "The ferry leaks.",
        7,
    )
    assert data["extensions"]["agnai"] == {"appearance": "grey coat"}
    assert "`appearance` has no counterpart here" in told(makers.AGNAI)
    assert "_id" not in told(makers.AGNAI)


@pytest.mark.parametrize(
    ("persona", "text"),
    [
        ("Plain words.", "Plain words."),
        ({"kind": "text", "attributes": {"text": ["Plain words."]}}, "Plain words."),
        (
            {"kind": "sbf", "attributes": {"mind": ["calm", "dry"], "age": ["60"]}},
            '[ character: "Nela"; mind: "calm", "dry"; age: "60" ]',
        ),
        ({"kind": "boostyle", "attributes": {"mind": ["calm", "dry"]}}, "Nela + calm + dry"),
        ({"kind": "attributes", "attributes": {"mind": ["calm", "dry"]}}, "mind: calm, dry"),
    ],
)
def test_personas_of_agnai_in_every_form(persona: Any, text: str) -> None:
    assert card(makers.AGNAI | {"persona": persona})["description"] == text


def test_agnai_book() -> None:
    (entry,) = entries(makers.AGNAI_BOOK)
    assert (entry["key"], entry["order"], entry["comment"]) == (["ferry", "boat"], 7, "ferry")


@pytest.mark.parametrize("file", [makers.BACKYARD, makers.faraday(), makers.byaf()])
def test_backyard(file: Any) -> None:
    data = card(file)
    assert data["name"] == "Nela"
    assert data["description"] == "{{char}} rows {{user}} over."
    assert data["first_mes"] == "Evening, {{user}}."
    assert data["mes_example"].startswith("<START>\n{{")
    assert "#" not in data["mes_example"]
    assert data["scenario"] == "By the river."
    assert data["system_prompt"] == "Be calm."
    assert data["tags"] == ["NSFW"]
    assert data["extensions"]["display_name"] == "Nela of the Ferry"
    assert data["character_book"]["entries"][0]["keys"][0] == "ferry"


def test_backyard_names_what_is_left_out() -> None:
    said = told(makers.BACKYARD)
    assert "`character.Chat` holds a story (1)." in said
    assert "`character.grammar` has no counterpart" in said
    assert "settings for the model (temperature)" in said
    archive = read(makers.byaf())
    assert archive.card is not None
    assert archive.card.image is not None
    assert archive.data["data"]["alternate_greetings"] == ["Morning."]
    assert archive.data["data"]["creator"] == "Ann"
    assert "`scenarios[1].narrative` has no counterpart" in told(makers.byaf())


@pytest.mark.parametrize("file", [makers.CHARACTER_AI, makers.CHARACTER_AI_CHATS])
def test_character_ai(file: Any) -> None:
    data = card(file)
    assert data["description"] == "A ferrywoman.\n\n{{char}} is calm and grey."
    assert data["mes_example"] == (
        "<START>\n{{user}}: hi\n{{char}}: hm\n<START>\n{{char}}: Hold on."
    )
    assert (data["first_mes"], data["creator_notes"]) == ("Evening.", "Keeper of the ferry")
    assert (data["creator"], data["tags"]) == ("Ann", ["Fantasy"])
    assert ("holds a story (2)" in told(file)) is (file is makers.CHARACTER_AI_CHATS)


def test_koboldai() -> None:
    data = card(makers.KOBOLD)
    assert (data["name"], data["description"]) == ("Nela", "Nela is a ferrywoman.")
    assert (data["first_mes"], data["system_prompt"]) == ("Evening.", "Be calm.")
    assert data["extensions"]["depth_prompt"] == {
        "prompt": "[Note: It rains.]",
        "depth": 2,
        "role": "system",
    }
    first, second = read_lorebook(json.dumps(makers.KOBOLD).encode(), "story.json").book.entries
    assert (first.keys, first.secondary_keys) == (("ferry", "boat"), ("leak",))
    assert (first.probability, first.enabled, first.selective) == (60, False, True)
    assert (second.secondary_keys, second.logic.name, second.constant) == (
        ("sun",),
        "NOT_ANY",
        True,
    )
    assert "`actions` holds a story (2)." in told(makers.KOBOLD)
    assert "`savedsettings.chatopponent` names 2 characters." in told(makers.KOBOLD)
    assert "probability" not in told(makers.KOBOLD)
    assert "`extrastopseq` has no counterpart" in told(makers.KOBOLD | {"extrastopseq": "||$||x"})


def test_novelai_book() -> None:
    first, second = entries(makers.NOVELAI_BOOK)
    assert (first["key"], first["keysecondary"]) == (["ferry"], ["river"])
    assert (first["selectiveLogic"], first["constant"], first["order"]) == (3, True, 400)
    assert first["content"] == "Lore: The ferry leaks."
    assert second["key"] == ["a", r"/^(?=[\s\S]*b)(?=[\s\S]*c)/i"]
    assert second["disable"]
    assert "`entries[].searchRange` has no counterpart" in told(makers.NOVELAI_BOOK)


def test_novelai_scenario() -> None:
    data = card(makers.NOVELAI_SCENARIO)
    assert (data["name"], data["creator"], data["creator_notes"]) == (
        "The Ferry",
        "Ann",
        "A crossing.",
    )
    assert (data["first_mes"], data["scenario"]) == ("Evening falls.", "You cross a river.")
    assert data["extensions"]["depth_prompt"] == {
        "prompt": "It rains.",
        "depth": 3,
        "role": "system",
    }
    assert len(data["character_book"]["entries"]) == 2
    assert "`ephemeralContext` has no counterpart" in told(makers.NOVELAI_SCENARIO)
    biased = makers.NOVELAI_SCENARIO | {"phraseBiasGroups": [{"phrases": ["rain"]}]}
    assert "settings for the model (settings, phraseBiasGroups)" in told(biased)


@pytest.mark.parametrize("document", [makers.RISU_BOOK, makers.RISU_MODULE])
def test_risu(document: dict[str, Any]) -> None:
    first, second = entries(document)
    wanted = {
        "key": ["ferry", "boat"],
        "keysecondary": ["leak"],
        "order": 12,
        "constant": True,
        "probability": 70,
        "content": "The ferry leaks.",
        "position": 4,
        "depth": 2,
        "role": 2,
    }
    assert wanted.items() <= first.items()
    assert second["key"] == ["/fer{1,2}y,x/"]
    assert "content.@@is_user_icon` has no counterpart" in told(document)


def test_books_without_a_head_or_with_another() -> None:
    assert entries(makers.RISU_BOOK["data"]) == entries(makers.RISU_BOOK)
    headed = {"name": "Water", "entries": makers.JANITOR_BOOK}
    assert entries(headed) == entries(makers.JANITOR_BOOK)
    off = {"entries": {"a": makers.JANITOR_BOOK[0] | {"enabled": False}}}
    assert entries(off)[0]["disable"]
    (card,) = entries(makers.AI_DUNGEON)
    assert (card["key"], card["content"], card["comment"]) == (
        ["ferry", "boat"],
        "The ferry leaks.",
        "Ferry",
    )


def test_a_lorebook_in_a_picture_of_novelai() -> None:
    picture = samples.png(samples.text(makers.NOVELAI_BOOK, b"naidata"))
    assert entries(picture) == entries(makers.NOVELAI_BOOK)
    assert len(read_lorebook(picture, "ferry.png").book.entries) == 2
    broken = samples.png(samples.chunk(b"tEXt", b"naidata\0***"))
    with pytest.raises(InvalidLorebook):
        read_lorebook(broken, "ferry.png")


def test_a_risu_module_names_its_scripts() -> None:
    said = told(makers.RISU_MODULE)
    assert "`regex` has no counterpart" in said
    assert "`trigger` has no counterpart" in said
    assert read(makers.RISU_MODULE).name == "River"


def test_text_generation_webui() -> None:
    data = card(makers.TEXTGEN.encode())
    assert (data["name"], data["description"]) == ("Nela", "Nela is a ferrywoman.")
    assert data["first_mes"] == "Evening.\nSit down."
    assert data["mes_example"] == "{{user}}: hi\n{{char}}: hm\n"
    said = told(makers.TEXTGEN.encode())
    assert "`turn_template` has no counterpart" in said


@pytest.mark.parametrize(
    ("text", "name", "description", "greeting"),
    [
        ("bot: Nela\ncontext: A ferrywoman.\n", "Nela", "A ferrywoman.", ""),
        ("---\nname: Nela\ngreeting: Evening.\n", "Nela", "", "Evening."),
        ("char_name: Nela\nchar_persona: A ferrywoman.\n", "Nela", "A ferrywoman.", ""),
        ("name: 'Nela'\r\ncontext: |\r\n  One.\r\n  Two.\r\n", "Nela", "One.\nTwo.\n", ""),
        ("name: Ne\u0301la\ncontext: on\n", "Ne\u0301la", "on", ""),
    ],
)
def test_yaml_in_other_forms(text: str, name: str, description: str, greeting: str) -> None:
    data = card(text.encode())
    assert (data["name"], data["description"], data["first_mes"]) == (name, description, greeting)


@pytest.mark.parametrize("document", [makers.PYGMALION, makers.TAVERN])
def test_first_versions(document: dict[str, Any]) -> None:
    data = card(document)
    assert data["name"] == "Nela"
    assert data["description"]
    assert data["first_mes"]


def test_bad_patterns_in_the_book_of_a_card_are_named() -> None:
    book = {"entries": [{"keys": ["ferry", "/a(/"], "content": "x"}]}
    said = told(samples.v2(character_book=book))
    assert "regular expression, so it's taken as plain words: /a(/" in said
    assert told(samples.v2(character_book={"entries": []})) == ""


@pytest.mark.parametrize("name", makers.DOCUMENTS)
async def test_what_was_read_comes_back_the_same(name: str) -> None:
    once = read(makers.DOCUMENTS[name])
    again = read(await write_file(once, ".json"))
    assert (again.kind, again.data) == (once.kind, once.data)
    assert again.remarks == ()


@pytest.mark.parametrize(
    "text",
    [
        "name: Nela\ncontext: [",
        "name: &a [*a]\ncontext: x",
        "name: Nela\ncontext: " + "[" * 80 + "]" * 80,
        "name: Nela\n\tcontext: x",
        "name: !!python/object/apply:os.system [ls]\ncontext: *x",
        "name: Nela",
        "name: 12",
        "greeting: - a",
    ],
)
def test_yaml_that_is_no_character_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InvalidCard) as caught:
        read_file(text.encode(), "nela.yaml")
    assert explain(caught.value)


def test_a_packed_module_is_named() -> None:
    packed = b"\x6f\x00\x10\x00\x00\x00" + bytes(range(16))
    with pytest.raises(InvalidLorebook) as caught:
        read_lorebook(packed, "river.risum")
    assert caught.value.reason is Reason.RISU_PACKED
    with pytest.raises(InvalidCard) as refused:
        read_file(packed, "river.risum")
    assert refused.value.reason is Reason.RISU_PACKED


@pytest.mark.parametrize("name", makers.DOCUMENTS)
def test_documents_are_not_changed_by_reading(name: str) -> None:
    before = copy.deepcopy(makers.DOCUMENTS[name])
    read(makers.DOCUMENTS[name])
    assert makers.DOCUMENTS[name] == before


@pytest.mark.parametrize("size", [10, 200, 1000])
def test_archives_that_are_cut_off_are_refused(size: int) -> None:
    with pytest.raises(TavernError) as caught:
        read_file(makers.byaf()[:size], "nela.byaf")
    assert explain(caught.value)
