"""Sampler values in preset files: any maker's names, numbers as text, values out of their range."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core.errors import InvalidOption
from core.samplers.checks import check
from core.samplers.sampler import SamplerType
from core.samplers.table import ALL_SAMPLERS

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOVELAI_NUMBERS = (
    *("temperature", "top_k", "top_p", "tfs", "top_a", "typical_p"),
    *("cfg", "top_g", "mirostat", "math1", "min_p"),
)
"""What NovelAI's numbers of samplers stand for, by their places."""
DYNATEMP = ("dynatemp_low", "dynatemp_high")
_SPECIAL = (
    *("dynatemp", "dynamic_temperature", "dynatemp_range", "dynatemp_mode"),
    *("send_banned_tokens", "global_banned_tokens"),
)
"""Keys that only say something about other samplers."""


@dataclass(slots=True)
class FileSamplers:
    """What a preset file says of samplers."""

    values: dict[str, Any] = field(default_factory=dict)
    """By our ids, in their proper types."""
    limited: dict[str, Any] = field(default_factory=dict)
    """Values beyond their range, as they stood there; `values` has the nearest that is possible."""
    refused: dict[str, Any] = field(default_factory=dict)
    """By the file's own keys: what no sampler takes."""
    keys: dict[str, str] = field(default_factory=dict)
    """Every key that was understood as a sampler's name, with our id."""


def sampling_part(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a file that has the samplers: NovelAI and KoboldAI Lite keep them together."""
    for key in ("parameters", "savedsettings"):
        part = document.get(key)
        if isinstance(part, Mapping) and sum(map(is_about_samplers, part)) > 1:
            return part
    return document


def read_samplers(document: Mapping[str, Any]) -> FileSamplers:
    """The samplers of a preset file, whoever made it."""
    document = sampling_part(document)
    found = FileSamplers(keys=_known_keys(document))
    for key, id_ in found.keys.items():
        value = document[key]
        if value is None or id_ in ("banned_tokens", "banned_strings"):
            continue
        try:
            taken = _taken(id_, value)
        except (InvalidOption, ValueError, TypeError):
            found.refused[key] = value
            continue
        found.values[id_] = taken
        if _is_number(taken) and _is_number(value) and float(taken) != float(value):
            found.limited[id_] = value
    _read_bans(document, found)
    _read_dynatemp(document, found)
    return found


def sampler_key(key: str) -> str | None:
    """The sampler that a file's key means: our id, a maker's name, in snake or camel case."""
    return _NAMES.get(key) or _NAMES.get(_HUMP.sub("_", key).lower())


def is_about_samplers(key: str) -> bool:
    return key in _SPECIAL or sampler_key(key) is not None


def _names() -> dict[str, str]:
    rows = ALL_SAMPLERS.values()
    wire = {name: row.id for row in rows for name in row.names.values()}
    known = wire | {name: row.id for row in rows for name in (*row.imports, row.id)}
    return {name: id_ for name, id_ in known.items() if len(name) > 1 and name not in _SPECIAL}


_NAMES = _names()


def _known_keys(document: Mapping[str, Any]) -> dict[str, str]:
    """Those with a meaning; of two for one sampler the one that SillyTavern writes is read last."""
    named = {key: id_ for key in document if (id_ := sampler_key(key)) is not None}

    def weight(key: str) -> int:
        names = (ALL_SAMPLERS[named[key]].id, *ALL_SAMPLERS[named[key]].imports)
        return names.index(key) if key in names else -1

    return {key: named[key] for key in sorted(named, key=weight)}


def _taken(id_: str, value: Any) -> Any:
    """The value in its type, moved to the border of its range. Raises InvalidOption."""
    if id_ == "novelai_order":
        value = list(_novelai_order(value))
    elif id_ == "sampler_priority" and isinstance(value, str):
        value = value.split()
    elif id_ == "logit_bias":
        value = dict(_biases(value))
    try:
        return check(id_, value)
    except InvalidOption:
        row = ALL_SAMPLERS[id_]
        if row.range is None or not _is_number(value):
            raise
        near = min(max(float(value), row.range[0]), row.range[1])
        return check(id_, round(near) if row.type is SamplerType.WHOLE else near)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    with suppress(ValueError, OverflowError):
        return not math.isnan(float(value))
    return False


def _novelai_order(value: Any) -> Iterator[Any]:
    """Numbers; NovelAI's own files have names, each with a switch."""
    if not isinstance(value, list):
        raise InvalidOption(key="novelai_order", value=value, expected=SamplerType.LIST)
    for step in value:
        if not isinstance(step, dict):
            yield step
        elif step.get("enabled", True) and step.get("id") in _NOVELAI_NUMBERS:
            yield _NOVELAI_NUMBERS.index(str(step["id"]))


def _biases(value: Any) -> Iterable[tuple[str, Any]]:
    """Pairs of token and bias; SillyTavern lists objects, whose texts are words or `[1, 2]`."""
    if isinstance(value, str):
        value = json.loads(value) if value.strip().startswith(("{", "[")) else {}
    if isinstance(value, dict):
        yield from value.items()
        return
    if not isinstance(value, list):
        raise InvalidOption(key="logit_bias", value=value, expected=SamplerType.MAP)
    for one in value:
        if not isinstance(one, dict) or not str(one.get("text", "")).strip():
            continue
        text, bias = str(one["text"]), one.get("value", 0)
        ids = _token_ids(text)
        yield from ((str(id_), bias) for id_ in ids) if ids else [(text, bias)]


def _token_ids(text: str) -> list[int]:
    """The ids of a line such as `[1, 2]`; empty for words."""
    if not text.strip().startswith("["):
        return []
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, list) and all(type(one) is int for one in found):
            return found
    return []


def _read_bans(document: Mapping[str, Any], found: FileSamplers) -> None:
    """Lists, or SillyTavern's text: one a line, `[1, 2]` for ids, anything else as words."""
    ids: list[Any] = []
    words: list[str] = []
    if str(document.get("send_banned_tokens", True)).lower() == "false":
        return
    for key in ("banned_tokens", "custom_token_bans", "banned_strings", "global_banned_tokens"):
        value = document.get(key)
        if isinstance(value, list):
            ids += [one for one in value if type(one) is int]
            words += [one for one in value if isinstance(one, str) and one]
        elif isinstance(value, str):
            for line in filter(None, map(str.strip, value.splitlines())):
                numbers = _token_ids(f"[{line.strip('[]')}]")
                ids += numbers
                words += [] if numbers else [line.strip('"')]
    found.values |= {"banned_tokens": ids} if ids else {}
    found.values |= {"banned_strings": words} if words else {}


def _read_dynatemp(document: Mapping[str, Any], found: FileSamplers) -> None:
    """Its ends are meant only where it is switched on; KoboldCpp gives a span around a value."""
    switch = document.get("dynatemp", document.get("dynamic_temperature"))
    if switch is not None and str(switch).strip().lower() in ("false", "0", "no", "off", ""):
        for id_ in DYNATEMP:
            found.values.pop(id_, None)
        return
    span = document.get("dynatemp_range")
    half = float(span) if span is not None and _is_number(span) else 0.0
    if half > 0:
        middle = found.values.get("temperature", 1.0)
        for id_, end in zip(DYNATEMP, (middle - half, middle + half), strict=True):
            found.values[id_] = _taken(id_, end)
