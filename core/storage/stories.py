"""Stories: who takes part in them, their variables and the timers of their lore.

Variables and timers are read with a story and written with the message that sets them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.place import Owner, Place
from core.lorebook import TimedEffect, TimedState
from core.macros.variables import Value, Variables, VariableScope, VariableWrite
from core.storage.columns import owned, owner_columns
from core.storage.database import Database, Store
from core.storage.tables import lore_states, messages, seen, stories, story_members, variables


@dataclass(frozen=True, slots=True)
class StoryMember:
    """A character that takes part. `talkativeness` is between 0 and 1."""

    character_id: int
    ordinal: int = 0
    muted: bool = False
    talkativeness: float = 0.5


@dataclass(frozen=True, slots=True)
class Story:
    """The story of a place: its history hangs on `id`, several may lie in a place."""

    id: int
    place: Place
    members: tuple[StoryMember, ...] = ()
    floor: int = 0
    """Discord id up to which nothing belongs to this story: what was said before it began."""


SHARED = 0
"""Stands in `variable.story_id` for what all stories of an owner share."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a finished message changes besides its text."""

    writes: Sequence[VariableWrite] = ()
    timed: TimedState | None = None
    """The timers as they stand afterwards; None leaves them as they are."""
    told: Mapping[str, int] = field(default_factory=dict)
    """What people were told with it; see `StoryStore.told`."""

    def __bool__(self) -> bool:
        return bool(self.writes or self.told) or self.timed is not None


async def apply_effects(
    database: Database, connection: AsyncConnection, story_id: int, owner: Owner, effects: Effects
) -> None:
    """Writes them, inside the transaction of `connection`."""
    for write in effects.writes:
        await _write(database, connection, story_id, owner, write)
    if effects.timed is not None:
        await _replace_timed(connection, story_id, effects.timed)
    if effects.told:
        told = await _told(connection, story_id) | dict(effects.told)
        its = update(stories).where(stories.c.id == story_id)
        await connection.execute(its.values(told=told))


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


async def _told(connection: AsyncConnection, story_id: int) -> dict[str, int]:
    found = await connection.execute(select(stories.c.told).where(stories.c.id == story_id))
    return found.scalar_one_or_none() or {}


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


class StoryStore(Store):
    async def open(self, place: Place) -> Story:
        """The active story of this place, made when there is none.

        A thread without members of its own shows those of its channel.
        """
        found = await self.current(place.id)
        if found and found.place == place:
            return found
        await self._database.change(
            update(stories).where(stories.c.id == found.id).values(_location(place))
            if found
            else self._database.insert(stories)
            .values(**_location(place), active=True)
            .on_conflict_do_nothing()
        )
        reopened = await self.current(place.id)
        assert reopened is not None
        return reopened

    async def current(self, place_id: int) -> Story | None:
        """The active story of a place, if it has one."""
        async with self._database.read() as connection:
            found = await _active(connection, place_id)
            if found is None or found.members or found.place.thread_id is None:
                return found
            channel = await _active(connection, found.place.channel_id)
            members = channel.members if channel else ()
            return Story(found.id, found.place, members, found.floor)

    async def places(self, owner: Owner) -> list[Place]:
        """Where characters play now."""
        playing = select(story_members.c.story_id)
        now = select(stories).where(
            owned(stories, owner), stories.c.active, stories.c.id.in_(playing)
        )
        return [place_of(row) for row in await self._database.rows(now.order_by(stories.c.id))]

    async def new(self, place: Place) -> Story:
        """Begins a fresh story with the same members.

        What was said before stays out of it, also when it is read back after a restart.
        """
        before = await self.open(place)
        async with self._database.write() as connection:
            floor = await _newest(connection, before)
            own = select(story_members).where(story_members.c.story_id == before.id)
            kept = (await connection.execute(own)).all()
            old = update(stories).where(stories.c.place_id == place.id)
            await connection.execute(old.values(active=False))
            made = await connection.execute(
                insert(stories)
                .values(**_location(place), active=True, floor=floor)
                .returning(stories.c.id)
            )
            story_id = made.scalar_one()
            if kept:
                rows = [{**row._mapping, "story_id": story_id} for row in kept]
                await connection.execute(insert(story_members), rows)
        return await self.open(place)

    async def set_members(self, story: Story, members: Sequence[StoryMember]) -> Story:
        rows = [
            {
                "story_id": story.id,
                "character_id": member.character_id,
                "ordinal": ordinal,
                "muted": member.muted,
                "talkativeness": member.talkativeness,
            }
            for ordinal, member in enumerate(members)
        ]
        async with self._database.write() as connection:
            before = story_members.c.story_id == story.id
            await connection.execute(delete(story_members).where(before))
            if rows:
                await connection.execute(insert(story_members), rows)
        return await self.open(story.place)

    async def variables(self, story: Story) -> Variables:
        """The story's own variables and those its owner's stories share."""
        rows = await self._database.rows(
            select(variables.c.story_id, variables.c.name, variables.c.value).where(
                owned(variables, story.place.owner), variables.c.story_id.in_([SHARED, story.id])
            )
        )
        local: dict[str, Value] = {}
        shared: dict[str, Value] = {}
        for story_id, name, value in rows:
            (shared if story_id == SHARED else local)[name] = value
        return Variables(local, shared)

    async def timed(self, story: Story) -> TimedState:
        """The sticky and cooldown timers of the story's lore."""
        its = select(lore_states).where(lore_states.c.story_id == story.id)
        running: dict[str, dict[tuple[str, int], TimedEffect]] = {"sticky": {}, "cooldown": {}}
        for row in await self._database.rows(its):
            timer = TimedEffect(row.start, row.end, row.hash, row.protected)
            running[row.effect][row.book, row.uid] = timer
        return TimedState(running["sticky"], running["cooldown"])

    async def told(self, story: Story) -> Mapping[str, int]:
        """What people were told about the story once, each with the message it was about.

        0 where it was about none; of several messages the newest.
        """
        async with self._database.read() as connection:
            return await _told(connection, story.id)

    async def mark_seen(self, place: Place, discord_id: int) -> None:
        """Notes that everything in this place up to this Discord message was looked at."""
        async with self._database.write() as connection:
            await note_seen(self._database, connection, place, discord_id)

    async def watched(self) -> list[tuple[Place, int]]:
        """Every place with an active story, and the newest Discord message seen in it."""
        rows = await self._database.rows(
            select(stories, func.coalesce(seen.c.discord_id, 0).label("seen"))
            .join_from(stories, seen, stories.c.place_id == seen.c.place_id, isouter=True)
            .where(stories.c.active)
            .order_by(stories.c.id)
        )
        return [(place_of(row), row.seen) for row in rows]


def place_of(row: Row[*tuple[Any, ...]]) -> Place:
    """The place in a row that holds the columns of `stories`."""
    return Place(
        row.channel_id, row.guild_id, row.category_id, row.thread_id, row.person_id, row.adult
    )


async def note_seen(
    database: Database, connection: AsyncConnection, place: Place, discord_id: int
) -> None:
    """As `StoryStore.mark_seen`, inside a transaction. Never goes back."""
    added = database.insert(seen).values(
        place_id=place.id,
        channel_id=place.channel_id,
        **owner_columns(place.owner),
        discord_id=discord_id,
    )
    await connection.execute(
        added.on_conflict_do_update(
            index_elements=["place_id"],
            set_={"discord_id": added.excluded.discord_id},
            where=seen.c.discord_id < added.excluded.discord_id,
        )
    )


def _location(place: Place) -> dict[str, Any]:
    return {
        **owner_columns(place.owner),
        "place_id": place.id,
        "channel_id": place.channel_id,
        "guild_id": place.guild_id,
        "category_id": place.category_id,
        "thread_id": place.thread_id,
        "person_id": place.person_id,
        "adult": place.adult,
    }


async def _active(connection: AsyncConnection, place_id: int) -> Story | None:
    """A place's active story with the members of its own."""
    columns = story_members.c
    found = await connection.execute(
        select(stories, columns.character_id, columns.ordinal, columns.muted, columns.talkativeness)
        .join_from(stories, story_members, isouter=True)
        .where(and_(stories.c.place_id == place_id, stories.c.active))
        .order_by(columns.ordinal, columns.character_id)
    )
    rows = found.all()
    if not rows:
        return None
    members = tuple(
        StoryMember(row.character_id, row.ordinal, row.muted, row.talkativeness)
        for row in rows
        if row.character_id is not None
    )
    return Story(rows[0].id, place_of(rows[0]), members, rows[0].floor)


async def _newest(connection: AsyncConnection, story: Story) -> int:
    """The newest Discord id known of the place: the line under which a new story begins."""
    newest = select(func.max(messages.c.seq)).where(messages.c.story_id == story.id)
    noted = select(seen.c.discord_id).where(seen.c.place_id == story.place.id)
    found = await connection.execute(select(newest.scalar_subquery(), noted.scalar_subquery()))
    return max(story.floor, *(id_ or 0 for id_ in found.one()))
