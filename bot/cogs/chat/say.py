"""`/chat say`: talk without the bot having to read messages."""

from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _


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
    await context.channel.show_message(line)
    context.channel.ask(context.actor, 0.0)
    await context.done()
