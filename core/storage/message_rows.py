"""Messages as rows: how they are read, and the steps that writes of them are made of.

Each step works in a transaction of the caller.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    outerjoin,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.message import Attachment, Message, Role, State, Swipe
from core.errors import Conflict, NotFound, StorageDamaged
from core.reasons import Reason
from core.storage.stories import Story
from core.storage.tables import discord_messages, messages, stories, swipes
from core.untrusted.surrogates import clean_text

RUNNING = (State.PENDING, State.STREAMING)
"""States of a message whose text is still coming."""

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


async def find_by_discord(connection: AsyncConnection, discord_id: int) -> Message | None:
    found = await connection.execute(
        select(discord_messages.c.message_id).where(discord_messages.c.discord_id == discord_id)
    )
    message_id = found.scalar_one_or_none()
    return None if message_id is None else await read_message(connection, message_id)


async def insert_message(
    connection: AsyncConnection, story: Story, new: Message, *, unshown: bool
) -> Message:
    """Adds a message with its swipes. Returns it as it is stored, with its id."""
    new = _cleaned(new)
    made = await connection.execute(
        insert(messages)
        .values(
            story_id=story.id,
            seq=new.seq,
            role=new.role,
            name=new.name,
            author_id=new.author_id,
            persona_id=new.persona_id,
            character_id=new.character_id,
            state=new.state,
            unshown=unshown,
            created=new.created,
            attachments=[asdict(one) for one in new.attachments] or None,
        )
        .returning(messages.c.id)
    )
    message_id = int(made.scalar_one())
    rows = [
        {"message_id": message_id, "n": n, "text": swipe.text} for n, swipe in enumerate(new.swipes)
    ]
    await connection.execute(insert(swipes), rows)
    return replace(new, id=message_id)


async def next_seq(connection: AsyncConnection, story: Story) -> int:
    """A place at the end of the story for a message that Discord does not know yet.

    Raises Conflict where another story has begun in its place meanwhile.
    """
    newest = select(func.max(messages.c.seq)).where(messages.c.story_id == story.id)
    found = await connection.execute(
        select(newest.scalar_subquery()).where(stories.c.id == story.id, stories.c.active)
    )
    row = found.one_or_none()
    if row is None:
        raise Conflict(story=story.id)
    return max(row[0] or 0, story.floor) + 1


async def claim(
    connection: AsyncConnection, message: Message, *, active: int, state: State
) -> None:
    """Changes a resting message if it still is as it was read: one winner where several try.

    Raises Conflict.
    """
    alternatives = (
        select(func.count()).where(swipes.c.message_id == messages.c.id).scalar_subquery()
    )
    unchanged = and_(
        messages.c.id == message.id,
        messages.c.state.not_in(RUNNING),
        messages.c.active == message.active,
        ~messages.c.hidden,
        alternatives == len(message.swipes),
    )
    changed = await connection.execute(
        update(messages).where(unchanged).values(active=active, state=state, unshown=True)
    )
    if changed.rowcount != 1:
        raise Conflict(message=message.id)


def swipe_is(message_id: int, n: int) -> ColumnElement[bool]:
    return and_(swipes.c.message_id == message_id, swipes.c.n == n)


async def set_text(connection: AsyncConnection, message_id: int, n: int, text: str) -> None:
    """Replaces the text of a swipe; counts made of the old one are void."""
    await connection.execute(
        update(swipes).where(swipe_is(message_id, n)).values(text=text, counts=None)
    )


async def hide(connection: AsyncConnection, message_ids: Sequence[int]) -> list[int]:
    """Takes messages out of the story. Returns those that were still in it."""
    hidden = await connection.execute(
        update(messages)
        .where(messages.c.id.in_(message_ids), ~messages.c.hidden)
        .values(hidden=True)
        .returning(messages.c.id)
    )
    return sorted(hidden.scalars())


async def link(
    connection: AsyncConnection,
    message_id: int,
    discord_ids: Sequence[int],
    lengths: Sequence[int | None] = (),
) -> int:
    """Replaces the Discord messages that show the message, which no longer is pending.

    The first of them gives it its place in Discord's order, once; later posts do not move it.
    Returns this place. Raises NotFound.
    """
    joined = outerjoin(messages, discord_messages)
    found = await connection.execute(
        select(messages.c.seq, messages.c.state, discord_messages.c.discord_id)
        .select_from(joined)
        .where(messages.c.id == message_id)
    )
    rows = found.all()
    if not rows:
        raise no_such_message(message_id)
    seq, state, linked = rows[0]
    changes: dict[str, Any] = {"unshown": False} if lengths else {}
    if discord_ids and linked is None:
        seq = changes["seq"] = discord_ids[0]
    if discord_ids and state == State.PENDING:
        changes["state"] = State.STREAMING
    if changes:
        its = messages.c.id == message_id
        await connection.execute(update(messages).where(its).values(**changes))
    if linked is not None:
        gone = delete(discord_messages).where(discord_messages.c.message_id == message_id)
        await connection.execute(gone)
    links = [
        {
            "discord_id": discord_id,
            "message_id": message_id,
            "ordinal": ordinal,
            "length": lengths[ordinal] if ordinal < len(lengths) else None,
        }
        for ordinal, discord_id in enumerate(dict.fromkeys(discord_ids))
    ]
    if links:
        await connection.execute(insert(discord_messages), links)
    return int(seq)


async def with_part(
    connection: AsyncConnection, message: Message, discord_id: int, text: str
) -> str:
    """The message's text after an edit of one of the Discord messages that show it.

    Where the lengths of several are unknown, nothing can be replaced and the text stays.
    """
    found = await connection.execute(
        select(discord_messages.c.discord_id, discord_messages.c.length)
        .where(discord_messages.c.message_id == message.id)
        .order_by(discord_messages.c.ordinal)
    )
    parts = [(int(row.discord_id), row.length) for row in found]
    if len(parts) == 1:
        return text
    if any(length is None for _, length in parts):
        return message.text
    position = [shown for shown, _ in parts].index(discord_id)
    start = sum(length for _, length in parts[:position])
    end = start + parts[position][1] if position + 1 < len(parts) else len(message.text)
    new = _in_the_space_of(message.text[start:end], text)
    await connection.execute(
        update(discord_messages)
        .where(discord_messages.c.discord_id == discord_id)
        .values(length=len(new))
    )
    return message.text[:start] + new + message.text[end:]


def _in_the_space_of(old: str, new: str) -> str:
    """Discord drops the white space at which a text was split; it belongs to the message."""
    bare = old.strip()
    if not bare:
        return new
    start = old.index(bare)
    return old[:start] + new.strip() + old[start + len(bare) :]


async def save_counts(
    connection: AsyncConnection, tokenizer_id: str, counted: Iterable[tuple[Message, int]]
) -> None:
    """Remembers token counts with the texts they were made of; changed texts keep none."""
    rows = [
        {
            "in_message": message.id,
            "in_n": message.active,
            "in_text": message.text,
            "in_counts": {**message.counts, tokenizer_id: count},
        }
        for message, count in counted
    ]
    same = and_(
        swipes.c.message_id == bindparam("in_message"),
        swipes.c.n == bindparam("in_n"),
        swipes.c.text == bindparam("in_text"),
    )
    if rows:
        remember = update(swipes).where(same).values(counts=bindparam("in_counts"))
        await connection.execute(remember, rows)


def _cleaned(message: Message) -> Message:
    """As the database gives it back: see `clean_text`."""
    return replace(
        message,
        name=clean_text(message.name),
        swipes=tuple(Swipe(clean_text(swipe.text)) for swipe in message.swipes),
        attachments=tuple(map(_cleaned_file, message.attachments)),
    )


def _cleaned_file(file: Attachment) -> Attachment:
    texts: dict[str, Any] = {
        name: clean_text(value) for name, value in asdict(file).items() if isinstance(value, str)
    }
    return replace(file, **texts)
