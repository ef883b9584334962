"""Presets of other programs: in and out."""

import asyncio
from collections.abc import Mapping

import discord
from discord import app_commands

from bot.cogs._context import Here, Interaction, here
from bot.i18n import N_, _
from bot.views.pages import leaf_through, leaves_of
from bot.wording.sentences import PHRASES
from core.errors import InvalidPreset
from core.presets.kinds import PresetKind
from core.services.presets import CHOICES
from core.transfer.presets import presets_of
from core.untrusted.size import beyond

LARGEST = 2**20
TITLES: Mapping[PresetKind, str] = {
    PresetKind.CONTEXT: N_("Context templates"),
    PresetKind.INSTRUCT: N_("Instruct templates"),
    PresetKind.SYSTEM: N_("System prompts"),
    PresetKind.CHAT: N_("Prompt lists"),
    PresetKind.SAMPLER_TEXT: N_("Samplers for text completion"),
    PresetKind.SAMPLER_CHAT: N_("Samplers for chat completion"),
    PresetKind.REASONING: N_("Marks of thinking"),
}


@app_commands.command(name="import")
async def import_(interaction: Interaction, file: discord.Attachment, use: bool = True) -> None:
    """Add a preset file of SillyTavern: templates, prompt lists, samplers.

    Parameters
    ----------
    file: discord.Attachment
        The JSON file
    use: bool
        Use it in this channel at once
    """
    place = await here(interaction)
    if file.size > LARGEST:
        raise InvalidPreset(beyond(LARGEST), file=file.filename)
    found = await asyncio.to_thread(presets_of, await file.read(), file.filename)
    if not found:
        raise InvalidPreset("it holds no preset", file=file.filename)
    for kind, preset in found:
        await place.services.presets.put(place.actor, place.place, kind, preset)
        if use:
            await _use(place, kind, preset.name)
    names = ", ".join(f"“{preset.name}” ({_(PHRASES[kind.value])})" for kind, preset in found)
    if use:
        await place.say(_("{names}: added, and in use in this channel.", names=names))
    else:
        await place.say(_("{names}: added.", names=names))


@app_commands.command(name="list")
async def list_(interaction: Interaction) -> None:
    """Show all presets that can be chosen here."""
    place = await here(interaction)
    leaves = []
    for kind, title in TITLES.items():
        names = await place.services.presets.names(place.place, kind)
        leaves += leaves_of(_(title), [", ".join(names)])
    await leaf_through(place, leaves)


async def _use(place: Here, kind: PresetKind, name: str) -> None:
    if kind in CHOICES:
        await place.services.options.set(place.actor, place.place, CHOICES[kind], name)
