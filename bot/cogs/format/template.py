"""Templates for prompts: context, instruct, system prompt, prompt list."""

import io
import json
from typing import Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import presets
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.templates import (
    KINDS,
    choose_template,
    edit_form,
    overview,
    preset_named,
)
from core.policy.permissions import Action, demand
from core.presets.preset import PresetKind, write_preset

Layer = Literal["context", "instruct", "system", "chat"]


@command()
@app_commands.rename(context_template="context")
@app_commands.autocomplete(
    instruct=presets(PresetKind.INSTRUCT),
    context_template=presets(PresetKind.CONTEXT),
    system=presets(PresetKind.SYSTEM),
    chat=presets(PresetKind.CHAT),
)
async def use(
    context: CommandContext,
    instruct: str | None = None,
    context_template: str | None = None,
    system: str | None = None,
    chat: str | None = None,
) -> None:
    """Choose this channel's templates. Use “-” for automatic.

    Parameters
    ----------
    instruct: str
        Instruct template (text completion) or “off”. Its context template comes with it
    context_template: str
        Context template (text completion)
    system: str
        System prompt (text completion)
    chat: str
        Prompt list (chat completion)
    """
    given = {
        PresetKind.INSTRUCT: instruct,
        PresetKind.CONTEXT: context_template,
        PresetKind.SYSTEM: system,
        PresetKind.CHAT: chat,
    }
    wishes = {kind: name for kind, name in given.items() if name is not None}
    # All are looked up before any is stored: a refusal changes nothing.
    for kind, name in wishes.items():
        await preset_named(context, kind, name)
    for kind, name in wishes.items():
        await choose_template(context, kind, name)
    await context.say(embed=await overview(context))


@command()
async def show(context: CommandContext) -> None:
    """Show the templates used in this channel."""
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    await context.say(embed=await overview(context))


@command(defers=False)
async def edit(context: CommandContext, layer: Layer) -> None:
    """Edit a template used in this channel.

    Parameters
    ----------
    layer: Literal
        Which template
    """
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    await (await edit_form(context, KINDS[layer])).open(context.interaction)


@command()
async def reset(context: CommandContext, layer: Layer) -> None:
    """Reset a template used in this channel to its original.

    Parameters
    ----------
    layer: Literal
        Which template
    """
    kind = KINDS[layer]
    name = await context.engine.models.template_name(context.place, kind)
    was_changed = await context.services.presets.reset(context.actor, context.place, kind, name)
    text = (
        N_("“{name}” is back to its original.")
        if was_changed
        else N_("“{name}” has no changes to undo.")
    )
    await context.say(_(text, name=name))


@command()
async def export(context: CommandContext, layer: Layer) -> None:
    """Download a template used in this channel.

    Parameters
    ----------
    layer: Literal
        Which template
    """
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    kind = KINDS[layer]
    name = await context.engine.models.template_name(context.place, kind)
    preset = await context.services.presets.get(context.place, kind, name)
    text = json.dumps(write_preset(preset), ensure_ascii=False, indent=4)
    safe = "".join(sign for sign in name if sign.isalnum() or sign in " -_.") or "preset"
    await context.say(files=[discord.File(io.BytesIO(text.encode()), f"{safe}.json")])
