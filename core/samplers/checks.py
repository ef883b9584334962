"""Values of samplers as people and preset files write them, read into their proper types."""

import json
import math
from collections.abc import Callable
from typing import Any

from core.errors import InvalidOption, NotFound
from core.samplers.sampler import SamplerType
from core.samplers.table import ALL_SAMPLERS

_ON, _OFF = ("true", "on", "yes", "1"), ("false", "off", "no", "0")


def check(id_: str, value: object) -> Any:
    """The value in its proper type. Raises NotFound, or InvalidOption when it does not fit."""
    row = ALL_SAMPLERS.get(id_)
    if row is None:
        raise NotFound(what="sampler", name=id_)
    try:
        result = _READERS[row.type](value)
    except (ValueError, TypeError) as error:
        raise InvalidOption(key=id_, value=value, expected=row.range or row.type) from error
    if row.range is not None and not row.range[0] <= result <= row.range[1]:
        raise InvalidOption(key=id_, value=value, expected=row.range)
    return result


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _whole(value: object) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _switch(value: object) -> bool:
    word = str(value).strip().lower()
    if word not in (*_ON, *_OFF):
        raise ValueError
    return word in _ON


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _list(value: object) -> list[Any]:
    found = json.loads(value) if isinstance(value, str) and value.lstrip()[:1] == "[" else value
    if isinstance(found, str):
        # SillyTavern keeps breakers as `"\n", ":"` and banned ids as `1, 2`.
        found = json.loads(f"[{found}]")
    if not isinstance(found, list):
        raise TypeError
    return found


def _map(value: object) -> dict[str, float]:
    found = json.loads(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise TypeError
    return {str(key): _number(number) for key, number in found.items()}


_READERS: dict[SamplerType, Callable[[object], Any]] = {
    SamplerType.NUMBER: _number,
    SamplerType.WHOLE: _whole,
    SamplerType.SWITCH: _switch,
    SamplerType.TEXT: _text,
    SamplerType.LIST: _list,
    SamplerType.MAP: _map,
}
