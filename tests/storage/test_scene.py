"""A scene: who is present and what holds, read in one transaction."""

from sqlalchemy import event

from core.characters.character import Character
from core.characters.persona import Persona
from core.chat.place import Place, Scope
from core.engine.scene import NOT_BEGUN, read_scene
from core.options.table import CHAT_MODE, LANGUAGE, REPLY_LENGTH
from core.storage.storage import Storage
from core.storage.stories import Story, StoryMember
from tests.storage.conftest import PLACE

ANN = 7


def begun(storage: Storage) -> list[object]:
    """Grows with every transaction that reads or writes from here on."""
    seen: list[object] = []
    for engine in {storage.database._reader, storage.database._writer}:
        event.listen(engine.sync_engine, "begin", seen.append)
    return seen


async def peopled(storage: Storage, story: Story) -> tuple[int, int]:
    """Two characters take part, one of them with an option of her own; Ann has a persona."""
    owner = PLACE.owner
    juno = (await storage.characters.add(owner, Character(name="Juno"))).id
    hesper = (await storage.characters.add(owner, Character(name="Hesper"))).id
    await storage.stories.set_members(story, [StoryMember(juno), StoryMember(hesper, muted=True)])
    await storage.options.put(owner, Scope.CHANNEL, PLACE.id, CHAT_MODE.key, "mention")
    await storage.options.put(owner, Scope.SERVER, 1, REPLY_LENGTH.key, 100)
    await storage.options.put(owner, Scope.CHARACTER, juno, REPLY_LENGTH.key, 200)
    stored = await storage.personas.put(ANN, Persona(name="The Stranger"))
    await storage.personas.bind(ANN, Scope.CHANNEL, PLACE.channel_id, stored.id)
    return juno, hesper


async def test_a_scene_is_one_read(storage: Storage, story: Story) -> None:
    juno, hesper = await peopled(storage, story)
    transactions = begun(storage)
    scene = await read_scene(storage, PLACE, ANN)
    assert len(transactions) == 1
    assert scene.story.id == story.id
    assert scene.names == ["Juno", "Hesper"]
    assert [member.muted for member in scene.members] == [False, True]
    assert scene.persona is not None
    assert scene.persona.persona.name == "The Stranger"
    assert set(scene.characters) == {juno, hesper}
    assert scene.is_active
    assert (scene.answers(addressed=True), scene.answers(addressed=False)) == (True, False)


async def test_a_characters_own_options_hold_for_its_replies(
    storage: Storage, story: Story
) -> None:
    juno, hesper = await peopled(storage, story)
    scene = await read_scene(storage, PLACE, ANN)
    assert scene.options[REPLY_LENGTH] == 100
    assert scene.options_of(juno)[REPLY_LENGTH] == 200
    assert scene.options_of(juno)[CHAT_MODE] == "mention"
    assert scene.options_of(hesper) is scene.options
    assert scene.options[LANGUAGE] == LANGUAGE.default


async def test_no_story_is_begun_where_nobody_answers(storage: Storage) -> None:
    silent, direct = Place(300, 1), Place(400, person_id=ANN)
    scene = await read_scene(storage, silent, ANN)
    assert (scene.story.id, scene.is_active) == (NOT_BEGUN, False)
    assert await storage.stories.current(silent.id) is None
    scene = await read_scene(storage, direct, ANN)
    assert (scene.story.place, scene.is_active) == (direct, True)
    assert await storage.stories.current(direct.id) == scene.story


async def test_a_deleted_character_is_no_member(storage: Storage, story: Story) -> None:
    juno, _ = await peopled(storage, story)
    await storage.characters.delete(PLACE.owner, juno)
    assert (await read_scene(storage, PLACE, ANN)).names == ["Hesper"]
