"""How the model chooses its words: temperature and more."""

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.cogs._autocomplete import LONGEST, Rows, suggestions
from bot.cogs._command import command
from bot.command_context import CommandContext, Interaction
from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.panels import pages
from bot.views.sampler_values import set_sampler
from bot.views.samplers import (
    help_line,
    in_use,
    shown,
    written,
)
from bot.wording.values import span
from core.backends.sampling import accepted
from core.errors import NotFound, TavernError
from core.options.table import SAMPLER_PRESET, SAMPLERS
from core.samplers.table import ALL_SAMPLERS
from core.services.presets import sampler_folder

NOTHING = "-"
"""Typed as a preset's name it takes the choice back."""


@suggestions
async def _names(context: CommandContext) -> Rows:
    try:
        active_model = await context.engine.models.active(context.place)
        values = await context.engine.models.samplers(active_model)
        rows = accepted(active_model.spec, active_model.model)
    except TavernError:
        values, rows = {}, list(ALL_SAMPLERS.values())
    return [
        (f"{row.id} · {span(row)} · {shown(values.get(row.id, row.neutral))}", row.id)
        for row in rows
    ]


async def _values(interaction: Interaction, typed: str) -> list[Choice[str]]:
    row = ALL_SAMPLERS.get(str(interaction.namespace.name))
    if row is None:
        return []
    neutral = written(row.neutral)
    first = typed.strip() or neutral
    labels = [(first, first)] if first else []
    labels.append((f"{neutral} · {_(row.help)}", neutral))
    return [
        Choice(name=shortened(label, LONGEST), value=value)
        for label, value in labels
        if 0 < len(value) <= LONGEST
    ]


@suggestions
async def _presets(context: CommandContext) -> Rows:
    active_model = await context.engine.models.active(context.place)
    folder = sampler_folder(active_model.kind)
    names = await context.services.presets.names(context.place, folder)
    return [(name, name) for name in names]


@command()
@app_commands.autocomplete(name=_names, value=_values)
async def set_(context: CommandContext, name: str, value: str) -> None:
    """Change a sampler in this channel.

    Parameters
    ----------
    name: str
        Which sampler; the suggestions show its range and current value
    value: str
        A number, on or off, or a list in brackets
    """
    await context.say(await set_sampler(known(name), context, {"value": value}))


@command()
@app_commands.autocomplete(name=_names)
async def reset(context: CommandContext, name: str | None = None) -> None:
    """Reset one sampler, or all of them.

    Parameters
    ----------
    name: str
        Which one; leave empty to reset all and the preset
    """
    if name is None:
        await context.set(SAMPLERS, None)
        await context.set(SAMPLER_PRESET, None)
    else:
        wanted = known(name)
        held: dict[str, Any] = (await context.services.options.resolve(context.place))[SAMPLERS]
        await context.set(SAMPLERS, {key: held[key] for key in held if key != wanted})
    await _show_overview(context)


@command()
async def show(context: CommandContext) -> None:
    """Show this channel's samplers and what else you can change."""
    active_model = await context.engine.models.active(context.place)
    values = await context.engine.models.samplers(active_model)
    lines = [
        *in_use(active_model, values),
        "",
        _("**{name} supports:**", name=active_model.spec.name),
    ]
    await pages(
        context,
        _("Samplers"),
        lines + [help_line(row) for row in accepted(active_model.spec, active_model.model)],
    )


@command()
@app_commands.autocomplete(name=_presets)
async def preset(context: CommandContext, name: str) -> None:
    """Choose a sampler preset for this channel. Use “-” for none.

    Parameters
    ----------
    name: str
        Which preset
    """
    chosen = None
    if name.strip() != NOTHING:
        active_model = await context.engine.models.active(context.place)
        folder = sampler_folder(active_model.kind)
        found = await context.services.presets.get(context.place, folder, name)
        chosen = found.name or name.strip()
    await context.set(SAMPLER_PRESET, chosen)
    await _show_overview(context)


def known(name: str) -> str:
    """The sampler's id. Raises NotFound."""
    wanted = name.strip().lower()
    if wanted not in ALL_SAMPLERS:
        raise NotFound(what="sampler", name=name)
    return wanted


async def _show_overview(context: CommandContext) -> None:
    active_model = await context.engine.models.active(context.place)
    lines = in_use(active_model, await context.engine.models.samplers(active_model))
    text = "\n".join(lines)[:4000]
    await context.say(embed=discord.Embed(title=_("Samplers"), description=text))
