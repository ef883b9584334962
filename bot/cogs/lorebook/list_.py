"""`/lorebook list`"""

from discord import app_commands

from bot.cogs._autocomplete import lorebooks
from bot.cogs._context import Interaction, here
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _, ngettext
from bot.views.pages import pages
from core.chat.place import Scope
from core.lorebook import Entry
from core.storage.lorebooks import PERSONA

SCOPES: dict[str, str] = {
    Scope.THREAD: N_("this thread"),
    Scope.CHANNEL: N_("this channel"),
    Scope.CATEGORY: N_("this category"),
    Scope.SERVER: N_("the whole server"),
    Scope.CHARACTER: N_("a character"),
    PERSONA: N_("a persona"),
}


@app_commands.command()
@app_commands.autocomplete(book=lorebooks)
async def list_(interaction: Interaction, book: str | None = None) -> None:
    """Show the lorebooks here, or the entries of one.

    Parameters
    ----------
    book: str
        Whose entries
    """
    place = await here(interaction)
    if book is not None:
        stored = await place.services.lorebooks.find(place.place, book)
        lines = [line_of(entry) for entry in stored.book.entries]
        await pages(place, stored.book.name, lines or [_("It has no entries yet.")])
        return
    found = await place.services.lorebooks.list(place.place)
    if not found:
        await place.say(
            _("There is no lorebook yet. `/lorebook import` adds one, `/lorebook new` begins one.")
        )
        return
    used: dict[int, list[str]] = {}
    for binding in await place.services.lorebooks.bindings(place.place):
        used.setdefault(binding.book.id, []).append(binding.scope)
    lines = []
    for entry in found:
        number = ngettext("{number} entry", "{number} entries", len(entry.book.entries))
        scopes = ", ".join(_(SCOPES.get(scope, scope)) for scope in used.get(entry.id, []))
        mark = f" — {_('in use')}: {scopes}" if scopes else ""
        lines.append(f"- **{entry.book.name}** ({number}){mark}")
    await pages(place, _("Lorebooks"), lines)


def line_of(entry: Entry) -> str:
    """One entry as a line: number, title or keys, beginning of the content."""
    title = entry.comment or ", ".join(entry.keys) or (_("always") if entry.constant else "—")
    state = "" if entry.enabled else f" ({_('off')})"
    text = shortened(entry.content.replace("\n", " "), 80)
    return f"`{entry.uid}` **{shortened(title, 60)}**{state} — {text}"
