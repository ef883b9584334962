from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.pages import pages
from core.characters.names import display_name
from core.storage.characters import CharacterEntry


@command()
async def list_(context: CommandContext) -> None:
    """Show all characters of this server."""
    found = await context.services.characters.list(context.place)
    if not found:
        await context.say(
            _(
                "There are no characters yet. Add a card with `/character import` or write one "
                "with `/character new`."
            )
        )
        return
    lines = [line_of(entry) for entry in found]
    await pages(context, _("Characters"), lines)


def line_of(entry: CharacterEntry) -> str:
    """One character as a line: the name and how the card's notes or description begin."""
    summary = f" — {shortened(entry.summary, 90)}" if entry.summary else ""
    return f"- **{display_name(entry.name)}**{summary}"
