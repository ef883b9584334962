"""Reading and writing lorebooks."""

import json
from typing import Any

import pytest

from core.characters.fields import Problem, Remark
from core.characters.normalise import MAX_CONTENT, MAX_ENTRIES, MAX_KEYS
from core.errors import InvalidLorebook
from core.lorebook import EntryRole, Logic, Position
from core.lorebook.formats import (
    from_character_book,
    from_world_info,
    to_character_book,
    to_world_info,
)
from core.lorebook.load import load_lorebook, read_lorebook
from core.reasons import Reason
from tests.shared import SHARED
from tests.unit.characters import samples

FULL: dict[str, Any] = {
    "uid": 7,
    "key": ["lamp", "/li+ght/i"],
    "keysecondary": ["oil"],
    "comment": "the lamp",
    "content": "It never goes out.",
    "constant": True,
    "vectorized": False,
    "selective": True,
    "selectiveLogic": 2,
    "addMemo": True,
    "order": 42,
    "position": 4,
    "disable": True,
    "ignoreBudget": True,
    "excludeRecursion": True,
    "preventRecursion": True,
    "matchPersonaDescription": True,
    "matchCharacterDescription": True,
    "matchCharacterPersonality": True,
    "matchCharacterDepthPrompt": True,
    "matchScenario": True,
    "matchCreatorNotes": True,
    "delayUntilRecursion": 2,
    "probability": 30,
    "useProbability": False,
    "depth": 9,
    "outletName": "map",
    "group": "G, H",
    "groupOverride": True,
    "groupWeight": 5,
    "scanDepth": 3,
    "caseSensitive": True,
    "matchWholeWords": False,
    "useGroupScoring": True,
    "automationId": "auto",
    "role": 1,
    "sticky": 1,
    "cooldown": 2,
    "delay": 3,
    "triggers": ["normal"],
    "displayIndex": 11,
    "characterFilter": {"isExclude": True, "names": ["Mira"], "tags": ["calm"]},
    "somebodysField": {"kept": [1, None]},
}


def world(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"entries": {str(entry.get("uid", uid)): entry for uid, entry in enumerate(entries)}}


def test_world_info_comes_back_without_loss() -> None:
    document = world(FULL) | {"name": "Isle", "originalData": {"kept": True}}
    book = from_world_info(document, remarks := list[Remark]())
    assert remarks == []
    assert to_world_info(book) == document


def test_world_info_survives_the_way_through_a_card() -> None:
    book = from_world_info(world(FULL) | {"name": "Isle"}, [])
    inside = to_character_book(book)
    assert inside["entries"][0]["extensions"]["exclude_recursion"] is True
    back = from_character_book(json.loads(json.dumps(inside)), remarks := list[Remark]())
    assert remarks == []
    assert to_world_info(back)["entries"]["7"] == FULL


def test_a_card_book_comes_back_without_loss() -> None:
    document: dict[str, Any] = {
        "name": "Isle",
        "description": "",
        "scan_depth": 5,
        "token_budget": 100,
        "recursive_scanning": True,
        "extensions": {"kept": 1},
        "entries": [
            {
                "id": "a text",
                "keys": ["x"],
                "content": "y",
                "priority": 3,
                "name": "n",
                "extensions": {"probability": 5, "risu": {"kept": 2}},
                "insertion_order": 1,
                "enabled": True,
            }
        ],
    }
    back = to_character_book(from_character_book(document, []))
    assert {key: back[key] for key in document if key != "entries"} == {
        key: document[key] for key in document if key != "entries"
    }
    before, after = document["entries"][0], back["entries"][0]
    assert {key: after[key] for key in before if key != "extensions"} == {
        key: before[key] for key in before if key != "extensions"
    }
    assert after["extensions"] | before["extensions"] == after["extensions"]


def test_both_spellings_of_the_recursion_flags() -> None:
    snake = {"exclude_recursion": True, "prevent_recursion": True, "delay_until_recursion": 2}
    camel = {"excludeRecursion": True, "preventRecursion": True, "delayUntilRecursion": 2}
    for spelled in (snake, camel):
        in_world = from_world_info(world(spelled), []).entries[0]
        card = {"entries": [{"keys": [], "content": "", "extensions": spelled}]}
        in_card = from_character_book(card, []).entries[0]
        for entry in (in_world, in_card):
            assert entry.exclude_recursion
            assert entry.prevent_recursion
            assert entry.delay_until_recursion == 2
            assert not entry.unknown
            assert not entry.extensions


def test_card_positions() -> None:
    def position(**fields: Any) -> Position:
        return from_character_book({"entries": [{"keys": [], **fields}]}, []).entries[0].position

    assert position(position="before_char") is Position.BEFORE_CHARACTER
    assert position(position="after_char") is Position.AFTER_CHARACTER
    assert position() is Position.AFTER_CHARACTER
    assert position(position="before_char", extensions={"position": 4}) is Position.AT_DEPTH


def test_wrong_types_are_mended_and_named() -> None:
    entry = {
        "uid": "3",
        "key": "lamp, light",
        "keysecondary": [1, None, {"a": 1}, True],
        "content": ["no text"],
        "comment": 5,
        "order": "70",
        "position": 99,
        "selectiveLogic": "no",
        "role": None,
        "probability": 1e9,
        "constant": "yes",
        "disable": None,
        "depth": None,
        "sticky": [],
        "characterFilter": "Mira",
    }
    loaded = load_lorebook(world(entry) | {"name": 7}, "isle.json")
    (found,) = loaded.book.entries
    assert found.keys == ("lamp", "light")
    assert found.secondary_keys == ("1", "true")
    assert found.content == ""
    assert found.comment == "5"
    assert found.order == 70
    assert found.position is Position.BEFORE_CHARACTER
    assert found.logic is Logic.AND_ANY
    assert found.role is EntryRole.SYSTEM
    assert found.probability == 100
    assert found.constant
    assert found.enabled
    assert loaded.book.name == "7"
    named = {remark.field.partition(".")[2] for remark in loaded.remarks}
    assert {"content", "position", "selectiveLogic", "probability", "characterFilter"} <= named


def test_limits() -> None:
    entry = {"key": ["k" * 257, *(f"k{n}" for n in range(80))], "content": "c" * 70_000}
    assert len(load_lorebook({"entries": [{}] * (MAX_ENTRIES + 5)}).book.entries) == MAX_ENTRIES
    book = load_lorebook({"entries": [entry]}).book
    assert len(book.entries[0].keys) == MAX_KEYS - 1, "the one that is too long counts as read"
    assert len(book.entries[0].content) == MAX_CONTENT


def test_numbers_are_made_distinct() -> None:
    loaded = load_lorebook({"entries": [{"uid": 1}, {"uid": 1}, {"uid": 5}, {"uid": 1}]})
    assert [entry.uid for entry in loaded.book.entries] == [1, 6, 5, 7]


def test_file_order_is_javascripts() -> None:
    document: dict[str, Any] = {"entries": {"10": {"uid": 10}, "x": {"uid": 3}, "2": {"uid": 2}}}
    assert [entry.uid for entry in load_lorebook(document).book.entries] == [2, 10, 3]


@pytest.mark.parametrize(
    ("document", "format_", "keys", "order"),
    [
        (
            {
                "lorebookVersion": 5,
                "entries": [
                    {
                        "text": "body",
                        "displayName": "title",
                        "keys": ["lamp"],
                        "enabled": False,
                        "forceActivation": False,
                        "contextConfig": {"budgetPriority": 400},
                    }
                ],
            },
            "NovelAI",
            ("lamp",),
            400,
        ),
        (
            {
                "kind": "memory",
                "entries": [
                    {
                        "name": "title",
                        "entry": "body",
                        "keywords": ["lamp"],
                        "weight": 3,
                        "enabled": False,
                    }
                ],
            },
            "Agnai",
            ("lamp",),
            3,
        ),
    ],
)
def test_other_makers(
    document: dict[str, Any], format_: str, keys: tuple[str, ...], order: int
) -> None:
    loaded = load_lorebook(document, "Isle.lorebook")
    (entry,) = loaded.book.entries
    assert loaded.format == format_
    assert (entry.keys, entry.content, entry.comment, entry.order) == (
        keys,
        "body",
        "title",
        order,
    )
    assert not entry.enabled
    assert loaded.book.name == "Isle"


def test_risu() -> None:
    entry = {
        "key": "lamp, light",
        "secondkey": "oil",
        "insertorder": 12,
        "comment": "title",
        "content": "body",
        "alwaysActive": True,
        "selective": True,
        "mode": "normal",
    }
    loaded = load_lorebook({"type": "risu", "ver": 1, "data": [entry]})
    (found,) = loaded.book.entries
    assert loaded.format == "RisuAI"
    assert (found.keys, found.secondary_keys, found.order) == (("lamp", "light"), ("oil",), 12)
    assert found.constant
    assert found.unknown == {"mode": "normal"}


def test_v3_lorebook_and_books_of_cards() -> None:
    book = {"entries": [{"keys": ["lamp"], "content": "x"}]}
    assert load_lorebook({"spec": "lorebook_v3", "data": book}).format == "lorebook V3"
    assert load_lorebook({"data": {"character_book": book}}).format == "character book"
    assert load_lorebook(book).format == "character book"


def test_a_file_of_another_kind_is_named() -> None:
    for document, reason in (
        ({"temp": 1, "rep_pen": 1.1}, Reason.WRONG_KIND),
        ({"story_string": "x"}, Reason.WRONG_KIND),
        (samples.v2(), Reason.NO_ENTRIES),
        ({"a": 1}, Reason.NO_ENTRIES),
    ):
        with pytest.raises(InvalidLorebook) as caught:
            read_lorebook(json.dumps(document).encode(), "x.json")
        assert caught.value.reason is reason


def test_patterns_that_are_none_and_empty_books_are_named() -> None:
    def told(*entries: dict[str, Any]) -> list[tuple[str, Problem]]:
        data = json.dumps(world(*entries)).encode()
        return [(one.field, one.problem) for one in read_lorebook(data, "isle.json").remarks]

    assert told() == [("entries", Problem.NO_ENTRIES)]
    assert told({"key": ["/a+/i", "lamp", "and/or"]}) == []
    assert told({"key": ["lamp"]}, {"key": ["/a(/i"], "keysecondary": ["/[z-a]/"]}) == [
        ("entries[1].key", Problem.BAD_PATTERN),
        ("entries[1].key", Problem.BAD_PATTERN),
    ]


def test_the_book_of_a_card_in_a_picture() -> None:
    book = {"name": "Bells", "entries": [{"keys": ["lamp"], "content": "x"}]}
    data = samples.png(samples.text(samples.v2(character_book=book)))
    assert read_lorebook(data, "wren.png").book.name == "Bells"
    for without in (samples.png(samples.text(samples.v2())), samples.png()):
        with pytest.raises(InvalidLorebook):
            read_lorebook(without, "wren.png")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff\xfe", b'{"entries": 5}', b"{" * 500])
def test_what_is_no_lorebook_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidLorebook) as caught:
        read_lorebook(data, "notes.txt")
    assert caught.value.facts["file"] == "notes.txt"
    assert caught.value.reason is not None


def test_books_of_the_reference_come_back() -> None:
    found = 0
    for path in sorted((SHARED / "reference" / "cases").glob("*.json")):
        world_info = json.loads(path.read_text("utf-8")).get("world_info") or {}
        for document in (world_info.get("books") or {}).values():
            written = to_world_info(from_world_info(document, remarks := list[Remark]()))
            assert remarks == []
            assert _is_within(document, written)
            found += 1
    if not found:
        pytest.skip("reference material is not here: reference/cases")


def _is_within(part: Any, whole: Any) -> bool:
    """Whether everything in `part` stands in `whole`; defaults may be added."""
    if isinstance(part, dict):
        return all(key in whole and _is_within(value, whole[key]) for key, value in part.items())
    return bool(part == whole)
