"""Rows into messages, each with its swipes and the Discord messages that show it."""

import asyncio
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.message import Attachment, Message, Role, State, Swipe
from core.errors import NotFound, StorageDamaged
from core.reasons import Reason
from core.storage.tables import discord_messages, messages, swipes

PAGE = 200
"""Messages read at once: about 5 ms on the event loop."""

CountedSwipe = tuple[Swipe, dict[str, int]]
"""A swipe and the token counts made of it, by tokenizer id."""

_SWIPE = (
    swipes.c.message_id,
    *(swipes.c[field.name] for field in fields(Swipe)),
    swipes.c.counts,
)


async def read_messages(
    connection: AsyncConnection, condition: ColumnElement[bool], limit: int | None = None
) -> list[Message]:
    """The newest `limit` messages under the condition, oldest first."""
    found: list[Message] = []
    where = condition
    while limit is None or len(found) < limit:
        size = PAGE if limit is None else min(PAGE, limit - len(found))
        page = await _page(connection, where, size)
        found += page
        if len(page) < size:
            break
        where = and_(condition, _before(page[-1]))
        await asyncio.sleep(0)  # a long history must not hold up the loop
    found.reverse()
    return found


async def read_message(connection: AsyncConnection, message_id: int) -> Message:
    """One message. Raises NotFound when it was deleted."""
    found = await _page(connection, messages.c.id == message_id, 1)
    if not found:
        raise no_such_message(message_id)
    return found[0]


def no_such_message(message_id: int) -> NotFound:
    """The same for those that are gone and those of others."""
    return NotFound(what="message", name=message_id)


def _before(newer: Message) -> ColumnElement[bool]:
    same = and_(messages.c.seq == newer.seq, messages.c.id < newer.id)
    return or_(messages.c.seq < newer.seq, same)


async def _page(
    connection: AsyncConnection, condition: ColumnElement[bool], size: int
) -> list[Message]:
    """Newest first."""
    order = (messages.c.seq.desc(), messages.c.id.desc())
    rows = await connection.execute(select(messages).where(condition).order_by(*order).limit(size))
    found = rows.all()
    ids = [row.id for row in found]
    if not ids:
        return []
    of_each = await _swipes(connection, ids)
    shown_by = await _discord_ids(connection, ids)
    try:
        return [_message(row, of_each.get(row.id, []), shown_by.get(row.id, ())) for row in found]
    except (TypeError, ValueError) as error:
        raise StorageDamaged(Reason.UNREADABLE_VALUE) from error


async def _swipes(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, list[CountedSwipe]]:
    rows = await connection.execute(
        select(*_SWIPE)
        .where(swipes.c.message_id.in_(ids))
        .order_by(swipes.c.message_id, swipes.c.n)
    )
    found: dict[int, list[CountedSwipe]] = {}
    for message_id, *values, counts in rows:
        found.setdefault(message_id, []).append((Swipe(*values), counts or {}))
    return found


async def _discord_ids(
    connection: AsyncConnection, ids: Sequence[int]
) -> dict[int, tuple[int, ...]]:
    columns = discord_messages.c
    rows = await connection.execute(
        select(columns.message_id, columns.discord_id)
        .where(columns.message_id.in_(ids))
        .order_by(columns.message_id, columns.ordinal)
    )
    found: dict[int, tuple[int, ...]] = {}
    for message_id, discord_id in rows:
        found[message_id] = (*found.get(message_id, ()), discord_id)
    return found


def _message(
    row: Row[*tuple[Any, ...]], counted: list[CountedSwipe], discord_ids: tuple[int, ...]
) -> Message:
    return Message(
        id=row.id,
        seq=row.seq,
        role=Role(row.role),
        name=row.name,
        swipes=tuple(swipe for swipe, _ in counted),
        active=row.active,
        state=State(row.state),
        hidden=row.hidden,
        author_id=row.author_id,
        persona_id=row.persona_id,
        character_id=row.character_id,
        created=row.created,
        discord_ids=discord_ids,
        attachments=tuple(Attachment(**one) for one in row.attachments or ()),
        counts=counted[row.active][1] if row.active < len(counted) else {},
    )
