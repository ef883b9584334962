"""One story in one place."""

from dataclasses import dataclass

from core.chat.place import Place


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
