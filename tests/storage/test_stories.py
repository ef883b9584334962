"""Stories: one active a place, casts, fresh starts that stay fresh."""

import asyncio

import pytest

from core.characters.character import Character
from core.chat.place import Owner, OwnerKind, Place
from core.storage.storage import Storage
from core.storage.stories import Story, StoryMember
from tests.storage.conftest import PLACE, last_seen

SERVER = Owner(OwnerKind.SERVER, 1)


@pytest.fixture
async def cast(storage: Storage) -> list[int]:
    return [
        (await storage.characters.add(SERVER, Character(name=name))).id
        for name in ("Juno", "Hesper")
    ]


async def said(storage: Storage, story: Story, discord_id: int) -> bool:
    stored = await storage.messages.append_person(
        story, discord_id=discord_id, author_id=7, name="Ann", text=str(discord_id)
    )
    return stored is not None


async def test_a_place_has_one_active_story(storage: Storage) -> None:
    opened = await asyncio.gather(*(storage.stories.open(PLACE) for _ in range(10)))
    assert len({story.id for story in opened}) == 1


async def test_a_place_is_kept_with_its_facts(storage: Storage) -> None:
    place = Place(channel_id=1, guild_id=2, category_id=3, thread_id=4, adult=True)
    direct = Place(channel_id=5, person_id=6)
    assert (await storage.stories.open(place)).place == place
    assert (await storage.stories.open(direct)).place == direct
    moved = Place(channel_id=1, guild_id=2, category_id=9, thread_id=4)
    assert (await storage.stories.open(moved)).place == moved


async def test_the_cast_keeps_its_order(storage: Storage, cast: list[int]) -> None:
    story = await storage.stories.open(PLACE)
    members = [StoryMember(cast[1], talkativeness=0.9), StoryMember(cast[0], muted=True)]
    changed = await storage.stories.set_members(story, members)
    assert [member.character_id for member in changed.members] == [cast[1], cast[0]]
    assert [member.muted for member in changed.members] == [False, True]
    assert changed.members[0].talkativeness == 0.9
    assert await storage.stories.open(PLACE) == changed


async def test_a_deleted_character_leaves_the_cast(storage: Storage, cast: list[int]) -> None:
    story = await storage.stories.open(PLACE)
    story = await storage.stories.set_members(story, [StoryMember(cast[0]), StoryMember(cast[1])])
    turn = await storage.messages.begin(story, "Juno", character_id=cast[0])
    await storage.characters.delete(SERVER, cast[0])
    story = await storage.stories.open(PLACE)
    assert [member.character_id for member in story.members] == [cast[1]]
    left = await storage.messages.get(PLACE.id, turn.id)
    assert (left.name, left.character_id) == ("Juno", None)


async def test_a_thread_shows_the_channels_cast_until_it_has_one(
    storage: Storage, cast: list[int]
) -> None:
    channel = await storage.stories.open(PLACE)
    thread = Place(PLACE.channel_id, PLACE.guild_id, thread_id=77)
    assert (await storage.stories.open(thread)).members == ()
    await storage.stories.set_members(channel, [StoryMember(cast[0])])
    inherited = await storage.stories.open(thread)
    assert [member.character_id for member in inherited.members] == [cast[0]]
    own = await storage.stories.set_members(inherited, [StoryMember(cast[1])])
    assert [member.character_id for member in own.members] == [cast[1]]
    channel = await storage.stories.open(PLACE)
    assert [member.character_id for member in channel.members] == [cast[0]]


async def test_a_new_story_keeps_the_cast_and_nothing_else(
    storage: Storage, cast: list[int]
) -> None:
    story = await storage.stories.set_members(
        await storage.stories.open(PLACE), [StoryMember(cast[0])]
    )
    for discord_id in (10, 20, 30):
        await said(storage, story, discord_id)
    fresh = await storage.stories.new(PLACE)
    assert fresh.id != story.id
    assert fresh.members == story.members
    assert await storage.messages.history(fresh) == []
    assert await storage.stories.open(PLACE) == fresh


async def test_what_was_said_before_does_not_come_back(storage: Storage) -> None:
    story = await storage.stories.open(PLACE)
    await said(storage, story, 20)
    await storage.stories.mark_seen(PLACE, 30)
    fresh = await storage.stories.new(PLACE)
    # 10 and 25 were missed before; read back after a restart they belong to the old story.
    assert [await said(storage, fresh, discord_id) for discord_id in (10, 20, 25, 30)] == [
        False
    ] * 4
    assert await said(storage, fresh, 31)
    turn = await storage.messages.begin(fresh, "Juno")
    assert turn.seq > 31


async def test_seen_never_goes_back(storage: Storage) -> None:
    story = await storage.stories.open(PLACE)
    assert await last_seen(storage, PLACE.id) == 0
    await storage.stories.mark_seen(PLACE, 50)
    await storage.stories.mark_seen(PLACE, 40)
    await said(storage, story, 45)
    assert await last_seen(storage, PLACE.id) == 50
    await said(storage, story, 60)
    assert await last_seen(storage, PLACE.id) == 60


async def test_watched_places(storage: Storage) -> None:
    other = Place(channel_id=900, guild_id=1)
    await said(storage, await storage.stories.open(PLACE), 20)
    await storage.stories.open(other)
    await storage.stories.new(other)
    assert await storage.stories.watched() == [(PLACE, 20), (other, 0)]


async def test_a_hidden_message_counts_no_more(storage: Storage) -> None:
    story = await storage.stories.open(PLACE)
    for discord_id in (10, 20, 30):
        await said(storage, story, discord_id)
    await storage.messages.begin(story, "Juno")
    await storage.messages.hide_by_discord([10])
    told = await storage.messages.history(story)
    people = [m for m in await storage.messages.history(story, hidden=True) if m.author_id]
    assert (len(told), len(people)) == (3, 3)
