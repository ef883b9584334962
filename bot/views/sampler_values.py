"""The samplers of a place, each with its text and how it is changed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.format_page import FormatValue
from bot.views.forms import Field
from bot.views.samplers import clipped_line, help_line, shown, unused, unused_line, written
from bot.wording.values import span
from core.backends.sampling import accepted, clipped
from core.models_in_use.models import ActiveModel
from core.options.table import SAMPLER_PRESET, SAMPLERS
from core.samplers.checks import check
from core.samplers.sampler import Sampler
from core.samplers.table import ALL_SAMPLERS
from core.services.presets import CHOICES, sampler_folder

MOST = 23
"""Samplers in one select, beside the preset."""
NOTHING = "-"


async def sampler_values(context: CommandContext) -> Sequence[FormatValue]:
    """The preset, what is set, then what else the backend takes."""
    active_model = await context.engine.models.active(context.place)
    held = await context.engine.models.samplers(active_model)
    taken = accepted(active_model.spec, active_model.model)
    left_out = unused(active_model, held)
    first = [row for row in taken if row.id in held]
    rows = [*first, *(row for row in taken if row.id not in held)][:MOST]
    preset = active_model.options[SAMPLER_PRESET]
    values = [
        FormatValue(
            "preset",
            _("Preset"),
            preset or _("none"),
            _set_preset,
            (Field("name", _("Name"), _("“-” = none")).filled(preset or ""),),
        )
    ]
    for row in rows:
        why_not = _("the model doesn't take it") if row.id in left_out else ""
        values.append(_value(active_model, row, held, why_not))
    return values


def _value(
    active_model: ActiveModel, row: Sampler, held: dict[str, Any], why_not: str
) -> FormatValue:
    text = shown(clipped(active_model.spec, held)[row.id]) if row.id in held else "–"
    hint = _("{range}; empty = not set here", range=span(row))
    field = Field("value", row.id, hint, required=False)
    if row.id in held:
        field = field.filled(written(held[row.id]))
    return FormatValue(row.id, row.id, text, partial(set_sampler, row.id), (field,), why_not)


async def set_sampler(name: str, context: CommandContext, typed: dict[str, str]) -> str:
    """One sampler's value here; an empty one takes it back."""
    active_model = await context.engine.models.active(context.place)
    held: dict[str, Any] = active_model.options[SAMPLERS]
    text = typed["value"].strip()
    if text in ("", NOTHING):
        await context.set(SAMPLERS, {key: held[key] for key in held if key != name})
        return _("`{name}` is no longer set in this channel.", name=name)
    wanted = check(name, text)
    await context.set(SAMPLERS, {**held, name: wanted})
    sent = clipped(active_model.spec, {name: wanted})[name]
    lines = [
        _("`{name}` is now **{value}** in this channel.", name=name, value=shown(sent)),
        f"-# {help_line(ALL_SAMPLERS[name])}",
    ]
    if sent != wanted:
        lines.append(clipped_line(active_model, name, wanted, sent))
    if name in unused(active_model, {name: wanted}):
        lines.append(unused_line(active_model, [name]))
    return "\n".join(lines)


async def _set_preset(context: CommandContext, typed: dict[str, str]) -> str:
    active_model = await context.engine.models.active(context.place)
    kind = sampler_folder(active_model.kind)
    name = typed["name"].strip()
    if name in ("", NOTHING):
        await context.set(CHOICES[kind], None)
        return _("No preset of samplers is used in this channel now.")
    found = await context.services.presets.get(context.place, kind, name)
    await context.set(CHOICES[kind], found.name)
    return _("This channel now uses “{name}”.", name=found.name)
