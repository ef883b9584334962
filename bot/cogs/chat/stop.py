from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _


@command()
async def stop(context: CommandContext) -> None:
    """Stop characters from answering here."""
    was_on = (await context.engine.scene(context.place)).is_active
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
