"""Suggestions while typing: at most 25, and never a long wait."""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from discord.app_commands import Choice

from bot.cogs._command import KEEP_TYPING
from bot.command_context import CommandContext, Interaction, context_of
from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.model import group_name, model_facts
from core.backends.types import Model
from core.characters.names import display_name, unnumbered
from core.detect import shown_name
from core.errors import TavernError
from core.presets.preset import PresetKind
from core.storage.characters import CharacterEntry
from core.tokenizers.best_match import BEST_MATCH
from core.tokenizers.catalog import rows

MOST = 25
LONGEST = 100
PATIENCE = 0.7
"""Seconds: suggestions that come late are of no use, and Discord drops them after 3 s."""

Rows: TypeAlias = Iterable[tuple[str, str]]
Suggest: TypeAlias = Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[str]]]]


def choices(rows: Rows, typed: str) -> list[Choice[str]]:
    """Those of (label, value) that fit what was typed; the ones that begin with it come first.

    Each value once. Where more fit than are shown, the last choice says that typing narrows.
    """
    wanted = typed.casefold().strip()
    fitting: dict[str, tuple[bool, str]] = {}
    for label, value in rows:
        folded = label.casefold()
        if wanted in folded and 0 < len(value) <= LONGEST and value not in fitting:
            fitting[value] = (not folded.startswith(wanted), label)
    shown = sorted(fitting, key=lambda value: fitting[value][0])
    is_more = len(shown) > MOST
    found = [
        Choice(name=shortened(fitting[value][1], LONGEST), value=value)
        for value in shown[: MOST - is_more]
    ]
    if is_more:
        text = _("Keep typing: {number} in all", number=f"{len(shown):,}")
        found.append(Choice(name=text, value=KEEP_TYPING))
    return found


def suggestions(rows_of: Callable[[CommandContext], Coroutine[Any, Any, Rows]]) -> Suggest:
    """Suggests the (label, value) rows of a function, where they fit what was typed."""

    async def suggest(interaction: Interaction, typed: str) -> list[Choice[str]]:
        return choices(await rows_of(context_of(interaction)), typed)

    return suggest


@suggestions
async def characters(context: CommandContext) -> Rows:
    """By their handles; those of one name also by how their cards begin."""
    found = await context.services.characters.list(context.place)
    names = Counter(unnumbered(entry.name) for entry in found)
    return [
        (_label(entry, shared=names[unnumbered(entry.name)] > 1), entry.name) for entry in found
    ]


def _label(entry: CharacterEntry, *, shared: bool) -> str:
    name = display_name(entry.name)
    return f"{name} · {shortened(entry.summary, 40)}" if shared and entry.summary else name


@suggestions
async def personas(context: CommandContext) -> Rows:
    return [
        (entry.persona.display_name, entry.persona.name)
        for entry in await context.services.personas.list(context.actor)
    ]


async def backends(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Saved connections, then what runs at home, what the owner offers, and services."""
    context = context_of(interaction)
    catalog = context.engine.models.pool.catalog
    saved = await context.services.connections.usable(context.place)
    own = [(one.name, one.name) for one in saved if one.id and one.name not in catalog.rows]
    offered = [
        (f"{one.name} · {_('house')}", one.name)
        for one in saved
        if not one.id and one.name not in catalog.rows
    ]
    by_group = sorted(catalog, key=lambda spec: (not spec.local, spec.deprecated))
    rows = [(f"{spec.name} · {group_name(spec)}", spec.id) for spec in by_group]
    also = [(word, spec.id) for spec in catalog for word in (spec.id, *spec.aliases)]
    named = [*own, *(row for row in rows if catalog.rows[row[1]].local), *offered, *rows]
    return choices(named, typed) or choices(also, typed)


@suggestions
async def connections(context: CommandContext) -> Rows:
    """Saved connections and those that the operator offers."""
    return [(one.name, one.name) for one in await context.services.connections.list(context.place)]


async def models(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """The models of the server that is in use here, as far as they are known yet."""
    context = context_of(interaction)
    listed: Sequence[Model] = ()
    with suppress(TavernError):
        listed = await context.engine.models.listed_soon(context.place, PATIENCE)
    by_id = {model.id: model for model in listed if model.writes}
    found = choices(((id_, id_) for id_ in by_id), typed)
    # What is told of each costs too much for a list of fifty thousand, so only of those shown.
    for choice in found:
        if model := by_id.get(choice.value):
            choice.name = shortened(
                " · ".join([shown_name(model.id), *model_facts(model)]), LONGEST
            )
    return found


@suggestions
async def tokenizers(context: CommandContext) -> Rows:
    """All tokenizers, and the best match."""
    return [
        (BEST_MATCH, BEST_MATCH),
        *((f"{row.name} ({row.id})", row.id) for row in rows().values()),
    ]


def presets(kind: PresetKind) -> Suggest:
    """The presets of one kind that can be chosen here."""

    @suggestions
    async def names(context: CommandContext) -> Rows:
        return [(name, name) for name in await context.services.presets.names(context.place, kind)]

    return names


@suggestions
async def lorebooks(context: CommandContext) -> Rows:
    books = await context.services.lorebooks.list(context.place)
    return [(entry.book.name, entry.book.name) for entry in books]


@suggestions
async def lore_entries(context: CommandContext) -> Rows:
    """The entries of the lorebook that was chosen before."""
    with suppress(TavernError):
        book = str(context.interaction.namespace.book)
        stored = await context.services.lorebooks.find(context.place, book)
        return [
            (f"{entry.comment or ', '.join(entry.keys) or '—'} ({entry.uid})", str(entry.uid))
            for entry in stored.book.entries
        ]
    return []
