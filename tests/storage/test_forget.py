"""Forgetting: no row and no byte of what was forgotten, and everything else as it was."""

from pathlib import Path

import pytest
from sqlalchemy import text

from core.characters.character import Character
from core.characters.persona import Persona
from core.chat.message import State, Swipe
from core.chat.place import Owner, OwnerKind, Place, Scope
from core.macros.variables import VariableScope, VariableWrite
from core.secret import Secret
from core.settings import Settings
from core.storage.characters import AVATAR, Picture
from core.storage.connections import Connection
from core.storage.storage import Storage
from core.storage.stories import Effects, Story
from tests.storage.conftest import last_seen

ANN, BOB = 7, 8
CHANNEL = Place(channel_id=100, guild_id=1)
THREAD = Place(channel_id=100, guild_id=1, thread_id=200)
OTHER = Place(channel_id=300, guild_id=2)
DIRECT = Place(channel_id=400, person_id=ANN)
PLACES = (CHANNEL, THREAD, OTHER, DIRECT)


def word(*parts: object) -> str:
    """A word that stands nowhere else."""
    return "canary-" + "-".join(str(part) for part in parts) + "-end"


def files_hold(folder: Path, found: str) -> bool:
    return any(found.encode() in path.read_bytes() for path in folder.glob("tavern.db*"))


async def fill(storage: Storage) -> None:
    for number, place in enumerate(PLACES):
        story = await storage.stories.open(place)
        await talk(storage, story, 1000 * (number + 1))
        scope = Scope.THREAD if place.thread_id else Scope.CHANNEL
        note = word("option", place.id)
        await storage.options.put(place.owner, scope, place.id, "note.text", note)
    for owner in (OTHER.owner, CHANNEL.owner, DIRECT.owner):
        await own(storage, owner)
    for person in (ANN, BOB):
        stored = await storage.personas.put(person, Persona(name=word("persona", person)))
        await storage.personas.bind(person, Scope.CHANNEL, CHANNEL.channel_id, stored.id)


async def talk(storage: Storage, story: Story, first: int) -> None:
    for offset, person in enumerate((ANN, BOB)):
        if story.place.person_id in (None, person):
            await storage.messages.append_person(
                story,
                discord_id=first + offset,
                author_id=person,
                name=word("name", person),
                text=word("said", person, story.place.id),
            )
    turn = await storage.messages.begin(story, "Juno")
    await storage.messages.shown(turn.id, [first + 10])
    effects = Effects(
        [VariableWrite(scope, scope.value, word(scope, story.place.id)) for scope in VariableScope]
    )
    answer = Swipe(word("answer", story.place.id))
    await storage.messages.finish(turn.id, 0, answer, State.DONE, effects)


async def own(storage: Storage, owner: Owner) -> None:
    name = word(owner.kind, owner.id)
    picture = Picture(name.ljust(64, "0")[:64], "image/png", word("pixels", owner.id).encode())
    await storage.characters.add(
        owner, Character(name=name), created_by=ANN, pictures={AVATAR: picture}
    )
    await storage.connections.put(owner, Connection(name, "openai", key=Secret("sk-12345")))
    await storage.presets.put(owner, "context", name, {"story_string": word("story", owner.id)})


@pytest.fixture
async def full(settings: Settings, storage: Storage) -> Storage:
    await fill(storage)
    return storage


async def counts(storage: Storage) -> dict[str, int]:
    found = {}
    async with storage.database.read() as connection:
        for table in ("story", "message", "swipe", "discord_message", "variable", "option"):
            number = await connection.execute(text(f"SELECT count(*) FROM {table}"))
            found[table] = number.scalar_one()
    return found


def gone(storage: Storage, settings: Settings, *words: str) -> None:
    if storage.database.is_sqlite:
        assert [found for found in words if files_hold(settings.data_dir, found)] == []


def kept(storage: Storage, settings: Settings, *words: str) -> None:
    if storage.database.is_sqlite:
        assert [found for found in words if not files_hold(settings.data_dir, found)] == []


async def test_a_place(full: Storage, settings: Settings) -> None:
    await full.forget.place(CHANNEL.id)
    gone(
        full,
        settings,
        word("said", ANN, 100),
        word("said", BOB, 200),
        word("answer", 200),
        word(VariableScope.LOCAL, 100),
        word("option", 100),
        word("option", 200),
    )
    kept(full, settings, word("said", ANN, 300), word("said", ANN, 400), word("option", 300))
    assert await full.stories.current(CHANNEL.id) is None
    assert await last_seen(full, THREAD.id) == 0
    assert await full.personas.current(CHANNEL, ANN) is None


async def test_a_thread_alone(full: Storage, settings: Settings) -> None:
    await full.forget.place(THREAD.id)
    gone(full, settings, word("said", ANN, 200), word("answer", 200))
    kept(full, settings, word("said", ANN, 100), word("option", 100))


async def test_a_server(full: Storage, settings: Settings) -> None:
    await full.forget.server(1)
    gone(
        full,
        settings,
        *(word("said", person, place) for person in (ANN, BOB) for place in (100, 200)),
        word("option", 100),
        word(OwnerKind.SERVER, 1),
        word("pixels", 1),
        word("story", 1),
        *(word(scope, place) for scope in VariableScope for place in (100, 200)),
    )
    kept(full, settings, word("said", ANN, 300), word(OwnerKind.SERVER, 2), word("persona", ANN))
    assert await full.connections.list(CHANNEL.owner) == []
    assert len(await full.connections.list(OTHER.owner)) == 1


async def test_a_person(full: Storage, settings: Settings) -> None:
    await full.forget.person(ANN)
    gone(
        full,
        settings,
        *(word("said", ANN, place.id) for place in PLACES),
        word("name", ANN),
        word("persona", ANN),
        word("answer", 400),
        word("option", 400),
        word(OwnerKind.PERSON, ANN),
        word("pixels", ANN),
    )
    kept(full, settings, word("said", BOB, 100), word("persona", BOB), word("answer", 300))
    stored = await full.characters.find(CHANNEL.owner, word(OwnerKind.SERVER, 1))
    assert stored.created_by == 0
    assert [
        turn.author_id for turn in await full.messages.history(await full.stories.open(OTHER))
    ] == [
        BOB,
        None,
    ]


async def test_everything(full: Storage, settings: Settings) -> None:
    for guild_id in (1, 2):
        await full.forget.server(guild_id)
    for person in (ANN, BOB):
        await full.forget.person(person)
    assert set((await counts(full)).values()) == {0}
    if full.database.is_sqlite:
        assert not files_hold(settings.data_dir, "canary-")


async def test_the_unknown(full: Storage) -> None:
    before = await counts(full)
    await full.forget.place(999)
    await full.forget.server(999)
    await full.forget.person(999)
    assert await counts(full) == before
