from discord import app_commands

from bot.cogs._autocomplete import lorebooks
from bot.cogs._command import command
from bot.command_context import CommandContext
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


@command()
@app_commands.autocomplete(book=lorebooks)
async def list_(context: CommandContext, book: str | None = None) -> None:
    """Show all lorebooks, or the entries of one.

    Parameters
    ----------
    book: str
        Show this lorebook's entries
    """
    if book is not None:
        stored = await context.services.lorebooks.find(context.place, book)
        lines = [line_of(entry) for entry in stored.book.entries]
        await pages(context, stored.book.name, lines or [_("No entries yet.")])
        return
    found = await context.services.lorebooks.list(context.place)
    if not found:
        await context.say(
            _(
                "There are no lorebooks yet. Add one with `/lorebook import` or start one with "
                "`/lorebook new`."
            )
        )
        return
    used: dict[int, list[str]] = {}
    for binding in await context.services.lorebooks.bindings(context.place):
        used.setdefault(binding.book.id, []).append(binding.scope)
    lines = []
    for entry in found:
        number = ngettext("{number} entry", "{number} entries", len(entry.book.entries))
        scopes = ", ".join(_(SCOPES.get(scope, scope)) for scope in used.get(entry.id, []))
        mark = f" — {_('used in')}: {scopes}" if scopes else ""
        lines.append(f"- **{entry.book.name}** ({number}){mark}")
    await pages(context, _("Lorebooks"), lines)


def line_of(entry: Entry) -> str:
    """One entry as a line: number, title or keys, beginning of the content."""
    title = entry.comment or ", ".join(entry.keys) or (_("always on") if entry.constant else "—")
    state = "" if entry.enabled else f" ({_('off')})"
    text = shortened(entry.content.replace("\n", " "), 80)
    return f"`{entry.uid}` **{shortened(title, 60)}**{state} — {text}"
