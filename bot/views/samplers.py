"""Sampler values as people read them."""

from collections.abc import Mapping
from typing import Any

from bot.i18n import _, ngettext
from bot.wording.values import between, number, span
from core.backends.sampling import clipped, unused_samplers
from core.models_in_use.models import ActiveModel
from core.options.table import SAMPLER_PRESET, SAMPLERS
from core.samplers.sampler import Sampler
from core.samplers.table import ALL_SAMPLERS


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


def in_use(active_model: ActiveModel, values: Mapping[str, Any]) -> list[str]:
    """One line per value that is sent, and one for those that are not."""
    own: dict[str, Any] = active_model.options[SAMPLERS]
    left_out = unused(active_model, values)
    sent = clipped(active_model.spec, values)
    preset = active_model.options[SAMPLER_PRESET]
    lines = [_("Preset: **{name}**", name=preset) if preset else _("Preset: none")]
    for id_, value in values.items():
        if id_ not in left_out and id_ in ALL_SAMPLERS:
            mark = f" · {_('set here')}" if id_ in own else ""
            lines.append(f"`{id_}` = **{shown(sent[id_])}**{mark}")
            if sent[id_] != value:
                lines.append(clipped_line(active_model, id_, value, sent[id_]))
    wished = [id_ for id_ in left_out if id_ in own or preset]
    if wished:
        lines.append(unused_line(active_model, wished))
    return lines


def unused(active_model: ActiveModel, values: Mapping[str, Any]) -> list[str]:
    """The values that neither the backend nor its model has a use for."""
    parameters = active_model.facts.probe.parameters
    return unused_samplers(active_model.spec, values, active_model.model, parameters)


def clipped_line(active_model: ActiveModel, name: str, wanted: Any, sent: Any) -> str:
    """Says that a value is moved to the end of what the backend takes."""
    low, high = active_model.spec.sampling.ranges[name]
    return _(
        "-# {name} takes {range} for `{sampler}`, so {sent} is sent instead of {wanted}.",
        name=active_model.spec.name,
        range=between(low, high),
        sampler=name,
        sent=shown(sent),
        wanted=shown(wanted),
    )


def unused_line(active_model: ActiveModel, names: list[str]) -> str:
    """Says what the backend has no use for."""
    listed = ", ".join(f"`{id_}`" for id_ in names)
    return ngettext(
        "⚠ {name} doesn't support {listed}, so it's not sent.",
        "⚠ {name} doesn't support {listed}, so they're not sent.",
        len(names),
        name=active_model.spec.name,
        listed=listed,
    )
