"""What a file is, told by its content and never by its name."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from core.characters import png
from core.characters.normalise import has_card_spec, looks_like_card
from core.samplers.preset_files import is_about_samplers, sampling_part
from core.untrusted.text import NotPlain, decode


class FileKind(StrEnum):
    """The documents that people exchange."""

    CARD = "card"
    LOREBOOK = "lorebook"
    CONTEXT = "context"
    INSTRUCT = "instruct"
    SYSTEM_PROMPT = "system-prompt"
    SAMPLER = "sampler"
    CHAT_PRESET = "chat-preset"
    REASONING = "reasoning"
    BUNDLE = "bundle"
    CHAT = "chat"
    REGEX = "regex"


class FileContent(StrEnum):
    """What the bytes of a file are, whatever is written in them."""

    EMPTY = "empty"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    BMP = "bmp"
    WEBP = "webp"
    ZIP = "zip"
    EMPTY_ZIP = "empty-zip"
    ARCHIVE = "archive"
    PDF = "pdf"
    SOUND = "sound"
    FILM = "film"
    PROGRAM = "program"
    DATABASE = "database"
    MODEL = "model"
    HTML = "html"
    XML = "xml"
    JSON = "json"
    TEXT = "text"
    UNKNOWN = "unknown"


PICTURES = frozenset(
    {FileContent.PNG, FileContent.JPEG, FileContent.GIF, FileContent.BMP, FileContent.WEBP}
)
TEXTS = frozenset({FileContent.JSON, FileContent.TEXT})

_SIGNATURES = (
    (png.SIGNATURE, FileContent.PNG),
    (b"\xff\xd8\xff", FileContent.JPEG),
    (b"GIF8", FileContent.GIF),
    (b"BM", FileContent.BMP),
    (b"PK\x03\x04", FileContent.ZIP),
    (b"PK\x05\x06", FileContent.EMPTY_ZIP),
    (b"Rar!", FileContent.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", FileContent.ARCHIVE),
    (b"\x1f\x8b", FileContent.ARCHIVE),
    (b"%PDF", FileContent.PDF),
    (b"ID3", FileContent.SOUND),
    (b"OggS", FileContent.SOUND),
    (b"\x7fELF", FileContent.PROGRAM),
    (b"MZ", FileContent.PROGRAM),
    (b"SQLite format 3\0", FileContent.DATABASE),
    (b"GGUF", FileContent.MODEL),
)
_RIFF = {b"WEBP": FileContent.WEBP, b"WAVE": FileContent.SOUND, b"AVI ": FileContent.FILM}
_HTML = ("<!doctype html", "<html", "<head", "<body")
_INSTRUCT_KEYS = {"input_sequence", "output_sequence"}
_CHAT_PRESET_KEYS = {
    "prompts",
    "prompt_order",
    "chat_completion_source",
    "openai_max_context",
    "new_chat_prompt",
    "impersonation_prompt",
    "continue_nudge_prompt",
}
_LENGTH_KEYS = {
    *("genamt", "max_length", "max_new_tokens", "max_tokens"),
    *("max_context", "max_context_length", "truncation_length"),
}
_REASONING_KEYS = {"prefix", "suffix", "separator"}
_BUNDLE_KEYS = {"instruct", "context", "sysprompt", "preset", "reasoning"}


def content_of(data: bytes) -> FileContent:
    if not data:
        return FileContent.EMPTY
    for signature, content in _SIGNATURES:
        if data.startswith(signature):
            return content
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12], FileContent.UNKNOWN)
    if data[4:8] == b"ftyp":
        return FileContent.FILM
    return _content_of_text(data)


def _content_of_text(data: bytes) -> FileContent:
    try:
        text = decode(data).text[:4096].lstrip("\ufeff \t\r\n").lower()
    except NotPlain:
        return FileContent.UNKNOWN
    if text.startswith(_HTML):
        return FileContent.HTML
    if text.startswith(("<?xml", "<svg")):
        return FileContent.XML
    if text.startswith(("{", "[")):
        return FileContent.JSON
    odd = sum(mark == "\ufffd" or (mark < " " and mark not in "\t\r\n\f") for mark in text)
    return FileContent.TEXT if text and odd * 20 <= len(text) else FileContent.UNKNOWN


def kind_of_document(document: Any) -> FileKind | None:
    """Which kind of document a parsed JSON value is; None for anything else."""
    if _are_scripts(document if isinstance(document, list) else [document]):
        return FileKind.REGEX
    if not isinstance(document, dict):
        return FileKind.CHAT if _is_chat(document) else None
    others = _INSTRUCT_KEYS | {"story_string", "entries"}
    is_other = not others.isdisjoint(document) or document.get("spec") == "lorebook_v3"
    if looks_like_card(document) and (has_card_spec(document) or not is_other):
        return FileKind.CARD
    if _is_lorebook(document):
        return FileKind.LOREBOOK
    if _is_bundle(document):
        return FileKind.BUNDLE
    return _preset_kind(document, set(document))


def _preset_kind(document: dict[str, Any], keys: set[str]) -> FileKind | None:
    if isinstance(document.get("story_string"), str):
        return FileKind.CONTEXT
    if keys & _INSTRUCT_KEYS:
        return FileKind.INSTRUCT
    if len(keys & _CHAT_PRESET_KEYS) >= 2 or isinstance(document.get("prompts"), list):
        return FileKind.CHAT_PRESET
    if keys >= _REASONING_KEYS or (keys >= {"prefix", "suffix"} and len(keys) <= 4):
        return FileKind.REASONING
    if _is_about_sampling(sampling_part(document)):
        return FileKind.SAMPLER
    if isinstance(document.get("content"), str) and "role" not in keys:
        return FileKind.SYSTEM_PROMPT
    return FileKind.CHAT if _is_chat([document]) else None


def _is_about_sampling(document: Mapping[str, Any]) -> bool:
    """At least two keys that say how a model writes, or nothing but one."""
    samplers = sum(map(is_about_samplers, document))
    lengths = len(_LENGTH_KEYS & set(document))
    others = len(set(document) - {"name"}) - samplers - lengths
    return samplers > 0 and (samplers + lengths > 1 or others == 0)


def _is_lorebook(document: dict[str, Any]) -> bool:
    if isinstance(document.get("entries"), dict | list):
        return True
    data = document.get("data")
    if document.get("spec") == "lorebook_v3":
        return isinstance(data, dict)
    return document.get("type") == "risu" and isinstance(data, list)


def _is_bundle(document: dict[str, Any]) -> bool:
    sections = [document[key] for key in _BUNDLE_KEYS if key in document]
    return bool(sections) and all(isinstance(section, dict) for section in sections)


def _are_scripts(listed: list[Any]) -> bool:
    """A regex script of SillyTavern's, or a list of them."""
    return bool(listed) and all(
        isinstance(one, dict) and isinstance(one.get("findRegex"), str) for one in listed
    )


def _is_chat(lines: Any) -> bool:
    if not isinstance(lines, list) or not lines or not isinstance(lines[0], dict):
        return False
    first = lines[0]
    return "chat_metadata" in first or "mes" in first or {"user_name", "character_name"} <= {*first}
