from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.pages import pages


@command()
async def list_(context: CommandContext) -> None:
    """Show your personas."""
    found = await context.services.personas.list(context.actor)
    if not found:
        await context.say(_("You don't have a persona yet. Create one with `/persona new`."))
        return
    current = await context.services.personas.current(context.place, context.actor.id)
    lines = []
    for entry in found:
        mark = " ✓" if current is not None and current.id == entry.id else ""
        text = shortened(entry.persona.description.replace("\n", " "), 100)
        lines.append(f"- **{entry.persona.display_name}**{mark}" + (f" — {text}" if text else ""))
    await pages(context, _("Your personas"), lines)
