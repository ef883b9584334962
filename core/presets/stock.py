"""The presets that come with the product: one YAML file each, by kind and name."""

import functools
from importlib.resources import files
from typing import Any

import yaml

from core.errors import NotFound


@functools.cache
def names(kind: str) -> tuple[str, ...]:
    """The names of one kind, in order."""
    folder = files("core.presets") / kind
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir()))


@functools.cache
def document(kind: str, name: str) -> dict[str, Any]:
    """One preset, on top of the one it is based on. Raises NotFound."""
    if name not in names(kind):
        raise NotFound("no such preset", what=kind, name=name)
    text = (files("core.presets") / kind / f"{name}.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text) or {}
    base = found.pop("base", None)
    return {**(document(kind, base) if base else {}), "name": name, **found}
