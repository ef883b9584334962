"""`/lorebook delete`"""

from discord import app_commands

from bot.cogs._autocomplete import lore_entries, lorebooks
from bot.cogs._context import Interaction, here
from bot.i18n import _
from bot.views.confirm import confirmed


@app_commands.command()
@app_commands.autocomplete(book=lorebooks, entry=lore_entries)
async def delete(interaction: Interaction, book: str, entry: str | None = None) -> None:
    """Delete a lorebook, or one of its entries.

    Parameters
    ----------
    book: str
        Which lorebook
    entry: str
        Only this entry
    """
    place = await here(interaction)
    lore = place.services.lorebooks
    if entry is not None:
        uid = int(entry) if entry.isdigit() else -1
        await lore.delete_entry(place.actor, place.place, book, uid)
        await place.say(_("The entry is deleted from **{book}**.", book=book))
        return
    stored = await lore.find(place.place, book)
    name = stored.book.name
    if await confirmed(place, _("Delete **{name}** with all its entries?", name=name), _("Delete")):
        await lore.delete(place.actor, place.place, name)
        await place.say(_("**{name}** is deleted.", name=name))
