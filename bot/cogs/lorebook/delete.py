from discord import app_commands

from bot.cogs._autocomplete import lore_entries, lorebooks
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.confirm import confirmed


@command()
@app_commands.autocomplete(book=lorebooks, entry=lore_entries)
async def delete(context: CommandContext, book: str, entry: str | None = None) -> None:
    """Delete a lorebook, or one of its entries.

    Parameters
    ----------
    book: str
        Which lorebook
    entry: str
        Only this entry
    """
    lore = context.services.lorebooks
    if entry is not None:
        uid = int(entry) if entry.isdigit() else -1
        await lore.delete_entry(context.actor, context.place, book, uid)
        await context.say(_("The entry has been deleted from **{book}**.", book=book))
        return
    stored = await lore.find(context.place, book)
    name = stored.book.name
    if await confirmed(
        context,
        _("Delete **{name}** and all its entries? You can't undo this.", name=name),
        _("Delete"),
    ):
        await lore.delete(context.actor, context.place, name)
        await context.say(_("**{name}** has been deleted.", name=name))
