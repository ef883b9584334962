"""Values of a preset's file that cannot be, though their keys are known."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.presets.preset import PresetKind
from core.presets.templates import ChatNames, ChatPreset
from core.presets.wishes import LENGTHS
from core.samplers.preset_files import is_about_samplers, sampling_part

_SWITCH: TypeAdapter[bool] = TypeAdapter(bool)
_NAMES = {str(one.value) for one in ChatNames}


def odd_values(kind: PresetKind, document: Mapping[str, Any]) -> Iterator[str]:
    """Keys of a prompt list whose value is neither a switch's nor any that is known."""
    if kind is not PresetKind.CHAT:
        return
    for key, field in ChatPreset.model_fields.items():
        value = document.get(key)
        if field.annotation is bool and value is not None and not _is_switch(value):
            yield key
    names = document.get("names_behavior")
    if names not in (None, "") and (isinstance(names, bool) or str(names).strip() not in _NAMES):
        yield "names_behavior"


def endless_numbers(document: Mapping[str, Any], text: str) -> Iterator[str]:
    """Keys of samplers and lengths whose number in the file's text has no end, or is none."""
    for key, value in sampling_part(document).items():
        known = is_about_samplers(key) or key in LENGTHS
        if value is None and known and re.search(rf'"{re.escape(key)}"\s*:\s*[-0-9IN]', text):
            yield key


def _is_switch(value: Any) -> bool:
    try:
        _SWITCH.validate_python(value)
    except ValidationError:
        return False
    return True
