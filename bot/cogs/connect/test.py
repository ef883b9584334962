from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.connection_test import FixButtons, checkup_text
from core.policy.permissions import Action, demand


@command()
async def test(context: CommandContext, say: app_commands.Range[str, 1, 200] | None = None) -> None:
    """Test this channel's model and find out what's wrong.

    Parameters
    ----------
    say: str
        What to say to it
    """
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    asked = say or _("Say hello in one short sentence.")
    checkup = await context.engine.doctor.check_up(context.place, context.actor, asked)
    await context.say(checkup_text(checkup), view=FixButtons(context, checkup, asked))
