"""What a file is, told by its content and never by its name."""

from enum import StrEnum
from typing import Any

from core.characters import png
from core.characters.versions import has_card_spec, looks_like_card


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

    @property
    def noun(self) -> str:
        return _NOUNS[self]


_NOUNS = {
    FileKind.CARD: "a character card",
    FileKind.LOREBOOK: "a lorebook",
    FileKind.CONTEXT: "a context template",
    FileKind.INSTRUCT: "an instruct template",
    FileKind.SYSTEM_PROMPT: "a system prompt",
    FileKind.SAMPLER: "a sampler preset",
    FileKind.CHAT_PRESET: "a chat completion preset",
    FileKind.REASONING: "a reasoning template",
    FileKind.BUNDLE: "a bundle of templates",
    FileKind.CHAT: "a chat log",
}

_SIGNATURES = (
    (png.SIGNATURE, "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"SQLite format 3\0", "a database"),
    (b"GGUF", "a model file"),
)
_RIFF = {b"WEBP": "a WebP picture", b"WAVE": "a WAV recording", b"AVI ": "an AVI film"}
_HTML = ("<!doctype html", "<html", "<head", "<body")
_INSTRUCT_KEYS = {"input_sequence", "output_sequence"}
_SAMPLER_KEYS = {
    "temp",
    "temperature",
    "top_p",
    "top_k",
    "top_a",
    "typical_p",
    "typical",
    "tfs",
    "rep_pen",
    "repetition_penalty",
    "rep_pen_range",
    "sampler_order",
    "mirostat_mode",
    "presence_penalty",
    "frequency_penalty",
    "freq_pen",
    "presence_pen",
    "min_p",
    "dry_multiplier",
    "xtc_probability",
    "smoothing_factor",
    "top_n_sigma",
    "nsigma",
    "dynatemp",
}
_CHAT_PRESET_KEYS = {
    "prompts",
    "prompt_order",
    "chat_completion_source",
    "openai_max_context",
    "new_chat_prompt",
    "impersonation_prompt",
    "continue_nudge_prompt",
}
_REASONING_KEYS = {"prefix", "suffix", "separator"}
_BUNDLE_KEYS = {"instruct", "context", "sysprompt", "preset", "reasoning"}


def noun_of(data: bytes) -> str:
    """What the bytes are, in a sentence: “a JPEG picture”, “an HTML page”."""
    if not data:
        return "an empty file"
    for signature, noun in _SIGNATURES:
        if data.startswith(signature):
            return noun
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12], "a RIFF file")
    if data[4:8] == b"ftyp":
        return "a film or an AVIF or HEIC picture"
    return _noun_of_text(data[:4096])


def _noun_of_text(beginning: bytes) -> str:
    encoding = "utf-16" if beginning.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    text = beginning.decode(encoding, "replace").lstrip("\ufeff \t\r\n").lower()
    if text.startswith(_HTML):
        return "an HTML page"
    if text.startswith(("<?xml", "<svg")):
        return "an XML file"
    if text.startswith(("{", "[")):
        return "a JSON file"
    odd = sum(mark == "\ufffd" or (mark < " " and mark not in "\t\r\n\f") for mark in text)
    return "a text file" if text and odd * 20 <= len(text) else "a file of unknown kind"


def kind_of_document(document: Any) -> FileKind | None:
    """Which kind of document a parsed JSON value is; None for anything else."""
    if not isinstance(document, dict):
        return FileKind.CHAT if _is_chat(document) else None
    keys = set(document)
    if looks_like_card(document) and (has_card_spec(document) or not _is_other(document)):
        return FileKind.CARD
    if _is_lorebook(document):
        return FileKind.LOREBOOK
    if _is_bundle(document):
        return FileKind.BUNDLE
    return _preset_kind(document, keys)


def _preset_kind(document: dict[str, Any], keys: set[str]) -> FileKind | None:
    if isinstance(document.get("story_string"), str):
        return FileKind.CONTEXT
    if keys & _INSTRUCT_KEYS:
        return FileKind.INSTRUCT
    if len(keys & _CHAT_PRESET_KEYS) >= 2 or isinstance(document.get("prompts"), list):
        return FileKind.CHAT_PRESET
    if keys >= _REASONING_KEYS or (keys >= {"prefix", "suffix"} and len(keys) <= 4):
        return FileKind.REASONING
    if len(keys & _SAMPLER_KEYS) >= 2:
        return FileKind.SAMPLER
    if isinstance(document.get("content"), str) and "role" not in keys:
        return FileKind.SYSTEM_PROMPT
    return FileKind.CHAT if _is_chat([document]) else None


def _is_other(document: dict[str, Any]) -> bool:
    others = _INSTRUCT_KEYS | {"story_string", "entries"}
    return not others.isdisjoint(document) or document.get("spec") == "lorebook_v3"


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


def _is_chat(lines: Any) -> bool:
    if not isinstance(lines, list) or not lines or not isinstance(lines[0], dict):
        return False
    first = lines[0]
    return "chat_metadata" in first or "mes" in first or {"user_name", "character_name"} <= {*first}
