"""How much the model thinks, and how much of it you see."""

import io
from typing import Any, Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import presets
from bot.cogs._command import command
from bot.command_context import CommandContext, command_context
from bot.i18n import _
from core.chat.message import Message
from core.options.table import REASONING_EFFORT, REASONING_PRESET, REASONING_SHOWN
from core.presets.preset import PresetKind

NOTHING = "-"
"""Typed as a name it takes the choice back."""
SPOILER = 1900


@command()
async def effort(
    context: CommandContext,
    level: Literal["default", "none", "minimal", "low", "medium", "high", "max"],
) -> None:
    """Choose how much the model thinks before it answers.

    Parameters
    ----------
    level: Literal
        default = up to the model
    """
    await context.set(REASONING_EFFORT, None if level == "default" else level)
    active_model = await context.engine.models.active(context.place)
    lines = [_("Thinking: **{level}**.", level=_(level))]
    if level != "default" and active_model.spec.traits(active_model.model).effort == "none":
        lines.append(
            _(
                "⚠ {name} doesn't have this setting for its model, so nothing changes.",
                name=active_model.spec.name,
            )
        )
    await context.say("\n".join(lines))


@command()
async def display(context: CommandContext, under_replies: bool) -> None:
    """Show or hide the model's thinking under replies.

    Parameters
    ----------
    under_replies: bool
        Whether to show it, behind a spoiler
    """
    await context.set(REASONING_SHOWN, under_replies)
    await context.say(
        _("Thinking is now shown under replies, behind a spoiler.")
        if under_replies
        else _("Thinking is now hidden. See it any time with `/connect reasoning show`.")
    )


@command()
@app_commands.autocomplete(name=presets(PresetKind.REASONING))
async def marks(context: CommandContext, name: str) -> None:
    """Choose the tags around the model's thinking. Use “-” for all common ones.

    Parameters
    ----------
    name: str
        A preset of tags
    """
    if name.strip() == NOTHING:
        await context.set(REASONING_PRESET, None)
        await context.say(_("All common thinking tags are recognized now."))
        return
    found = await context.services.presets.get(context.place, PresetKind.REASONING, name)
    chosen = found.name or name.strip()
    await context.set(REASONING_PRESET, chosen)
    await context.say(_("Thinking tags: **{name}**.", name=chosen))


@command()
async def show(context: CommandContext) -> None:
    """Show what the model was thinking before the last reply."""
    await tell_thoughts(context, await context.engine.thoughts(context.place))


@app_commands.context_menu(name="Show thinking")
async def show_thinking(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """What the model thought before this message."""
    context = await command_context(interaction)
    await tell_thoughts(context, await context.engine.thoughts(context.place, message.id))


async def tell_thoughts(context: CommandContext, turn: Message) -> None:
    """Answers with a turn's thinking: under a spoiler, or as a file where it is long."""
    thoughts = turn.swipes[turn.active].reasoning if turn.swipes else ""
    if not thoughts:
        await context.say(_("There's no thinking saved for this message."))
        return
    safe = thoughts.replace("||", "|\u200b|")
    if len(safe) <= SPOILER:
        await context.say(f"||{safe}||")
        return
    file = discord.File(io.BytesIO(thoughts.encode()), "SPOILER_thinking.txt")
    await context.say(_("Here's what the model was thinking:"), file=file)
