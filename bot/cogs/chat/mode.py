from typing import Literal

from bot.cogs._command import command
from bot.cogs._start_chat import begin_reading
from bot.command_context import CommandContext
from bot.i18n import _


@command()
async def mode(context: CommandContext, answer: Literal["every", "mention"]) -> None:
    """Choose when characters answer in this channel.

    Parameters
    ----------
    answer: Literal
        Every message, or only when mentioned or replied to
    """
    await begin_reading(context)
    await context.services.options.switch_chat(context.actor, context.place, answer)
    if not (await context.engine.scene(context.place)).members:
        await context.say(_("There's no character here yet. Bring one in with `/chat start`."))
    elif answer == "every":
        await context.say(_("Characters now answer every message in this channel."))
    else:
        await context.say(_("Characters now only answer when mentioned or replied to."))
