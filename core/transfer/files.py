"""Files that people bring and take away, read by their content and written back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from core.characters.card_file import LoadedCard, read_card, to_charx, to_json, to_png
from core.characters.charx import is_archive
from core.characters.document import parsed
from core.characters.fields import (
    FieldReader,
    Problem,
    Remark,
    Shape,
    remarks_about,
    shape_of,
)
from core.characters.kinds import TEXTS, FileContent, FileKind, content_of, kind_of_document
from core.characters.makers import translated
from core.errors import InvalidCard, InvalidOption
from core.lorebook.formats import to_character_book, to_world_info
from core.lorebook.load import (
    LoadedBook,
    book_in_picture,
    doubts_about,
    load_lorebook,
)
from core.presets.odd_values import odd_values
from core.presets.preset import Preset, PresetKind, read_preset, write_preset
from core.presets.wishes import Missing, wishes_of
from core.reasons import Reason
from core.regex_scripts.files import scripts_of_file
from core.untrusted import json as untrusted_json
from core.untrusted.pictures import picture_type
from core.untrusted.surrogates import clean_text
from core.untrusted.text import decode

MAX_LINES = 200_000
MAX_SWIPES = 1000
MAX_FILE = 32 * 1024 * 1024
"""Bytes; a lorebook of 20,000 full entries has about 20 MiB."""

PRESET_KINDS: Mapping[FileKind, PresetKind] = {
    FileKind.CONTEXT: PresetKind.CONTEXT,
    FileKind.INSTRUCT: PresetKind.INSTRUCT,
    FileKind.SYSTEM_PROMPT: PresetKind.SYSTEM,
    FileKind.SAMPLER: PresetKind.SAMPLER_TEXT,
    FileKind.CHAT_PRESET: PresetKind.CHAT,
    FileKind.REASONING: PresetKind.REASONING,
}
START_REPLY = "srw"
"""SillyTavern's name for the section of what every reply begins with."""
SECTIONS = {
    "context": PresetKind.CONTEXT,
    "instruct": PresetKind.INSTRUCT,
    "sysprompt": PresetKind.SYSTEM,
    "preset": PresetKind.SAMPLER_TEXT,
    "reasoning": PresetKind.REASONING,
}


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A file as read. `data` is in the kind's own public format, unknown fields kept."""

    kind: FileKind
    name: str
    data: Any
    remarks: tuple[Remark, ...] = ()
    card: LoadedCard | None = None
    """The card with its picture, for character cards."""


def identify(data: bytes) -> FileKind | None:
    """Which kind of document the bytes hold; None for anything else. Pictures count as cards."""
    if (
        content_of(data) is FileContent.PNG
        or picture_type(data) == "image/webp"
        or is_archive(data)
    ):
        return FileKind.CARD
    try:
        return kind_of_document(_parsed(data)[0])
    except untrusted_json.NotPlain:
        return None


def read_file(data: bytes, file_name: str = "") -> FileDocument:
    """The document in a file; its name only stands in for a missing name.

    Raises `InvalidCard`, `InvalidLorebook` or `InvalidPreset` that says what the file is.
    """
    file_name = clean_text(file_name)
    if len(data) > MAX_FILE:
        raise InvalidCard(Reason.TOO_LARGE, largest=MAX_FILE, file=file_name)
    data = book_in_picture(data) or data
    if content_of(data) not in TEXTS or is_archive(data):
        return _read_card(data, file_name)
    try:
        document, remarks = _parsed(data)
    except untrusted_json.NotPlain as error:
        if content_of(data) is FileContent.TEXT and error.reason is not Reason.NOT_YAML:
            raise InvalidCard(Reason.WRONG_KIND, found=FileContent.TEXT, file=file_name) from error
        raise InvalidCard.of(error, file=file_name) from error
    kind = kind_of_document(document)
    if kind is None:
        raise InvalidCard(Reason.UNKNOWN_DOCUMENT, file=file_name)
    if kind is FileKind.CARD:
        return _read_card(data, file_name)
    stem = PurePath(file_name.replace("\\", "/")).stem
    read = _READERS.get(kind)
    return read(document, stem, remarks) if read else _read_preset(kind, document, stem, remarks)


async def write_file(document: FileDocument, suffix: str) -> bytes:
    """The document as a file; a card's form goes by the suffix `.png`, `.charx` or `.json`.

    Raises `InvalidOption` for a suffix that does not fit the kind.
    """
    if card := document.card:
        match suffix:
            case ".png":
                return await to_png(card.character, card.image)
            case ".charx":
                return await to_charx(card.character, card.image)
            case ".json":
                return to_json(card.character)
        raise InvalidOption(key="out", value=suffix, expected=(".png", ".json", ".charx"))
    expected = ".jsonl" if document.kind is FileKind.CHAT else ".json"
    if suffix not in (expected, ".json"):
        raise InvalidOption(key="out", value=suffix, expected=expected)
    if document.kind is FileKind.CHAT:
        lines = (untrusted_json.dump(line, indent=None) + "\n" for line in document.data)
        return "".join(lines).encode()
    return untrusted_json.dump(document.data).encode()


def _parsed(data: bytes) -> tuple[Any, list[Remark]]:
    """The JSON document, or the list of lines of a chat log."""
    written = decode(data)
    remarks = list(remarks_about(written))
    first, _, rest = written.text.strip().partition("\n")
    if rest.lstrip().startswith("{") and first.rstrip().endswith("}"):
        return _read_lines(written.text, remarks), remarks
    return translated(parsed(written), remarks), remarks


def _read_card(data: bytes, file_name: str) -> FileDocument:
    card = read_card(data, file_name)
    name, document = card.character.name, card.character.to_document()
    remarks = (*card.remarks, *doubts_about(card.character))
    return FileDocument(FileKind.CARD, name, document, remarks, card)


def _read_lorebook(document: dict[str, Any], stem: str, remarks: list[Remark]) -> FileDocument:
    loaded = load_lorebook(document, stem)
    told = (*remarks, *loaded.remarks)
    return FileDocument(FileKind.LOREBOOK, loaded.book.name, _book(loaded, document), told)


def _book(loaded: LoadedBook, document: dict[str, Any]) -> dict[str, Any]:
    """The book in the format it came in; those of other makers become world info."""
    if loaded.format == "character book":
        return to_character_book(loaded.book)
    if loaded.format == "lorebook V3":
        return document | {"data": to_character_book(loaded.book)}
    return to_world_info(loaded.book)


def _read_chat(document: Any, stem: str, remarks: list[Remark]) -> FileDocument:
    lines = document if isinstance(document, list) else [document]
    return FileDocument(FileKind.CHAT, _chat_name(lines) or stem, lines, tuple(remarks))


def _read_scripts(document: Any, stem: str, remarks: list[Remark]) -> FileDocument:
    scripts = scripts_of_file(document)
    name = scripts[0].name if len(scripts) == 1 else ""
    return FileDocument(FileKind.REGEX, name or stem, document, tuple(remarks))


def _read_bundle(document: dict[str, Any], stem: str, remarks: list[Remark]) -> FileDocument:
    presets = {
        name: (kind, read_preset(kind, document[name]))
        for name, kind in SECTIONS.items()
        if name in document
    }
    sections = {name: write_preset(preset) for name, (_kind, preset) in presets.items()}
    told = (*remarks, *_wrong_values(presets.values()))
    return FileDocument(FileKind.BUNDLE, stem, document | sections, told)


def _read_preset(
    kind: FileKind, document: dict[str, Any], stem: str, remarks: list[Remark]
) -> FileDocument:
    odd = list(odd_values(PRESET_KINDS[kind], document))
    sound = {key: value for key, value in document.items() if key not in odd}
    preset = read_preset(PRESET_KINDS[kind], sound)
    told = (*remarks, *_wrong_values([(PRESET_KINDS[kind], preset)]))
    told += tuple(Remark(key, Problem.UNREADABLE) for key in odd)
    return FileDocument(kind, preset.name or stem, write_preset(preset), told)


def _wrong_values(found: Iterable[tuple[PresetKind, Preset]]) -> Iterator[Remark]:
    """Values that a preset cannot have, and what is used in their place."""
    wishes = wishes_of(found)
    for name, (_was, taken) in wishes.limited.items():
        yield Remark(name, Problem.OUT_OF_RANGE, expected=f"{taken:g}")
    for key in wishes.missing.get(Missing.VALUE, ()):
        yield Remark(key, Problem.UNREADABLE)


_READERS: Mapping[FileKind, Callable[[Any, str, list[Remark]], FileDocument]] = {
    FileKind.LOREBOOK: _read_lorebook,
    FileKind.CHAT: _read_chat,
    FileKind.BUNDLE: _read_bundle,
    FileKind.REGEX: _read_scripts,
}


def _read_lines(text: str, remarks: list[Remark]) -> list[Any]:
    """The objects of a chat log, one a line; broken lines are left out with a remark."""
    found = []
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_LINES:
        remarks.append(Remark("lines", Problem.TOO_MANY, limit=MAX_LINES))
    for number, line in enumerate(lines[:MAX_LINES], 1):
        try:
            value = untrusted_json.parse(line)
        except untrusted_json.NotPlain:
            remarks.append(Remark(f"line {number}", Problem.UNREADABLE))
            continue
        if isinstance(value, dict):
            found.append(_message(value, number, remarks) if "mes" in value else value)
        else:
            remarks.append(Remark(f"line {number}", Problem.DROPPED, shape_of(value), Shape.OBJECT))
    return found


def _chat_name(lines: list[Any]) -> str:
    """Whose chat it is, as far as the log says."""
    header = lines[0] if lines else {}
    named: dict[str, Any] = next(
        (line for line in lines if line.get("mes") and not line.get("is_user")), {}
    )
    name = header.get("character_name") or named.get("name")
    return name if isinstance(name, str) else ""


def _message(value: dict[str, Any], number: int, remarks: list[Remark]) -> dict[str, Any]:
    fields = FieldReader(value, f"line {number}", remarks)
    known: dict[str, Any] = {"name": fields.text("name"), "mes": fields.text("mes")}
    for name in ("is_user", "is_system"):
        if name in value:
            known[name] = fields.flag(name, default=False)
    if "swipes" in value:
        known["swipes"] = fields.texts("swipes", limit=MAX_SWIPES)
        known["swipe_id"] = fields.integer("swipe_id", low=0, high=MAX_SWIPES)
    return value | known
