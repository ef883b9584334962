"""Every sampler in one table: its range, what it does, and its name with each kind of server."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from core.backends.kind import Kind
from core.backends.spec import Dialect
from core.errors import InvalidOption

if TYPE_CHECKING:
    from core.backends.spec import Spec


class SamplerType(StrEnum):
    """What a value looks like."""

    NUMBER = "number"
    WHOLE = "whole"
    SWITCH = "switch"
    TEXT = "text"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Sampler:
    """One row. `range` is inclusive; `neutral` is the value that changes nothing."""

    id: str
    type: SamplerType
    range: tuple[float, float] | None
    neutral: Any
    help: str
    names: Mapping[Dialect, str]
    """What it is called on the wire; dialects without a name do not have it."""
    imports: tuple[str, ...] = ()
    """Its names in SillyTavern's preset files, where they differ."""
    explicit: bool = False
    """Servers whose own default is not neutral are always told the neutral value."""


@cache
def samplers() -> Mapping[str, Sampler]:
    """The table by id, in the order in which people should read it."""
    from core.samplers.table import ROWS  # the rows are built from the types above

    return {row.id: row for row in ROWS}


def defaults(kind: Kind) -> dict[str, Any]:
    """What is sent where no preset is chosen; everything else stays neutral (decisions 13)."""
    return {"temperature": 1.0, "min_p": 0.05} if kind is Kind.TEXT else {"temperature": 1.0}


def accepted(spec: "Spec", model: str = "") -> list[Sampler]:
    """The samplers that a backend takes, for this model."""
    dropped = spec.traits(model).dropped
    return [
        row
        for row in samplers().values()
        if (row.id in spec.renames or spec.dialect in row.names)
        and (spec.samplers == "all" or row.id in spec.samplers)
        and row.id not in dropped
    ]


def check(id_: str, value: object) -> Any:
    """The value in its proper type. Raises InvalidOption when unknown or out of range."""
    row = samplers().get(id_)
    if row is None:
        raise InvalidOption("no such sampler", key=id_, value=value, expected="")
    try:
        result = _READERS[row.type](value)
    except (ValueError, TypeError) as error:
        raise InvalidOption(
            "not a value of this kind", key=id_, value=value, expected=_expected(row)
        ) from error
    if row.range is not None and not row.range[0] <= result <= row.range[1]:
        raise InvalidOption("out of range", key=id_, value=value, expected=_expected(row))
    return result


def from_preset(data: Mapping[str, Any]) -> dict[str, Any]:
    """The samplers in a preset file of SillyTavern; what does not fit its range is left out."""
    found: dict[str, Any] = {}
    for row in samplers().values():
        for name in (row.id, *row.imports):
            if data.get(name) is not None:
                try:
                    found[row.id] = check(row.id, data[name])
                except InvalidOption:
                    continue
    if data.get("dynatemp") is False:
        found.pop("dynatemp_low", None)
        found.pop("dynatemp_high", None)
    return found


def _expected(row: Sampler) -> str:
    if row.range is not None:
        return f"{row.range[0]:g} … {row.range[1]:g}"
    return row.type.value


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
    if isinstance(value, bool):
        return value
    words = {"true": True, "on": True, "yes": True, "1": True}
    words |= {"false": False, "off": False, "no": False, "0": False}
    key = str(value).strip().lower()
    if key not in words:
        raise ValueError
    return words[key]


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
