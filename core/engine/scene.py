"""Who is present in a place and what holds there, read once for a message or a command."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from core.chat.place import Place, Scope
from core.options.table import CHARACTER_NICKNAME, CHAT_MODE, OPTIONS, Resolved, Stored, resolve
from core.storage.characters import StoredCharacter
from core.storage.personas import StoredPersona
from core.storage.regex_scripts import StoredScript
from core.storage.storage import Storage
from core.storage.stories import Story, StoryMember

NOT_BEGUN = 0
"""The id of a story of which nothing is stored yet."""


@dataclass(frozen=True, slots=True)
class SceneMember:
    stored: StoredCharacter
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of a place, for one person. Everything that follows rests on it."""

    story: Story
    person_id: int | None
    persona: StoredPersona | None
    options: Resolved
    """What holds for the person, whoever answers."""
    members: tuple[SceneMember, ...] = ()
    """Those who take part; characters deleted since are left out."""
    characters: Mapping[int, StoredCharacter] = field(default_factory=dict)
    """The members' cards, and those of others that were asked for, by id."""
    values: tuple[Stored, ...] = ()
    """Every stored value of an option that could hold here."""
    scripts: tuple[StoredScript, ...] = ()
    """The regex scripts of the server and of this place."""

    @property
    def place(self) -> Place:
        return self.story.place

    @property
    def is_active(self) -> bool:
        """Whether characters answer here at all."""
        return self.options[CHAT_MODE] != "off" or self.place.guild_id is None

    def answers(self, *, addressed: bool) -> bool:
        """Whether characters answer a message; those that are gone do too: that nobody is there."""
        if self.place.guild_id is None:
            return True
        mode = self.options[CHAT_MODE]
        return mode == "every" or (mode == "mention" and addressed)

    @property
    def names(self) -> list[str]:
        return [member.stored.character.name for member in self.members]

    def options_of(self, character_id: int) -> Resolved:
        own = _own(self.values, character_id)
        return resolve(OPTIONS, [*_shared(self.values), *own]) if own else self.options


async def read_scene(
    storage: Storage, place: Place, person_id: int | None = None, besides: Collection[int] = ()
) -> Scene:
    """The scene in one transaction. A story is begun where characters answer and there is none.

    `besides`: characters that matter without taking part.
    """
    async with storage.database.read():
        found = await storage.stories.current(place.id)
        present: tuple[StoryMember, ...] = found.members if found else ()
        ids = [*(member.character_id for member in present), *besides]
        found_cards = await storage.characters.some(place.owner, ids)
        values = tuple(await storage.options.in_reach(place, person_id, ids))
        scripts = tuple(await storage.regex_scripts.within(place.owner, place.scopes()))
        persona = None
        if person_id is not None:
            persona = await storage.personas.current(place, person_id)
    characters = {id_: _called(card, values) for id_, card in found_cards.items()}
    scene = Scene(
        story=found or Story(NOT_BEGUN, place),
        person_id=person_id,
        persona=persona,
        options=resolve(OPTIONS, _shared(values)),
        members=tuple(
            SceneMember(characters[member.character_id], member.muted)
            for member in present
            if member.character_id in characters
        ),
        characters=characters,
        values=values,
        scripts=scripts,
    )
    if scene.is_active and (found is None or found.place != place):
        await storage.stories.open(place)
        return await read_scene(storage, place, person_id, besides)
    return scene


def _called(stored: StoredCharacter, values: Collection[Stored]) -> StoredCharacter:
    """The character under the name that it has in this place."""
    if not stored.character.nickname:
        return stored
    options = resolve(OPTIONS, [*_shared(values), *_own(values, stored.id)])
    if not options[CHARACTER_NICKNAME]:
        return stored
    return replace(stored, character=stored.character.under_nickname())


def _own(values: Collection[Stored], character_id: int) -> list[Stored]:
    """Those that were set for one character."""
    key = (Scope.CHARACTER, character_id)
    return [one for one in values if (one.scope, one.scope_id) == key]


def _shared(values: Collection[Stored]) -> list[Stored]:
    """Those that hold whoever answers."""
    return [one for one in values if one.scope is not Scope.CHARACTER]
