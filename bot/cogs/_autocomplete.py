"""Suggestions while typing: at most 25, and never a long wait."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, TypeAlias

from discord.app_commands import Choice

from bot.command_context import CommandContext, Interaction, context_of
from bot.discord_text.display_names import shortened
from core.characters.names import display_name
from core.errors import TavernError
from core.presets.preset import PresetKind
from core.tokenizers.best_match import BEST_MATCH
from core.tokenizers.catalog import rows

MOST = 25
LONGEST = 100
PATIENCE = 2.0
"""Discord drops suggestions that come later than 3 s."""

Rows: TypeAlias = Iterable[tuple[str, str]]
Suggest: TypeAlias = Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[str]]]]


def choices(rows: Rows, typed: str) -> list[Choice[str]]:
    """Those of (label, value) that fit what was typed; the ones that begin with it come first."""
    wanted = typed.casefold().strip()
    fitting = [
        (not label.casefold().startswith(wanted), label, value)
        for label, value in rows
        if wanted in label.casefold() and 0 < len(value) <= LONGEST
    ]
    fitting.sort(key=lambda row: row[0])
    return [Choice(name=shortened(label, LONGEST), value=value) for _, label, value in fitting][
        :MOST
    ]


def suggestions(rows_of: Callable[[CommandContext], Coroutine[Any, Any, Rows]]) -> Suggest:
    """Suggests the (label, value) rows of a function, where they fit what was typed."""

    async def suggest(interaction: Interaction, typed: str) -> list[Choice[str]]:
        return choices(await rows_of(context_of(interaction)), typed)

    return suggest


@suggestions
async def characters(context: CommandContext) -> Rows:
    return [
        (display_name(entry.name), entry.name)
        for entry in await context.services.characters.list(context.place)
    ]


@suggestions
async def personas(context: CommandContext) -> Rows:
    return [
        (entry.persona.display_name, entry.persona.name)
        for entry in await context.services.personas.list(context.actor)
    ]


async def backends(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Saved connections with names of their own, then all rows of the catalog."""
    context = context_of(interaction)
    catalog = context.engine.models.pool.catalog
    saved = await context.services.connections.usable(context.place)
    named = [(entry.name, entry.name) for entry in saved if entry.name not in catalog.rows]
    rows = [(spec.name, spec.id) for spec in catalog]
    also = [(word, spec.id) for spec in catalog for word in (spec.id, *spec.aliases)]
    return choices([*named, *rows], typed) or choices(also, typed)


@suggestions
async def connections(context: CommandContext) -> Rows:
    """Saved connections and those that the operator offers."""
    return [(one.name, one.name) for one in await context.services.connections.list(context.place)]


@suggestions
async def models(context: CommandContext) -> Rows:
    """The models of the server that is in use here."""
    with suppress(TavernError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            return [
                (f"{model.id} · {model.price}" if model.price else model.id, model.id)
                for model in await context.engine.models.listed(context.place)
                if model.writes
            ]
    return []


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
