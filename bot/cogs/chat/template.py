"""How prompts are laid out here: context, instruct, system prompt, prompt list."""

import io
from typing import Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import presets
from bot.cogs._context import Interaction, at, here
from bot.cogs._format import choose_template, preset_named
from bot.i18n import _
from bot.views.templates import KINDS, document_file, edit_form, overview
from core.policy.permissions import Action, demand
from core.presets.kinds import PresetKind

Layer = Literal["context", "instruct", "system", "chat"]


@app_commands.command()
@app_commands.autocomplete(
    instruct=presets(PresetKind.INSTRUCT),
    context=presets(PresetKind.CONTEXT),
    system=presets(PresetKind.SYSTEM),
    chat=presets(PresetKind.CHAT),
)
async def use(
    interaction: Interaction,
    instruct: str | None = None,
    context: str | None = None,
    system: str | None = None,
    chat: str | None = None,
) -> None:
    """Choose the templates of this channel; “-” takes a choice back.

    Parameters
    ----------
    instruct: str
        Instruct template (text completion), or “off”; its context template comes with it
    context: str
        Context template (text completion)
    system: str
        System prompt (text completion)
    chat: str
        Prompt list (chat completion)
    """
    place = await here(interaction)
    given = {
        PresetKind.INSTRUCT: instruct,
        PresetKind.CONTEXT: context,
        PresetKind.SYSTEM: system,
        PresetKind.CHAT: chat,
    }
    wishes = {kind: name for kind, name in given.items() if name is not None}
    # All are looked up before any is stored: a refusal changes nothing.
    for kind, name in wishes.items():
        await preset_named(place, kind, name)
    for kind, name in wishes.items():
        await choose_template(place, kind, name)
    await place.say(embed=await overview(place))


@app_commands.command()
async def show(interaction: Interaction) -> None:
    """Show the templates in use here."""
    place = await here(interaction)
    await place.say(embed=await overview(place))


@app_commands.command()
async def edit(interaction: Interaction, layer: Layer) -> None:
    """Change the template in use here, in a form.

    Parameters
    ----------
    layer: Literal
        Which of the templates
    """
    place = at(interaction)
    demand(place.actor, Action.MANAGE_PRESETS, place.place)
    form = await edit_form(place, KINDS[layer])
    await interaction.response.send_modal(form.on(place))


@app_commands.command()
async def reset(interaction: Interaction, layer: Layer) -> None:
    """Take back the changes made to the template in use here.

    Parameters
    ----------
    layer: Literal
        Which of the templates
    """
    place = await here(interaction)
    kind = KINDS[layer]
    name = await place.engine.template_name(place.place, kind)
    if await place.services.presets.reset(place.actor, place.place, kind, name):
        await place.say(_("“{name}” is as it came.", name=name))
    else:
        await place.say(_("“{name}” was not changed here.", name=name))


@app_commands.command()
async def export(interaction: Interaction, layer: Layer) -> None:
    """Get the template in use here as a file.

    Parameters
    ----------
    layer: Literal
        Which of the templates
    """
    place = await here(interaction)
    kind = KINDS[layer]
    name = await place.engine.template_name(place.place, kind)
    file_name, data = await document_file(place, kind, name)
    await place.say(files=[discord.File(io.BytesIO(data), file_name)])
