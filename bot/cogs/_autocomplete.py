"""Suggestions while typing: at most 25, and never a long wait."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

import discord
from discord.app_commands import Choice

from bot.command_context import CommandContext, context_of
from bot.discord_text.display_names import shortened
from core.characters.names import display_name
from core.errors import TavernError
from core.presets.preset import PresetKind
from core.tokenizers.catalog import rows
from core.tokenizers.match import BEST_MATCH

MOST = 25
LONGEST = 100
PATIENCE = 2.0
"""Discord drops suggestions that come later than 3 s."""

Interaction = discord.Interaction[Any]


def choices(rows: Iterable[tuple[str, str]], typed: str) -> list[Choice[str]]:
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


async def characters(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Characters in reach here."""
    context = context_of(interaction)
    found = await context.services.characters.list(context.place)
    return choices(((display_name(entry.name), entry.name) for entry in found), typed)


async def personas(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """The person's own personas."""
    context = context_of(interaction)
    found = await context.services.personas.list(context.actor)
    return choices(((entry.persona.display_name, entry.persona.name) for entry in found), typed)


async def backends(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Saved connections with names of their own, then all rows of the catalog."""
    context = context_of(interaction)
    catalog = context.engine.models.pool.catalog
    saved = await context.services.connections.list(context.place)
    named = [(entry.name, entry.name) for entry in saved if entry.name not in catalog.rows]
    rows = [(spec.name, spec.id) for spec in catalog]
    also = [(word, spec.id) for spec in catalog for word in (spec.id, *spec.aliases)]
    return choices([*named, *rows], typed) or choices(also, typed)


async def connections(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Saved connections and those that the operator offers."""
    context = context_of(interaction)
    found = await context.services.connections.list(context.place)
    return choices(((entry.name, entry.name) for entry in found), typed)


async def models(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """The models of the server that is in use here."""
    return choices(await _models(context_of(interaction)), typed)


async def _models(context: CommandContext) -> list[tuple[str, str]]:
    with suppress(TavernError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            listed = await context.engine.models.listed(context.place)
            return [
                (" · ".join(part for part in (model.id, model.price) if part), model.id)
                for model in listed
                if model.writes
            ]
    return []


async def tokenizers(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """All tokenizers, and the best match."""
    known = [(f"{row.name} ({row.id})", row.id) for row in rows().values()]
    return choices([(BEST_MATCH, BEST_MATCH), *known], typed)


def presets(
    kind: PresetKind,
) -> Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[str]]]]:
    """The presets of one kind that can be chosen here."""

    async def complete(interaction: Interaction, typed: str) -> list[Choice[str]]:
        context = context_of(interaction)
        names = await context.services.presets.names(context.place, kind)
        return choices(((name, name) for name in names), typed)

    return complete


async def lorebooks(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """The lorebooks in reach here."""
    context = context_of(interaction)
    found = await context.services.lorebooks.list(context.place)
    return choices(((entry.book.name, entry.book.name) for entry in found), typed)


async def lore_entries(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """The entries of the lorebook that was chosen before."""
    context = context_of(interaction)
    with suppress(TavernError):
        stored = await context.services.lorebooks.find(
            context.place, str(interaction.namespace.book)
        )
        rows = (
            (f"{entry.comment or ', '.join(entry.keys) or '—'} ({entry.uid})", str(entry.uid))
            for entry in stored.book.entries
        )
        return choices(rows, typed)
    return []
