"""Sampler values as people read them."""

from collections.abc import Mapping
from typing import Any

from bot.expected import number, span
from bot.i18n import _
from core.backends.sampler_wire import wire_samplers
from core.engine.standing import Standing
from core.options import SAMPLER_PRESET, SAMPLERS
from core.samplers import Sampler, accepted, samplers


def shown(value: Any) -> str:
    """A value, short and unambiguous."""
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, int | float):
        return number(value)
    return str(value)


def written(value: Any) -> str:
    """A value as it is typed; the words for switches are the same in every language."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def help_line(row: Sampler) -> str:
    """Name, range and what it does."""
    return f"`{row.id}` ({span(row)}): {_(row.help)}"


def unused(standing: Standing, values: Mapping[str, Any]) -> list[str]:
    """The samplers that were set and that this backend has no use for."""
    _body, found = wire_samplers(standing.spec, values, standing.model)
    return found


def in_use(standing: Standing, values: Mapping[str, Any]) -> list[str]:
    """One line per value that is sent, and one for those that are not."""
    own: dict[str, Any] = standing.options[SAMPLERS]
    left_out = unused(standing, values)
    preset = standing.options[SAMPLER_PRESET]
    lines = [_("Preset: **{name}**", name=preset) if preset else _("Preset: none")]
    for id_, value in values.items():
        if id_ not in left_out and id_ in samplers():
            mark = f" · {_('set here')}" if id_ in own else ""
            lines.append(f"`{id_}` = **{shown(value)}**{mark}")
    wished = [id_ for id_ in left_out if id_ in own or preset]
    if wished:
        lines.append(unused_line(standing, wished))
    return lines


def unused_line(standing: Standing, names: list[str]) -> str:
    """Says what the backend has no use for."""
    listed = ", ".join(f"`{id_}`" for id_ in names)
    return _("⚠ {name} has no use for {listed}: not sent.", name=standing.spec.name, listed=listed)


def takes(standing: Standing) -> list[Sampler]:
    """What can be set for the model that answers here."""
    return accepted(standing.spec, standing.model)
