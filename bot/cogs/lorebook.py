"""Lorebooks: facts the model gets when they come up."""

import io
from typing import Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import characters, lore_entries, lorebooks, personas
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _, ngettext
from bot.views.forms import Form
from bot.views.lore import entry_fields, entry_form, entry_numbered, entry_title, lore_lines
from bot.views.panels import confirmed, pages
from bot.wording.values import remark_lines
from core.chat.place import Scope
from core.errors import InvalidLorebook
from core.lorebook import Entry
from core.policy.permissions import Action, allowed, demand
from core.reasons import Reason
from core.storage.lorebooks import PERSONA

SCOPES: dict[str, str] = {
    Scope.THREAD: N_("this thread"),
    Scope.CHANNEL: N_("this channel"),
    Scope.CATEGORY: N_("this category"),
    Scope.SERVER: N_("the whole server"),
    Scope.CHARACTER: N_("a character"),
    PERSONA: N_("a persona"),
}
Where = Literal["here", "server"]
SAID: dict[str, str] = {
    Scope.CHARACTER: N_("**{book}** is now used whenever this character speaks."),
    PERSONA: N_("**{book}** is now used whenever you speak as this persona."),
    Scope.SERVER: N_("**{book}** is now used in the whole server."),
    Scope.CHANNEL: N_("**{book}** is now used in this channel."),
}


@command()
async def new(context: CommandContext, name: app_commands.Range[str, 1, 80]) -> None:
    """Create an empty lorebook and use it in this channel.

    Parameters
    ----------
    name: str
        Its name
    """
    stored = await context.services.lorebooks.new(context.actor, context.place, name)
    news = _("Created **{name}**. Add entries with `/lorebook edit`.", name=stored.book.name)
    await context.say(f"{news} {await put_to_use(context, stored.book.name)}")


async def put_to_use(context: CommandContext, name: str) -> str:
    """Binds the book to the channel; says so, or who can do it."""
    if not allowed(context.actor, Action.BIND_LOREBOOKS, context.place):
        return _("Ask someone who manages this server to turn it on with `/lorebook bind`.")
    await context.services.lorebooks.bind(context.actor, context.place, name, Scope.CHANNEL)
    return _("It's now used in this channel.")


@command()
async def import_(
    context: CommandContext,
    file: discord.Attachment,
    use: bool = True,
    name: app_commands.Range[str, 1, 80] | None = None,
) -> None:
    """Add a lorebook from a World Info file, another program's JSON or a card.

    Parameters
    ----------
    file: discord.Attachment
        The file
    use: bool
        Use it in this channel right away
    name: str
        Another name than the file's
    """
    limit = context.engine.settings.limits.card_bytes
    if file.size > limit:
        raise InvalidLorebook(Reason.TOO_LARGE, largest=limit, file=file.filename)
    stored, remarks = await context.services.lorebooks.import_file(
        context.actor, context.place, await file.read(), file.filename, name or ""
    )
    name, number = stored.book.name, len(stored.book.entries)
    text = ngettext(
        "Added **{name}** with {number} entry.",
        "Added **{name}** with {number} entries.",
        number,
        name=name,
    )
    if use:
        text += " " + await put_to_use(context, name)
    await context.say(text + remark_lines(_("Some things to know about this file:"), remarks))


@command()
@app_commands.autocomplete(book=lorebooks)
async def export(context: CommandContext, book: str) -> None:
    """Download a lorebook as a World Info file.

    Parameters
    ----------
    book: str
        Which lorebook
    """
    file_name, data = await context.services.lorebooks.export(context.place, book)
    await context.say(files=[discord.File(io.BytesIO(data), file_name)])


@command(defers=False)
@app_commands.autocomplete(book=lorebooks, entry=lore_entries)
async def edit(context: CommandContext, book: str, entry: str | None = None) -> None:
    """Add an entry to a lorebook, or edit one.

    Parameters
    ----------
    book: str
        Which lorebook
    entry: str
        Which entry; leave empty for a new one
    """
    stored = await context.services.lorebooks.find(context.place, book)
    if stored.created_by != context.actor.id:
        demand(context.actor, Action.CHANGE_LOREBOOKS, context.place)
    before = entry_numbered(stored.book.entries, entry) if entry else None

    async def save(context: CommandContext, values: dict[str, str]) -> None:
        uid = before.uid if before is not None else None
        lore = context.services.lorebooks
        _stored, saved = await lore.put_entry(
            context.actor, context.place, book, uid, entry_fields(values)
        )
        told = _("Saved “{entry}” in **{book}**.", entry=entry_title(saved), book=book)
        await context.say(told + " " + _("Try it out with `/lorebook test`."))

    title = _("Edit entry") if before is not None else _("New entry")
    await Form(title, entry_form(before or Entry()), save).open(context.interaction)


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
        gone = entry_numbered((await lore.find(context.place, book)).book.entries, entry)
        await lore.delete_entry(context.actor, context.place, book, gone.uid)
        await context.say(_("The entry has been deleted from **{book}**.", book=book))
        return
    name = (await lore.find(context.place, book)).book.name
    if await confirmed(
        context,
        _("Delete **{name}** and all its entries? You can't undo this.", name=name),
        _("Delete"),
    ):
        await lore.delete(context.actor, context.place, name)
        await context.say(_("**{name}** has been deleted.", name=name))


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


@command()
@app_commands.autocomplete(book=lorebooks, character=characters, persona=personas)
async def bind(
    context: CommandContext,
    book: str,
    where: Where = "here",
    character: str | None = None,
    persona: str | None = None,
    off: bool = False,
) -> None:
    """Use a lorebook in this channel, the server, or for a character or persona.

    Parameters
    ----------
    book: str
        Which lorebook
    where: Literal
        In this channel or the whole server
    character: str
        Only when this character speaks
    persona: str
        Only when you speak as this persona
    off: bool
        Stop using it there instead
    """
    scope, scope_id = await _target(context, where, character, persona)
    lore = context.services.lorebooks
    if off:
        gone = await lore.unbind(context.actor, context.place, book, scope, scope_id)
        text = _("**{book}** is no longer used there.", book=book)
        await context.say(text if gone else _("**{book}** wasn't used there.", book=book))
        return
    stored = await lore.bind(context.actor, context.place, book, scope, scope_id)
    # In a direct message the channel is all there is.
    shown = Scope.CHANNEL if scope == Scope.SERVER and context.place.guild_id is None else scope
    await context.say(_(SAID[shown], book=stored.book.name))


async def _target(
    context: CommandContext, where: Where, character: str | None, persona: str | None
) -> tuple[str, int | None]:
    if character is not None:
        found = await context.services.characters.find(context.place, character)
        return Scope.CHARACTER.value, found.id
    if persona is not None:
        own = await context.services.personas.find(context.actor, persona)
        return PERSONA, own.id
    return (Scope.CHANNEL.value if where == "here" else Scope.SERVER.value), None


@command()
async def test(context: CommandContext, text: app_commands.Range[str, 1, 2000]) -> None:
    """See which entries a message would trigger, and why.

    Parameters
    ----------
    text: str
        A message someone could write
    """
    preview = await context.engine.inspect(context.place, context.actor, typed=text)
    if lines := lore_lines(preview.prompt):
        heading = _("With this message and the ones before it (✗ = left out):")
        await context.say("\n".join([heading, *lines]))
    else:
        hint = _("See what's used here with `/lorebook list`.")
        await context.say(_("This message wouldn't trigger any lorebook entries.") + " " + hint)
