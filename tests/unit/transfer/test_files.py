"""Documents of every kind, by content."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.wording.errors import explain
from bot.wording.values import sentence_about
from core.characters.kinds import FileContent, FileKind
from core.errors import InvalidCard, InvalidOption, InvalidPreset
from core.lorebook.load import read_lorebook
from core.presets import stock
from core.presets.preset import PresetKind, write_preset
from core.reasons import Reason
from core.transfer.files import PRESET_KINDS, identify, read_file, write_file
from core.transfer.preset_file import read_preset_file
from tests.shared import shared_path
from tests.unit.characters import samples

WORLD: dict[str, Any] = {
    "entries": {
        "0": {"uid": 0, "key": ["bell"], "content": "It rings.", "order": "7", "odd": [1]},
        "1": {"uid": 1, "key": "sea, salt", "content": None, "constant": 1, "sticky": None},
        "2": "junk",
    },
    "name": "Vell",
    "kept": True,
}
CARD_BOOK = {"name": "Book", "entries": [{"keys": ["a"], "content": "b", "insertion_order": 1}]}
HEADER = {"user_name": "Ann", "character_name": "Wren", "chat_metadata": {"note_prompt": "x"}}
LINES = [
    HEADER,
    {"name": "Wren", "is_user": False, "mes": "Hello.", "swipes": ["Hello.", "Hi."], "swipe_id": 0},
    {"name": "Ann", "is_user": True, "mes": "Well met.", "extra": {"odd": 1}},
]
LOG = "".join(json.dumps(line) + "\n" for line in LINES).encode()
KINDS: list[tuple[FileKind, Any]] = [
    (FileKind.CARD, samples.v1()),
    (FileKind.CARD, samples.v3()),
    (FileKind.LOREBOOK, WORLD),
    (FileKind.LOREBOOK, CARD_BOOK),
    (FileKind.LOREBOOK, {"spec": "lorebook_v3", "data": CARD_BOOK}),
    (FileKind.LOREBOOK, {"spec": "lorebook_v3", "data": CARD_BOOK | {"description": "Of bells."}}),
    (FileKind.SYSTEM_PROMPT, {"name": "P", "content": "Be kind.", "post_history": ""}),
    (FileKind.SAMPLER, {"temp": 0.7, "rep_pen": 1.1, "sampler_order": [6, 0], "genamt": 300}),
    (FileKind.SAMPLER, {"temperature": 0.7, "top_p": 1, "frequency_penalty": 0}),
    (FileKind.REASONING, {"name": "R", "prefix": "<think>", "suffix": "</think>", "separator": ""}),
    (FileKind.CHAT_PRESET, {"temperature": 1, "openai_max_context": 4095, "new_chat_prompt": "x"}),
    (FileKind.REGEX, {"scriptName": "S", "findRegex": "/a/g", "odd": 1, "placement": [2]}),
    (FileKind.REGEX, [{"scriptName": "S", "findRegex": "a"}, {"findRegex": "b"}]),
    (FileKind.BUNDLE, {"context": {"story_string": "x"}, "sysprompt": {"name": "s"}, "more": 1}),
]


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def test_names_of_files_that_are_no_text_do_no_harm() -> None:
    nameless = encoded({"temp": 0.7, "rep_pen": 1.1})
    assert read_file(nameless, "a\udcff.json").name == "a\ufffd"
    assert read_preset_file(nameless, "a\udcff.json").name == "a\ufffd"


@pytest.mark.parametrize(("kind", "document"), KINDS)
def test_documents_are_known_by_content_and_keep_their_fields(
    kind: FileKind, document: Any
) -> None:
    assert identify(encoded(document)) is kind
    read = read_file(encoded(document), "wrong name.png")
    assert read.kind is kind
    assert read.name
    assert isinstance(document, list) or set(document) <= set(read.data)
    assert kind is not FileKind.REGEX or read.data == document


@pytest.mark.parametrize("kind", PRESET_KINDS)
def test_stock_presets_are_known_as_files(kind: FileKind) -> None:
    folder = PRESET_KINDS[kind]
    for name in stock.names(folder):
        document = write_preset(stock.preset(folder, name))
        if kind is not FileKind.SAMPLER or len(document) > 2:
            assert identify(encoded(document)) is kind, name


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("context", FileKind.CONTEXT),
        ("instruct", FileKind.INSTRUCT),
        ("chat", FileKind.CHAT_PRESET),
    ],
)
async def test_other_peoples_templates_come_back_unchanged(folder: str, kind: FileKind) -> None:
    for path in sorted(shared_path("reference", "templates", folder).glob("*.json")):
        document = read_file(path.read_bytes(), path.name)
        assert document.kind is kind
        assert document.data == json.loads(path.read_text("utf-8"))
        assert json.loads(await write_file(document, ".json")) == document.data


def test_lore_entries_get_their_types_and_odd_ones_go() -> None:
    read = read_file(encoded(WORLD), "vell.json")
    entries = read.data["entries"]
    assert set(entries) == {"0", "1"}
    first = WORLD["entries"]["0"] | {"order": 7}
    assert first.items() <= entries["0"].items()
    assert entries["1"]["key"] == ["sea", "salt"]
    assert (entries["1"]["content"], entries["1"]["constant"]) == ("", True)
    assert entries["1"]["sticky"] is None
    assert read.name == "Vell"
    assert len(read.remarks) == 3


async def test_chat_logs_keep_their_lines() -> None:
    read = read_file(LOG, "log.jsonl")
    assert (read.kind, read.name, read.data) == (FileKind.CHAT, "Wren", LINES)
    assert read_file(await write_file(read, ".jsonl")).data == LINES


def test_a_broken_line_costs_only_itself() -> None:
    read = read_file(LOG + b'{"name": "Wren", "mes": "cut of')
    assert read.data == LINES
    assert "line 4" in sentence_about(read.remarks[0])


@pytest.mark.parametrize("lines", [[HEADER], LINES[1:2]])
def test_short_logs_are_logs_too(lines: list[Any]) -> None:
    assert identify(b"".join(encoded(line) + b"\n" for line in lines)) is FileKind.CHAT


@pytest.mark.parametrize(
    ("data", "reason", "found"),
    [
        (b"", Reason.WRONG_KIND, FileContent.EMPTY),
        (b"just words", Reason.WRONG_KIND, FileContent.TEXT),
        (b"{]", Reason.JSON_FAULT, None),
        (b'{"unknown": 1}', Reason.UNKNOWN_DOCUMENT, None),
        (samples.picture("JPEG"), Reason.PICTURE_WITHOUT_CARD, FileContent.JPEG),
        (b"\x7fELF....", Reason.WRONG_KIND, FileContent.PROGRAM),
    ],
)
def test_refusals_say_what_the_file_is(
    data: bytes, reason: Reason, found: FileContent | None
) -> None:
    with pytest.raises(InvalidCard) as caught:
        read_file(data, "x.json")
    assert (caught.value.reason, caught.value.facts.get("found")) == (reason, found)
    assert "Bring a character card" in (explain(caught.value) or "")
    assert identify(data) is None


def test_presets_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(InvalidPreset) as caught:
        read_file(encoded({"story_string": "x", "names_as_stop_strings": "perhaps", "wrap": []}))
    assert caught.value.facts["field"] == "names_as_stop_strings"


def test_books_of_other_makers_become_world_info() -> None:
    book = {"type": "risu", "data": [{"key": "a, b", "content": "c", "mode": "normal"}]}
    read = read_file(encoded(book), "theirs.json")
    assert (read.kind, read.name) == (FileKind.LOREBOOK, "theirs")
    assert read.data["entries"]["0"]["key"] == ["a", "b"]


@pytest.mark.parametrize("suffix", [".png", ".json", ".charx"])
async def test_cards_are_written_in_every_form(suffix: str) -> None:
    document = read_file(samples.png(samples.text(samples.v3())))
    again = read_file(await write_file(document, suffix))
    assert again.name == document.name
    assert again.kind is FileKind.CARD


async def test_a_suffix_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidOption):
        await write_file(read_file(encoded(samples.v2())), ".txt")
    with pytest.raises(InvalidOption):
        await write_file(read_file(encoded(WORLD)), ".png")


def test_every_stock_kind_has_a_folder() -> None:
    root = Path(stock.__file__).parent
    assert all((root / kind).is_dir() for kind in PresetKind)


ODD_NAMES = [
    ("a\r\nb", "a b"),
    ("\u202eevil", "evil"),
    ("n" * 10_000, "n" * 80),
    ("  ", "file"),
    ("\u200b\u3164", "file"),
    (None, "file"),
]


@pytest.mark.parametrize(("name", "kept"), ODD_NAMES)
def test_books_and_presets_get_names_that_can_be_shown(name: str | None, kept: str) -> None:
    book = read_lorebook(encoded(WORLD | {"name": name}), "file.json").book
    assert book.name == kept
    context = encoded({"story_string": "{{description}}", "name": name})
    assert [preset.name for _kind, preset in read_preset_file(context, "file.json").found] == [kept]
    bundle = encoded({"context": {"story_string": "x", "name": name}, "sysprompt": {"content": ""}})
    names = {preset.name for _kind, preset in read_preset_file(bundle, "file.json").found}
    assert names == {kept, "file"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "It is an empty file."),
        (b"<html></html>", "It is a web page."),
        (samples.png(samples.text(samples.v2())), "It is a character card."),
        (b'{"name": "x", "story_string": "x", "chat_start": [1]}', "“chat_start” takes text."),
        (b"[" * 100, "It is nested more than 64 levels deep."),
    ],
)
def test_what_is_no_preset_is_named(data: bytes, told: str) -> None:
    with pytest.raises(InvalidPreset) as caught:
        read_preset_file(data, "file.json")
    start = "“file.json” can't be read as a preset. "
    assert (explain(caught.value) or "").startswith(start + told)
    assert caught.value.facts["file"] == "file.json"
