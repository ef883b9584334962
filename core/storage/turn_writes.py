"""The steps that writes of turns are made of; each works inside a transaction of the caller."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.message import Attachment, Message, State, Swipe
from core.errors import Conflict, NotFound
from core.storage.story import Story
from core.storage.tables import discord_message, memory, memory_source, message, story_table, swipe
from core.storage.turns import read_turn

RUNNING = (State.PENDING, State.STREAMING)
"""States of a turn whose text is still coming."""


def attachment_document(attachment: Attachment) -> dict[str, Any]:
    """An attachment as it is kept with its turn."""
    return asdict(attachment)


async def known(connection: AsyncConnection, message_id: int) -> Message:
    """The turn. Raises NotFound when it was deleted."""
    found = await read_turn(connection, message_id)
    if found is None:
        raise _gone(message_id)
    return found


async def turn_of(connection: AsyncConnection, discord_id: int) -> Message | None:
    """The turn that a Discord message belongs to."""
    found = await connection.execute(
        select(discord_message.c.message_id).where(discord_message.c.discord_id == discord_id)
    )
    message_id = found.scalar_one_or_none()
    return None if message_id is None else await read_turn(connection, message_id)


async def story_of(connection: AsyncConnection, message_id: int) -> Row[*tuple[Any, ...]]:
    """The row of the session that a turn stands in. Raises NotFound."""
    found = await connection.execute(
        select(story_table)
        .join(message, message.c.story_id == story_table.c.id)
        .where(message.c.id == message_id)
    )
    row = found.one_or_none()
    if row is None:
        raise _gone(message_id)
    return row


def _gone(message_id: int) -> NotFound:
    return NotFound("no such message", what="message", name=message_id)


async def insert_turn(
    connection: AsyncConnection,
    story: Story,
    seq: int,
    state: State,
    texts: Sequence[str],
    fields: dict[str, Any],
) -> int:
    """Adds a turn with its alternatives; the first one is shown. Returns its id."""
    made = await connection.execute(
        insert(message)
        .values(story_id=story.id, seq=seq, state=state, **fields)
        .returning(message.c.id)
    )
    message_id = int(made.scalar_one())
    rows = [{"message_id": message_id, "n": n, "text": text} for n, text in enumerate(texts)]
    await connection.execute(insert(swipe), rows)
    return message_id


async def claim(connection: AsyncConnection, turn: Message, *, active: int, state: State) -> None:
    """Changes a resting turn if it still is as `turn` says: one winner where several try.

    Raises Conflict.
    """
    alternatives = select(func.count()).where(swipe.c.message_id == message.c.id).scalar_subquery()
    unchanged = and_(
        message.c.id == turn.id,
        message.c.state.not_in(RUNNING),
        message.c.active == turn.active,
        ~message.c.hidden,
        alternatives == len(turn.swipes),
    )
    changed = await connection.execute(
        update(message).where(unchanged).values(active=active, state=state, unshown=True)
    )
    if changed.rowcount != 1:
        raise Conflict("this turn has changed meanwhile", message=turn.id)
    await make_stale(connection, [turn.id])


async def set_text(connection: AsyncConnection, message_id: int, n: int, text: str) -> None:
    """Replaces the text of an alternative; counts made of the old one are void."""
    await connection.execute(
        update(swipe)
        .where(swipe.c.message_id == message_id, swipe.c.n == n)
        .values(text=text, counts=None)
    )
    await make_stale(connection, [message_id])


async def hide(connection: AsyncConnection, message_ids: Sequence[int]) -> list[int]:
    """Takes turns out of the story. Returns those that were still in it."""
    hidden = await connection.execute(
        update(message)
        .where(message.c.id.in_(message_ids), ~message.c.hidden)
        .values(hidden=True)
        .returning(message.c.id)
    )
    found = sorted(hidden.scalars())
    await make_stale(connection, found)
    return found


async def make_stale(connection: AsyncConnection, message_ids: Sequence[int]) -> None:
    """Marks memories that rest on these turns: what they tell may no longer be so."""
    if not message_ids:
        return
    resting = select(memory_source.c.memory_id).where(memory_source.c.message_id.in_(message_ids))
    await connection.execute(update(memory).where(memory.c.id.in_(resting)).values(stale=True))


async def relink(
    connection: AsyncConnection,
    message_id: int,
    discord_ids: Sequence[int],
    lengths: Sequence[int] = (),
) -> None:
    """Replaces the Discord messages that show the turn. Raises NotFound."""
    linked = await _linked(connection, message_id)
    await _stand_at(connection, message_id, discord_ids[0] if discord_ids and not linked else None)
    if lengths:
        await connection.execute(
            update(message).where(message.c.id == message_id).values(unshown=False)
        )
    await connection.execute(
        delete(discord_message).where(discord_message.c.message_id == message_id)
    )
    rows = [
        {
            "discord_id": discord_id,
            "message_id": message_id,
            "ordinal": ordinal,
            "length": lengths[ordinal] if ordinal < len(lengths) else None,
        }
        for ordinal, discord_id in enumerate(dict.fromkeys(discord_ids))
    ]
    if rows:
        await connection.execute(insert(discord_message), rows)


async def _linked(connection: AsyncConnection, message_id: int) -> list[int]:
    found = await connection.execute(
        select(discord_message.c.discord_id)
        .where(discord_message.c.message_id == message_id)
        .order_by(discord_message.c.ordinal)
    )
    return list(found.scalars())


async def _stand_at(connection: AsyncConnection, message_id: int, seq: int | None) -> None:
    """Gives a turn its place in Discord's order, once; later posts of it do not move it."""
    there = message.c.id == message_id
    exists = (await connection.execute(select(message.c.id).where(there))).first()
    if exists is None:
        raise _gone(message_id)
    if seq is not None:
        await connection.execute(update(message).where(there).values(seq=seq))


async def with_slice(connection: AsyncConnection, turn: Message, discord_id: int, text: str) -> str:
    """The turn's text after an edit of one of the Discord messages that show it.

    Where the lengths of several are unknown, nothing can be replaced and the text stays.
    """
    found = await connection.execute(
        select(discord_message.c.discord_id, discord_message.c.length)
        .where(discord_message.c.message_id == turn.id)
        .order_by(discord_message.c.ordinal)
    )
    slices = [(int(row.discord_id), row.length) for row in found]
    if len(slices) == 1:
        return text
    if any(length is None for _, length in slices):
        return turn.text
    position = [shown for shown, _ in slices].index(discord_id)
    start = sum(length for _, length in slices[:position])
    end = start + slices[position][1] if position + 1 < len(slices) else len(turn.text)
    new = _in_the_space_of(turn.text[start:end], text)
    await connection.execute(
        update(discord_message)
        .where(discord_message.c.discord_id == discord_id)
        .values(length=len(new))
    )
    return turn.text[:start] + new + turn.text[end:]


def _in_the_space_of(old: str, new: str) -> str:
    """Discord drops the white space at which a text was split; it belongs to the turn."""
    bare = old.strip()
    if not bare:
        return new
    start = old.index(bare)
    return old[:start] + new.strip() + old[start + len(bare) :]


def swipe_values(result: Swipe) -> dict[str, Any]:
    """The columns of an alternative. Counts of an earlier text are void."""
    return {**asdict(result), "counts": None}
