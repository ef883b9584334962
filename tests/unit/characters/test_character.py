"""Reading, changing and writing the fields of a card."""

import json
from typing import Any

import pytest

from bot.wording.values import sentence_about
from core.characters.character import Character
from core.characters.fields import Problem
from core.errors import InvalidCard
from core.untrusted import json as untrusted_json
from tests.shared import shared_path
from tests.unit.characters import samples


def warnings(document: Any) -> list[str]:
    return [sentence_about(remark) for remark in Character.read(document)[1]]


@pytest.mark.parametrize("document", [samples.v2(), samples.v3()])
def test_a_complete_card_comes_back_with_every_key(document: dict[str, Any]) -> None:
    document["made_by"] = {"deep": [1, {"er": None}]}
    document["data"] |= {"odd": "kept", "extensions": {"chub": {"id": 9}, "fav": False}}
    written = Character.from_document(document).to_document()
    assert written["made_by"] == document["made_by"]
    assert document["data"].items() <= written["data"].items()
    assert written["spec"] == document["spec"]
    assert Character.from_document(written).to_document() == written


@pytest.mark.parametrize("name", ["mira", "bram", "ysolde", "mira-plain"])
def test_reference_cards_come_back_unchanged(name: str) -> None:
    text = shared_path("reference", "cards", f"{name}.json").read_text("utf-8")
    character, remarks = Character.read(untrusted_json.parse(text))
    assert remarks == []
    assert character.to_document() == json.loads(text)


def test_version_1_is_written_as_version_2_that_old_programs_still_read() -> None:
    character = Character.from_document(samples.v1(create_date="2023"))
    written = character.to_document()
    assert character.version == 1
    assert written["data"]["name"] == written["name"] == "Wren"
    assert written["create_date"] == "2023"


def test_version_3_names_survive_the_way_through_version_2() -> None:
    character = Character.from_document(samples.v3(assets=[{"type": "icon"}]))
    again = Character.from_document(character.to_v2())
    assert again.nickname == "Wrenny"
    assert again.to_v3()["data"] == character.to_v3()["data"]


def test_pygmalion_fields_are_understood() -> None:
    document = {"char_name": "Wren", "char_persona": "Mends bells.", "char_greeting": "Hi."}
    character = Character.from_document(document)
    assert (character.name, character.description) == ("Wren", "Mends bells.")
    assert character.first_mes == "Hi."


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, ""), (5, "5"), (2.0, "2"), (0.5, "0.5"), (True, "true"), (["a"], ""), ({"a": 1}, "")],
)
@pytest.mark.parametrize("field", ["description", "first_mes", "system_prompt", "creator"])
def test_a_text_field_always_becomes_text(field: str, value: Any, expected: str) -> None:
    character, remarks = Character.read(samples.v2(**{field: value}))
    assert getattr(character, field) == expected
    assert [remark.field for remark in remarks] == ([] if value is None else [f"data.{field}"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ()),
        ("one", ("one",)),
        (["a", 2, None, ["x"], {"y": 1}, True], ("a", "2", "true")),
        ({"0": "a", "1": "b"}, ("a", "b")),
        (7, ()),
    ],
)
def test_a_list_of_texts_always_becomes_one(value: Any, expected: tuple[str, ...]) -> None:
    character = Character.from_document(samples.v2(alternate_greetings=value))
    assert character.alternate_greetings == expected


def test_tags_in_one_text_are_split() -> None:
    assert Character.from_document(samples.v2(tags="sea, calm,")).tags == ("sea", "calm")


def test_limits_cut_and_say_so() -> None:
    long = samples.v2(
        name="n" * 101, description="d" * (256 * 1024 + 1), alternate_greetings=["g"] * 101
    )
    character, remarks = Character.read(long)
    assert len(character.name) == 100
    assert len(character.description) == 256 * 1024
    assert len(character.alternate_greetings) == 100
    assert {remark.problem for remark in remarks} == {Problem.CUT, Problem.TOO_MANY}


def test_data_wins_over_the_root_and_the_report_says_it() -> None:
    document = samples.v2() | {"name": "Impostor", "scenario": "At the root."}
    character, remarks = Character.read(document)
    assert (character.name, character.scenario) == ("Wren", "At the root.")
    assert {remark.field for remark in remarks} == {"name", "data.scenario"}
    assert character.to_document()["name"] == "Wren"


def test_lying_about_the_version_is_reported() -> None:
    assert "spec" in warnings(samples.v2() | {"spec": "chara_card_v9"})[0]
    assert "data" in warnings(samples.v1(spec="chara_card_v2", data=[1]))[0]


@pytest.mark.parametrize(
    "document",
    [None, 5, "text", [], {}, {"name": "Only a name"}, {"data": {}}, {"spec": "chara_card_v2"}],
)
def test_what_is_no_card_is_refused(document: Any) -> None:
    with pytest.raises(InvalidCard):
        Character.read(document)


def test_the_note_at_depth_has_defaults_and_is_brought_to_its_types() -> None:
    note = {"prompt": 5, "depth": "9", "role": "SYSTEM", "more": 1}
    character = Character.from_document(samples.v2(extensions={"depth_prompt": note}))
    assert character.depth_prompt.text == "5"
    assert (character.depth_prompt.depth, character.depth_prompt.role) == (9, "system")
    assert character.extensions["depth_prompt"]["more"] == 1
    plain_card = Character.from_document(samples.v2())
    assert (plain_card.depth_prompt.depth, plain_card.depth_prompt.role) == (4, "system")


@pytest.mark.parametrize("note", [[], 5, "a note", {"depth": float("nan"), "role": []}])
def test_a_spoiled_note_costs_only_itself(note: Any) -> None:
    character = Character.from_document(samples.v2(extensions={"depth_prompt": note, "x": 1}))
    assert character.extensions["x"] == 1
    assert isinstance(character.depth_prompt.text, str)
    assert character.depth_prompt.depth == 4


def test_a_book_in_the_card_gets_its_types() -> None:
    entry = {"keys": "bell, tower", "content": 7, "enabled": "no", "insertion_order": "12", "x": 1}
    long_key = {"keys": ["k" * 300, "short"], "content": "c"}
    book = {"entries": {"0": entry, "1": "junk", "2": long_key}, "scan_depth": -5}
    character, remarks = Character.read(samples.v2(character_book=book))
    assert character.character_book is not None
    first, second = character.character_book["entries"]
    assert first["keys"] == ["bell", "tower"]
    assert (first["content"], first["enabled"], first["insertion_order"]) == ("7", False, 12)
    assert first["x"] == 1
    assert second["keys"] == ["short"]
    assert character.character_book["scan_depth"] == 0
    assert len(remarks) == 8


@pytest.mark.parametrize("book", [[], "book", 3, True])
def test_a_book_of_the_wrong_kind_is_dropped(book: Any) -> None:
    character, remarks = Character.read(samples.v2(character_book=book))
    assert character.character_book is None
    assert [remark.field for remark in remarks] == ["data.character_book"]


def test_editing_makes_a_copy_within_the_limits() -> None:
    card = Character.from_document(samples.v3() | {"kept": 1})
    copy = card.edited(name="Rook\x00\n ", tags=["a"])
    assert (card.name, copy.name, copy.tags) == ("Wren", "Rook", ("a",))
    assert copy.version == 3
    assert copy.to_document()["kept"] == 1


@pytest.mark.parametrize("key", ["copy", "model_config", "_root", "__class__", "json", "data"])
def test_unknown_keys_may_be_called_anything(key: str) -> None:
    written = Character.from_document(samples.v2(**{key: [1]})).to_document()
    assert written["data"][key] == [1]


def test_greetings_leave_blank_ones_out() -> None:
    card = Character.from_document(samples.v2(alternate_greetings=["", "  ", "Hm."]))
    assert card.greetings == ("Hello.", "Hm.")
    assert card.alternate_greetings == ("", "  ", "Hm.")


def test_only_so_many_findings_are_kept() -> None:
    book = {"entries": [{"keys": 5, "content": []}] * 1000}
    assert len(warnings(samples.v2(character_book=book))) == 200
