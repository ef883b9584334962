from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.lore import lore_lines


@command()
async def test(context: CommandContext, text: app_commands.Range[str, 1, 2000]) -> None:
    """See which entries a message would trigger, and why.

    Parameters
    ----------
    text: str
        A message someone could write
    """
    _scene, prompt = await context.engine.inspect(context.place, context.actor, typed=text)
    lines = lore_lines(prompt)
    if not lines:
        hint = _("See what's used here with `/lorebook list`.")
        await context.say(_("This message wouldn't trigger any lorebook entries.") + " " + hint)
        return
    heading = _("With this message and the ones before it (✗ = left out):")
    await context.say("\n".join([heading, *lines]))
