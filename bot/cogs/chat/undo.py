from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _


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
