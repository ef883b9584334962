"""Macro variables and lore timers: read with a story, written with the message that sets them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.place import Owner
from core.lorebook import TimedEffect, TimedState
from core.macros.variables import Value, Variables, VariableScope, VariableWrite
from core.storage.database import Database
from core.storage.owned import owned, owner_columns
from core.storage.story import Story
from core.storage.tables import lore_states, variables

SHARED = 0
"""Stands in `variable.story_id` for what all stories of an owner share."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a finished message changes besides its text."""

    writes: Sequence[VariableWrite] = ()
    timed: TimedState | None = None
    """The timers as they stand afterwards; None leaves them as they are."""

    def __bool__(self) -> bool:
        return bool(self.writes) or self.timed is not None


async def read_variables(connection: AsyncConnection, story: Story) -> Variables:
    """The story's own variables and those its owner's stories share."""
    rows = await connection.execute(
        select(variables.c.story_id, variables.c.name, variables.c.value).where(
            owned(variables, story.place.owner), variables.c.story_id.in_([SHARED, story.id])
        )
    )
    local: dict[str, Value] = {}
    shared: dict[str, Value] = {}
    for story_id, name, value in rows:
        (shared if story_id == SHARED else local)[name] = value
    return Variables(local, shared)


async def read_timed(connection: AsyncConnection, story_id: int) -> TimedState:
    """The sticky and cooldown timers of a story's lore."""
    rows = await connection.execute(select(lore_states).where(lore_states.c.story_id == story_id))
    running: dict[str, dict[tuple[str, int], TimedEffect]] = {"sticky": {}, "cooldown": {}}
    for row in rows:
        timer = TimedEffect(row.start, row.end, row.hash, row.protected)
        running[row.effect][row.book, row.uid] = timer
    return TimedState(running["sticky"], running["cooldown"])


async def apply(
    database: Database, connection: AsyncConnection, story_id: int, owner: Owner, effects: Effects
) -> None:
    """Writes them, inside the transaction of `connection`."""
    for write in effects.writes:
        await _write(database, connection, story_id, owner, write)
    if effects.timed is not None:
        await _replace_timed(connection, story_id, effects.timed)


async def _write(
    database: Database,
    connection: AsyncConnection,
    story_id: int,
    owner: Owner,
    write: VariableWrite,
) -> None:
    key = {
        **owner_columns(owner),
        "story_id": story_id if write.scope is VariableScope.LOCAL else SHARED,
        "name": write.name,
    }
    if write.value is None:
        same = and_(*(variables.c[name] == value for name, value in key.items()))
        await connection.execute(delete(variables).where(same))
        return
    await connection.execute(
        database.insert(variables)
        .values(**key, value=write.value)
        .on_conflict_do_update(index_elements=list(key), set_={"value": write.value})
    )


async def _replace_timed(connection: AsyncConnection, story_id: int, timed: TimedState) -> None:
    await connection.execute(delete(lore_states).where(lore_states.c.story_id == story_id))
    rows = [
        {
            "story_id": story_id,
            "effect": effect,
            "book": book,
            "uid": uid,
            "start": timer.start,
            "end": timer.end,
            "hash": timer.hash,
            "protected": timer.protected,
        }
        for effect, timers in (("sticky", timed.sticky), ("cooldown", timed.cooldown))
        for (book, uid), timer in timers.items()
    ]
    if rows:
        await connection.execute(insert(lore_states), rows)
