"""Stories and who takes part in them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.message import Role
from core.chat.place import Place
from core.lorebook import TimedState
from core.macros.variables import Variables
from core.storage.database import Database
from core.storage.effects import read_timed, read_variables
from core.storage.story import Numbers, Story, StoryMember
from core.storage.tables import message, seen, story_member, story_table
from core.storage.values import now


class StoryStore:
    """Finds and makes the stories of places. All methods raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, place: Place) -> Story:
        """The active story of this place, made when there is none.

        A thread without members of its own shows those of its channel.
        """
        found = await self.current(place.id)
        if found and found.place == place:
            return found
        async with self._database.write() as connection:
            if found:
                await connection.execute(
                    update(story_table).where(story_table.c.id == found.id).values(_location(place))
                )
            else:
                await connection.execute(
                    self._database.insert(story_table)
                    .values(**_location(place), created=now(), active=True)
                    .on_conflict_do_nothing()
                )
        reopened = await self.current(place.id)
        assert reopened is not None
        return reopened

    async def current(self, place_id: int) -> Story | None:
        """The active story of a place, if it has one."""
        async with self._database.read() as connection:
            condition = and_(story_table.c.place_id == place_id, story_table.c.active)
            row = (await connection.execute(select(story_table).where(condition))).one_or_none()
            return await _whole(connection, row) if row else None

    async def new(self, place: Place, members: Sequence[StoryMember] | None = None) -> Story:
        """Begins a fresh story with the same members unless others are given.

        What was said before stays out of it, also when it is read back after a restart.
        """
        before = await self.open(place)
        async with self._database.write() as connection:
            floor = await _newest(connection, before)
            await connection.execute(
                update(story_table).where(story_table.c.place_id == place.id).values(active=False)
            )
            made = await connection.execute(
                insert(story_table)
                .values(**_location(place), created=now(), active=True, floor=floor)
                .returning(story_table.c.id)
            )
            kept = await _members(connection, before.id) if members is None else tuple(members)
            await _put_members(connection, made.scalar_one(), kept)
        return await self.open(place)

    async def set_members(self, story: Story, members: Sequence[StoryMember]) -> Story:
        """Replaces the cast."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(story_member).where(story_member.c.story_id == story.id)
            )
            await _put_members(connection, story.id, members)
        return await self.open(story.place)

    async def variables(self, story: Story) -> Variables:
        """Macro variables in reach of the story."""
        async with self._database.read() as connection:
            return await read_variables(connection, story)

    async def timed(self, story: Story) -> TimedState:
        """The timers of its lore."""
        async with self._database.read() as connection:
            return await read_timed(connection, story.id)

    async def numbers(self, story: Story) -> Numbers:
        """Its length, without reading it."""
        visible = func.count().filter(~message.c.hidden)
        people = func.count().filter(message.c.role == Role.USER)
        async with self._database.read() as connection:
            row = await connection.execute(
                select(visible, people).where(message.c.story_id == story.id)
            )
            return Numbers(*row.one())

    async def mark_seen(self, place: Place, discord_id: int) -> None:
        """Notes that everything in this place up to this Discord message was looked at."""
        async with self._database.write() as connection:
            await note_seen(self._database, connection, place, discord_id)

    async def last_seen(self, place_id: int) -> int:
        """The newest Discord message looked at; 0 = none."""
        async with self._database.read() as connection:
            return await _seen(connection, place_id)

    async def watched(self) -> list[tuple[Place, int]]:
        """Every place with an active story, and the newest Discord message seen in it."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(story_table, func.coalesce(seen.c.discord_id, 0).label("seen"))
                .join_from(
                    story_table, seen, story_table.c.place_id == seen.c.place_id, isouter=True
                )
                .where(story_table.c.active)
                .order_by(story_table.c.id)
            )
            return [(place_of(row), row.seen) for row in rows]


def place_of(row: Row[*tuple[Any, ...]]) -> Place:
    """The place in a row that holds the columns of `story_table`."""
    return Place(
        row.channel_id, row.guild_id, row.category_id, row.thread_id, row.person_id, row.adult
    )


async def note_seen(
    database: Database, connection: AsyncConnection, place: Place, discord_id: int
) -> None:
    """As `Sessions.mark_seen`, inside a transaction. Never goes back."""
    added = database.insert(seen).values(
        place_id=place.id,
        channel_id=place.channel_id,
        owner_kind=place.owner.kind.value,
        owner_id=place.owner.id,
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
        "place_id": place.id,
        "owner_kind": place.owner.kind.value,
        "owner_id": place.owner.id,
        "channel_id": place.channel_id,
        "guild_id": place.guild_id,
        "category_id": place.category_id,
        "thread_id": place.thread_id,
        "person_id": place.person_id,
        "adult": place.adult,
    }


async def _whole(connection: AsyncConnection, row: Row[*tuple[Any, ...]]) -> Story:
    members = await _members(connection, row.id)
    if not members and row.thread_id:
        members = await _members_of_channel(connection, row.channel_id)
    return Story(row.id, place_of(row), members, row.title, row.created, row.floor)


async def _members(connection: AsyncConnection, story_id: int) -> tuple[StoryMember, ...]:
    columns = story_member.c
    rows = await connection.execute(
        select(columns.character_id, columns.ordinal, columns.muted, columns.talkativeness)
        .where(columns.story_id == story_id)
        .order_by(columns.ordinal, columns.character_id)
    )
    return tuple(StoryMember(*row) for row in rows)


async def _members_of_channel(
    connection: AsyncConnection, channel_id: int
) -> tuple[StoryMember, ...]:
    parent = await connection.execute(
        select(story_table.c.id).where(story_table.c.place_id == channel_id, story_table.c.active)
    )
    story_id = parent.scalar_one_or_none()
    return await _members(connection, story_id) if story_id else ()


async def _put_members(
    connection: AsyncConnection, story_id: int, members: Sequence[StoryMember]
) -> None:
    rows = [
        {
            "story_id": story_id,
            "character_id": member.character_id,
            "ordinal": ordinal,
            "muted": member.muted,
            "talkativeness": member.talkativeness,
        }
        for ordinal, member in enumerate(members)
    ]
    if rows:
        await connection.execute(insert(story_member), rows)


async def _seen(connection: AsyncConnection, place_id: int) -> int:
    found = await connection.execute(select(seen.c.discord_id).where(seen.c.place_id == place_id))
    return found.scalar_one_or_none() or 0


async def _newest(connection: AsyncConnection, story: Story) -> int:
    """The newest Discord id known of the place: the line under which a new story begins."""
    found = await connection.execute(
        select(func.max(message.c.seq)).where(message.c.story_id == story.id)
    )
    return max(await _seen(connection, story.place.id), found.scalar_one() or 0, story.floor)
