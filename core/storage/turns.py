"""Rows into turns: a message with its alternatives and its Discord messages."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.message import Attachment, Message, Role, State, Swipe
from core.errors import StorageDamaged
from core.storage.tables import discord_message, message, swipe

PAGE = 200
"""Turns read at once: about 5 ms on the event loop."""

Alternative = tuple[Swipe, dict[str, int]]
"""A swipe and the token counts made of it, by tokenizer id."""

_MESSAGE = (
    message.c.id,
    message.c.seq,
    message.c.role,
    message.c.name,
    message.c.state,
    message.c.hidden,
    message.c.active,
    message.c.author_id,
    message.c.persona_id,
    message.c.character_id,
    message.c.created,
    message.c.attachments,
)
_SWIPE = (
    swipe.c.message_id,
    swipe.c.text,
    swipe.c.reasoning,
    swipe.c.backend,
    swipe.c.model,
    swipe.c.prompt_tokens,
    swipe.c.reply_tokens,
    swipe.c.seconds,
    swipe.c.counts,
)


async def read_turns(
    connection: AsyncConnection, condition: ColumnElement[bool], limit: int | None = None
) -> list[Message]:
    """The newest `limit` turns under the condition, oldest first."""
    turns: list[Message] = []
    where = condition
    while limit is None or len(turns) < limit:
        size = PAGE if limit is None else min(PAGE, limit - len(turns))
        page = await _page(connection, where, size)
        turns += page
        if len(page) < size:
            break
        where = and_(condition, _before(page[-1]))
        await asyncio.sleep(0)  # a long history must not hold up the loop
    turns.reverse()
    return turns


async def read_turn(connection: AsyncConnection, message_id: int) -> Message | None:
    """One turn."""
    found = await _page(connection, message.c.id == message_id, 1)
    return found[0] if found else None


def _before(turn: Message) -> ColumnElement[bool]:
    same = and_(message.c.seq == turn.seq, message.c.id < turn.id)
    return or_(message.c.seq < turn.seq, same)


async def _page(
    connection: AsyncConnection, condition: ColumnElement[bool], size: int
) -> list[Message]:
    """Newest first."""
    order = (message.c.seq.desc(), message.c.id.desc())
    rows = await connection.execute(select(*_MESSAGE).where(condition).order_by(*order).limit(size))
    found = rows.all()
    ids = [row.id for row in found]
    if not ids:
        return []
    swipes = await _swipes(connection, ids)
    placed = await _discord_ids(connection, ids)
    try:
        return [_turn(row, swipes.get(row.id, []), placed.get(row.id, ())) for row in found]
    except (TypeError, ValueError) as error:
        raise StorageDamaged("the database holds a turn that is none") from error


async def _swipes(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, list[Alternative]]:
    rows = await connection.execute(
        select(*_SWIPE).where(swipe.c.message_id.in_(ids)).order_by(swipe.c.message_id, swipe.c.n)
    )
    found: dict[int, list[Alternative]] = {}
    for message_id, *fields, counts in rows:
        found.setdefault(message_id, []).append((Swipe(*fields), counts or {}))
    return found


async def _discord_ids(
    connection: AsyncConnection, ids: Sequence[int]
) -> dict[int, tuple[int, ...]]:
    columns = discord_message.c
    rows = await connection.execute(
        select(columns.message_id, columns.discord_id)
        .where(columns.message_id.in_(ids))
        .order_by(columns.message_id, columns.ordinal)
    )
    found: dict[int, tuple[int, ...]] = {}
    for message_id, discord_id in rows:
        found[message_id] = (*found.get(message_id, ()), discord_id)
    return found


def _turn(
    row: Row[*tuple[Any, ...]],
    swipes: list[Alternative],
    discord_ids: tuple[int, ...],
) -> Message:
    return Message(
        id=row.id,
        seq=row.seq,
        role=Role(row.role),
        name=row.name,
        swipes=tuple(shown for shown, _ in swipes),
        active=row.active,
        state=State(row.state),
        hidden=row.hidden,
        author_id=row.author_id,
        persona_id=row.persona_id,
        character_id=row.character_id,
        created=row.created,
        discord_ids=discord_ids,
        attachments=tuple(Attachment(**one) for one in row.attachments or ()),
        counts=swipes[row.active][1] if row.active < len(swipes) else {},
    )


async def next_seq(connection: AsyncConnection, story_id: int, floor: int) -> int:
    """A place at the end of the story for a turn that Discord does not know yet."""
    newest = await connection.execute(
        select(func.max(message.c.seq)).where(message.c.story_id == story_id)
    )
    return max(newest.scalar_one() or 0, floor) + 1
