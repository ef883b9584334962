"""The presets that come with the product, and which of them fits a model."""

import functools
import re
from importlib.resources import files
from typing import Any

import yaml

from core.errors import NotFound
from core.presets.preset import Preset, PresetKind, read_preset, whole_document

_BARE = (PresetKind.SAMPLER_TEXT, PresetKind.SAMPLER_CHAT)
"""Samplers that a preset does not name are left alone."""
_SLASHED = re.compile(r"/(?P<pattern>.*)/(?P<flags>[a-z]*)", re.DOTALL)


@functools.cache
def names(kind: str) -> tuple[str, ...]:
    found = (file.name for file in (files("core.presets") / kind).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def document(kind: str, name: str) -> dict[str, Any]:
    """One preset, on top of the one it is based on. Raises NotFound."""
    found = dict(_file(kind, name))
    found.pop("detect", None)
    base = found.pop("base", None)
    return {**(document(kind, base) if base else {}), **found, "name": name}


@functools.cache
def preset(kind: PresetKind, name: str) -> Preset:
    """One preset in its type, every key of its format said. Raises NotFound."""
    read = read_preset(kind, document(kind, name))
    return read if kind in _BARE else read_preset(kind, whole_document(read))


@functools.cache
def _file(kind: str, name: str) -> dict[str, Any]:
    if name not in names(kind):
        raise NotFound(what=kind, name=name)
    text = (files("core.presets") / kind / f"{name}.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text) or {}
    return found


def detection(name: str) -> dict[str, list[str]]:
    """By what an instruct template is known in a chat template: `has` and `lacks`, or nothing."""
    found: dict[str, list[str]] = _file(PresetKind.INSTRUCT, name).get("detect") or {}
    return found


def for_chat_template(chat_template: str) -> str | None:
    """The stock instruct template whose turn markers occur in a server's Jinja chat template.

    The one with the most markers wins; None when no template is known by its markers.
    """
    best, most = None, 0
    for name in names(PresetKind.INSTRUCT):
        known_by = detection(name)
        wanted = known_by.get("has", [])
        fits = all(marker in chat_template for marker in wanted)
        spoiled = any(marker in chat_template for marker in known_by.get("lacks", []))
        if fits and not spoiled and len(wanted) > most:
            best, most = name, len(wanted)
    return best


def for_model(model: str) -> str | None:
    """The stock instruct template whose activation pattern matches a model's name; None if none."""
    for name in names(PresetKind.INSTRUCT):
        pattern = document(PresetKind.INSTRUCT, name).get("activation_regex", "")
        found = _SLASHED.fullmatch(pattern)
        if found and re.search(found["pattern"], model, re.IGNORECASE):
            return name
    return None
