"""How much the model thinks, and what of it is shown."""

import io
from typing import Any, Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import presets
from bot.cogs._context import Here, Interaction, here
from bot.i18n import _
from core.backends.spec import Effort
from core.chat.message import Message
from core.options.table import REASONING_EFFORT, REASONING_PRESET, REASONING_SHOWN
from core.presets.kinds import PresetKind

NOTHING = "-"
"""Typed as a name it takes the choice back."""
SPOILER = 1900


@app_commands.command()
async def effort(
    interaction: Interaction,
    level: Literal["default", "none", "minimal", "low", "medium", "high", "max"],
) -> None:
    """Choose how much the model may think before it answers.

    Parameters
    ----------
    level: Literal
        default leaves it to the model
    """
    place = await here(interaction)
    options = place.services.options
    if level == "default":
        await options.reset(place.actor, place.place, REASONING_EFFORT)
    else:
        await options.set(place.actor, place.place, REASONING_EFFORT, level)
    active_model = await place.engine.active_model(place.place)
    lines = [_("Thinking: **{level}**.", level=_(level))]
    if level != "default" and active_model.spec.traits(active_model.model).effort is Effort.NONE:
        lines.append(
            _(
                "⚠ {name} has no such setting for its model, so nothing changes.",
                name=active_model.spec.name,
            )
        )
    await place.say("\n".join(lines))


@app_commands.command()
async def display(interaction: Interaction, under_replies: bool) -> None:
    """Choose whether thinking is shown under replies, behind a spoiler.

    Parameters
    ----------
    under_replies: bool
        Otherwise it is shown on request only
    """
    place = await here(interaction)
    await place.services.options.set(place.actor, place.place, REASONING_SHOWN, under_replies)
    if under_replies:
        await place.say(_("Thinking is shown under replies, behind a spoiler."))
    else:
        await place.say(_("Thinking is shown on request only: `/connect reasoning show`."))


@app_commands.command()
@app_commands.autocomplete(name=presets(PresetKind.REASONING))
async def marks(interaction: Interaction, name: str) -> None:
    """Choose the marks between which the model thinks; “-” knows all usual ones.

    Parameters
    ----------
    name: str
        A preset of marks
    """
    place = await here(interaction)
    options = place.services.options
    if name.strip() == NOTHING:
        await options.reset(place.actor, place.place, REASONING_PRESET)
        await place.say(_("All usual marks of thinking are known here."))
        return
    found = await place.services.presets.get(place.place, PresetKind.REASONING, name)
    chosen = found.name or name.strip()
    await options.set(place.actor, place.place, REASONING_PRESET, chosen)
    await place.say(_("Marks of thinking: **{name}**.", name=chosen))


@app_commands.command()
async def show(interaction: Interaction) -> None:
    """Show what the model thought before the newest reply."""
    place = await here(interaction)
    await tell_thoughts(place, await place.engine.thoughts(place.place))


@app_commands.context_menu(name="Show thinking")
async def show_thinking(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """What the model thought before this message."""
    place = await here(interaction)
    await tell_thoughts(place, await place.engine.thoughts(place.place, message.id))


async def tell_thoughts(place: Here, turn: Message) -> None:
    """Answers with a turn's thinking: under a spoiler, or as a file where it is long."""
    thoughts = turn.swipes[turn.active].reasoning if turn.swipes else ""
    if not thoughts:
        await place.say(_("Nothing is known of any thinking before this message."))
        return
    safe = thoughts.replace("||", "|\u200b|")
    if len(safe) <= SPOILER:
        await place.say(f"||{safe}||")
        return
    file = discord.File(io.BytesIO(thoughts.encode()), "SPOILER_thinking.txt")
    await place.say(_("What the model thought:"), file=file)
