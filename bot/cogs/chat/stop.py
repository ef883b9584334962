"""`/chat stop`"""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.i18n import _


@app_commands.command()
async def stop(interaction: Interaction) -> None:
    """Stop characters from answering here."""
    context = await command_context(interaction)
    was_on = await context.engine.active(context.place)
    await context.engine.stop_chat(context.place, context.actor)
    await context.channel.stop()
    if was_on:
        await context.say(
            _(
                "The chat is off. The story is saved, so you can pick it up again "
                "with `/chat start`."
            )
        )
    else:
        await context.say(_("The chat is already off. Turn it on with `/chat start`."))
