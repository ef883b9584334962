"""Presets as files that SillyTavern reads, as they came or as they hold in a place."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.options.table import CONTEXT_WISH, REPLY_LENGTH
from core.presets.preset import Preset, PresetKind, write_preset
from core.presets.wishes import length_key
from core.samplers.preset_files import read_samplers
from core.transfer.files import SECTIONS, START_REPLY
from core.untrusted import json as untrusted_json

Document = dict[str, Any]

_TEXT_KEYS = {
    "temperature": "temp",
    "repetition_penalty": "rep_pen",
    "repetition_penalty_range": "rep_pen_range",
    "repetition_penalty_slope": "rep_pen_slope",
    "repetition_decay": "rep_pen_decay",
    "encoder_repetition_penalty": "encoder_rep_pen",
    "frequency_penalty": "freq_pen",
    "presence_penalty": "presence_pen",
    "top_n_sigma": "nsigma",
    "dynatemp_low": "min_temp",
    "dynatemp_high": "max_temp",
    "min_tokens": "min_length",
    "ignore_eos": "ban_eos_token",
    "grammar": "grammar_string",
    "sampler_names": "samplers",
    "aphrodite_priority": "samplers_priorities",
}
"""SillyTavern's names of samplers in presets for text completion, where they are not ours."""
_LENGTHS = {
    (PresetKind.CHAT, REPLY_LENGTH): "openai_max_tokens",
    (PresetKind.CHAT, CONTEXT_WISH): "openai_max_context",
    (PresetKind.SAMPLER_TEXT, REPLY_LENGTH): "genamt",
    (PresetKind.SAMPLER_TEXT, CONTEXT_WISH): "max_length",
}
_DYNATEMP = ("dynatemp_low", "dynatemp_high")


def with_values(
    kind: PresetKind,
    document: Mapping[str, Any],
    samplers: Mapping[str, Any],
    lengths: Mapping[Any, int],
) -> Document:
    """The document with the values that hold; what it says already stays as it is written."""
    written = dict(document)
    read = read_samplers(document)
    for id_, value in samplers.items():
        if read.values.get(id_) != value:
            for key in [key for key, known in read.keys.items() if known == id_]:
                del written[key]
            usual = id_ if kind is PresetKind.CHAT else _TEXT_KEYS.get(id_, id_)
            written[_key_of(id_, read.keys, usual)] = value
    if any(read.values.get(id_) != samplers.get(id_) for id_ in _DYNATEMP):
        written["dynatemp"] = all(id_ in samplers for id_ in _DYNATEMP)
    for option, size in lengths.items():
        named = length_key(document, option)
        if named is None or str(document[named]) != str(size):
            written[named or _LENGTHS[kind, option]] = size
    return written


def preset_files(
    found: Iterable[tuple[PresetKind, Preset]], reply_start: str = ""
) -> list[tuple[str, bytes]]:
    """Each file's name and content: a prompt list by itself, several others as one export.

    Samplers stand by themselves only where nothing else has them. `reply_start`: what every reply
    begins with.
    """
    by_kind = dict(found)
    files: list[tuple[str, bytes]] = []
    chat = by_kind.pop(PresetKind.CHAT, None)
    samplers = by_kind.pop(PresetKind.SAMPLER_CHAT, None)
    if chat is not None:
        files.append(_file(chat.name, write_preset(chat)))
        if _samplers(by_kind.get(PresetKind.SAMPLER_TEXT)) == _samplers(chat):
            del by_kind[PresetKind.SAMPLER_TEXT]
    sections = {
        name: by_kind[kind] for name, kind in SECTIONS.items() if by_kind.get(kind) is not None
    }
    if len(sections) == 1 and not reply_start:
        (alone,) = sections.values()
        files.append(_file(alone.name, write_preset(alone)))
    elif sections:
        bundle: Document = {
            name: {"name": preset.name, **write_preset(preset)} for name, preset in sections.items()
        }
        if reply_start:
            bundle[START_REPLY] = {"value": reply_start, "show": True}
        files.append(_file(next(iter(sections.values())).name, bundle))
    if not files and samplers is not None:
        files.append(_file(samplers.name, write_preset(samplers)))
    return _told_apart(files)


def _samplers(preset: Preset | None) -> Mapping[str, Any] | None:
    """What a preset says of samplers; None for no preset."""
    return None if preset is None else read_samplers(write_preset(preset)).values


def _key_of(id_: str, known: Mapping[str, str], usual: str) -> str:
    """The file's own name for a sampler, of several the one that is read last."""
    names = [key for key, meant in known.items() if meant == id_]
    return names[-1] if names else usual


def _file(name: str, document: Document) -> tuple[str, bytes]:
    safe = "".join(sign for sign in name if sign.isalnum() or sign in " -_.").strip(". ")
    return f"{safe or 'preset'}.json", untrusted_json.dump(document, indent=4).encode()


def _told_apart(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    if len({name for name, _ in files}) == len(files):
        return files
    return [(f"{at}-{name}" if at else name, data) for at, (name, data) in enumerate(files)]
