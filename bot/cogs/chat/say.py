"""The story goes on, or back: `/chat say`, `regenerate`, `continue`, `undo` and `clear`."""

import discord
from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.discord_text.splitter import split
from bot.i18n import _
from bot.wording.errors import answer
from core.models_in_use.continuation import continued
from core.policy.permissions import Action, demand


@command()
async def say(context: CommandContext, text: app_commands.Range[str, 1, 2000]) -> None:
    """Say something to the characters here.

    Parameters
    ----------
    text: str
        What you want to say
    """
    if not text.strip():
        await context.say(_("That message is empty. Write what you want to say."))
        return
    line = await context.engine.say(context.place, context.actor, text)
    try:
        await context.channel.show_message(line)
    except discord.HTTPException as error:
        await answer(context.interaction, error, kept=text)
        return
    context.channel.ask(context.actor, 0.0)
    await context.done()


@command()
async def regenerate(context: CommandContext) -> None:
    """Get another version of the last reply. The old one is kept."""
    await context.channel.perform(context.actor, context.engine.regenerate)
    await context.done()


@command()
async def continue_(
    context: CommandContext, text: app_commands.Range[str, 1, 4000] | None = None
) -> None:
    """Let the last reply go on, or give a beginning to go on from.

    Parameters
    ----------
    text: str
        A beginning; what follows it is posted, outside of the story
    """
    if text is not None:
        await go_on_from(context, text)
        return
    await context.channel.perform(context.actor, context.engine.continue_)
    await context.done()


async def go_on_from(context: CommandContext, text: str) -> None:
    """Posts what the model writes after a text: nothing is added to it, and no story is needed."""
    demand(context.actor, Action.SPEAK, context.place)
    models = context.engine.models
    active_model = await models.active(context.place)
    context.channel.charge(context.actor, active_model.options)
    samplers = await models.samplers(active_model)
    words = await continued(models.pool, active_model, samplers, text)
    for piece in split(words.strip()):
        await context.channel.output.say(piece)
    await context.done()


@command()
async def undo(context: CommandContext) -> None:
    """Undo the last message and the replies to it."""
    discord_ids = await context.engine.undo(context.place, context.actor)
    if not discord_ids:
        await context.say(_("There's nothing to undo."))
        return
    # A person's own message stays where the bot may not delete it; it is out of the story.
    await context.channel.output.sweep(discord_ids)
    await context.say(_("Undid the last message and the replies to it."))


@command()
async def clear(context: CommandContext) -> None:
    """Clear the story in this channel and start a new one."""
    await context.engine.clear(context.place, context.actor)
    await context.say(_("Started a new story. Everything said before is forgotten."))
