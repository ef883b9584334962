"""`/lorebook test`"""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.i18n import _
from bot.views.lore import woken_lines


@app_commands.command()
async def test(interaction: Interaction, text: app_commands.Range[str, 1, 2000]) -> None:
    """See which entries a message would wake, and why.

    Parameters
    ----------
    text: str
        A message as somebody might write it
    """
    context = await command_context(interaction)
    _scene, prompt = await context.engine.inspect(context.place, context.actor, typed=text)
    lines = woken_lines(prompt)
    if not lines:
        hint = _("`/lorebook list` shows what is in use here.")
        await context.say(_("Nothing would wake.") + " " + hint)
        return
    heading = _("Awake with this message and those before it (✗: held back):")
    await context.say("\n".join([heading, *lines]))
