import math
from typing import Any

from discord import app_commands

from bot.cogs._autocomplete import lore_entries, lorebooks
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.forms import Field, Form
from core.errors import InvalidOption, NotFound
from core.lorebook import Entry
from core.options.option import OptionType
from core.policy.permissions import Action, demand


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
    before = found(stored.book.entries, entry) if entry else None

    async def save(context: CommandContext, values: dict[str, str]) -> None:
        uid = before.uid if before is not None else None
        lore = context.services.lorebooks
        _stored, saved = await lore.put_entry(
            context.actor, context.place, book, uid, fields_of(values)
        )
        told = _("Saved “{entry}” in **{book}**.", entry=title_of(saved), book=book)
        await context.say(told + " " + _("Try it out with `/lorebook test`."))

    title = _("Edit entry") if before is not None else _("New entry")
    await Form(title, form_of(before or Entry()), save).open(context.interaction)


def title_of(entry: Entry) -> str:
    """What an entry is called: its title, else its keys, else how it begins."""
    title = entry.comment or ", ".join(entry.keys) or entry.content.replace("\n", " ")
    return shortened(title.strip(), 60)


def found(entries: tuple[Entry, ...], wanted: str) -> Entry:
    """The entry of this number. Raises NotFound."""
    for entry in entries:
        if str(entry.uid) == wanted.strip():
            return entry
    raise NotFound(what="entry", name=wanted)


def form_of(entry: Entry) -> list[Field]:
    """The entry's main fields."""
    keys, secondary = ", ".join(entry.keys), ", ".join(entry.secondary_keys)
    always = _("Leave empty to always include it")
    return [
        Field("comment", _("Title"), value=entry.comment, required=False, longest=100),
        Field("keys", _("Keywords, separated by commas"), always, keys, required=False),
        Field("secondary_keys", _("More keywords, one must also appear"), "", secondary,
              required=False),
        Field("content", _("Text"), _("What the model should know"), entry.content, long=True),
        Field("order", _("Order (higher comes later)"), "", f"{entry.order:g}", longest=8),
    ]  # fmt: skip


def fields_of(values: dict[str, str]) -> dict[str, Any]:
    """The form's texts as fields of an entry."""
    keys = split(values["keys"])
    return {
        "comment": values["comment"].strip(),
        "keys": keys,
        "secondary_keys": split(values["secondary_keys"]),
        "content": values["content"],
        "constant": not keys,
        "order": order_of(values["order"]),
    }


def order_of(typed: str) -> float:
    """The number that was typed. Raises InvalidOption."""
    try:
        order = float(typed.strip().replace(",", "."))
    except ValueError:
        order = math.nan
    if not math.isfinite(order):
        raise InvalidOption(key="order", value=typed, expected=OptionType.NUMBER)
    return order


def split(text: str) -> tuple[str, ...]:
    """Keys separated by commas; a comma inside /…/ belongs to the pattern."""
    keys: list[str] = []
    for piece in text.split(","):
        opened = keys and keys[-1].startswith("/") and not closed(keys[-1])
        if opened:
            keys[-1] = f"{keys[-1]},{piece}"
        else:
            keys.append(piece.strip())
    return tuple(key for key in (key.strip() for key in keys) if key)


def closed(key: str) -> bool:
    """Whether a pattern that began with a slash has its second one."""
    return len(key) > 1 and key.rstrip("gimsuy").endswith("/") and len(key.rstrip("gimsuy")) > 1
