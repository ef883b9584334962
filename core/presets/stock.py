"""The presets that come with the product: one YAML file each, by kind and name."""

import functools
from importlib.resources import files
from typing import Any

import yaml

from core.errors import NotFound
from core.presets.kinds import PresetKind
from core.presets.preset import Preset, read_preset


@functools.cache
def names(kind: str) -> tuple[str, ...]:
    """The names of one kind, in order."""
    folder = files("core.presets") / kind
    found = (file.name for file in folder.iterdir() if file.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in found))


def document(kind: str, name: str) -> dict[str, Any]:
    """One preset, on top of the one it is based on. Raises NotFound."""
    found = dict(_file(kind, name))
    found.pop("detect", None)
    base = found.pop("base", None)
    return {**(document(kind, base) if base else {}), **found, "name": name}


@functools.cache
def preset(kind: PresetKind, name: str) -> Preset:
    """One preset in its type. Raises NotFound."""
    return read_preset(kind, document(kind, name))


def detection(name: str) -> dict[str, list[str]]:
    """By what an instruct template is known in a chat template: `has` and `lacks`, or nothing."""
    found: dict[str, list[str]] = _file(PresetKind.INSTRUCT, name).get("detect") or {}
    return found


@functools.cache
def _file(kind: str, name: str) -> dict[str, Any]:
    if name not in names(kind):
        raise NotFound("no such preset", what=kind, name=name)
    text = (files("core.presets") / kind / f"{name}.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text) or {}
    return found
