"""`/chat mode`"""

from typing import Literal

from discord import app_commands

from bot.cogs._start_chat import begin_reading
from bot.command_context import Interaction, command_context
from bot.i18n import _


@app_commands.command()
async def mode(interaction: Interaction, answer: Literal["every", "mention"]) -> None:
    """Choose when characters answer in this channel.

    Parameters
    ----------
    answer: Literal
        Every message, or only when mentioned or replied to
    """
    context = await command_context(interaction)
    await begin_reading(context)
    await context.services.options.switch_chat(context.actor, context.place, answer)
    if not await context.engine.cast(context.place):
        await context.say(_("There's no character here yet. Bring one in with `/chat start`."))
    elif answer == "every":
        await context.say(_("Characters now answer every message in this channel."))
    else:
        await context.say(_("Characters now only answer when mentioned or replied to."))
