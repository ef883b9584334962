"""Presets from other programs."""

import asyncio
from collections.abc import Mapping

import discord

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.panels import leaf_through, leaves_of
from bot.wording.sentences import PHRASES
from core.errors import InvalidPreset
from core.policy.permissions import Action, demand
from core.presets.preset import PresetKind
from core.reasons import Reason
from core.services.presets import CHOICES
from core.transfer.files import presets_of

LARGEST = 2**20
TITLES: Mapping[PresetKind, str] = {
    PresetKind.CONTEXT: N_("Context templates"),
    PresetKind.INSTRUCT: N_("Instruct templates"),
    PresetKind.SYSTEM: N_("System prompts"),
    PresetKind.CHAT: N_("Prompt lists"),
    PresetKind.SAMPLER_TEXT: N_("Samplers for text completion"),
    PresetKind.SAMPLER_CHAT: N_("Samplers for chat completion"),
    PresetKind.REASONING: N_("Thinking tags"),
}


@command()
async def import_(context: CommandContext, file: discord.Attachment, use: bool = True) -> None:
    """Add a SillyTavern preset: templates, prompt lists or samplers.

    Parameters
    ----------
    file: discord.Attachment
        The JSON file
    use: bool
        Use it in this channel right away
    """
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    if file.size > LARGEST:
        raise InvalidPreset(Reason.TOO_LARGE, largest=LARGEST, file=file.filename)
    found = await asyncio.to_thread(presets_of, await file.read(), file.filename)
    if not found:
        raise InvalidPreset(Reason.NO_PRESET, file=file.filename)
    for kind, preset in found:
        await context.services.presets.put(context.actor, context.place, kind, preset)
        if use and kind in CHOICES:
            await context.set(CHOICES[kind], preset.name)
    names = ", ".join(f"“{preset.name}” ({_(PHRASES[kind.value])})" for kind, preset in found)
    text = N_("Added and now used in this channel: {names}") if use else N_("Added: {names}")
    await context.say(_(text, names=names))


@command()
async def list_(context: CommandContext) -> None:
    """Show all presets you can choose from."""
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    leaves = []
    for kind, title in TITLES.items():
        names = await context.services.presets.names(context.place, kind)
        leaves += leaves_of(_(title), [", ".join(names)])
    await leaf_through(context, leaves)
