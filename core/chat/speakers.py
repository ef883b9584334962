"""Which characters answer a line."""

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_TALKATIVENESS = 0.5


@dataclass(frozen=True, slots=True)
class PossibleSpeaker:
    """A character that may answer. `talkativeness` is the chance to join in unasked."""

    character_id: int
    name: str
    muted: bool = False
    talkativeness: float = DEFAULT_TALKATIVENESS


def choose(
    candidates: Sequence[PossibleSpeaker], text: str, last_speaker: int | None, dice: random.Random
) -> list[int]:
    """Ids of those who answer `text`, in order.

    Whoever is named answers, in the order of the names; where nobody is named, each rolls
    against the own talkativeness, and at least one speaks, not the last speaker if avoidable.
    """
    present = [member for member in candidates if not member.muted]
    if len(present) <= 1:
        return [member.character_id for member in present]
    named = sorted(
        (place, member.character_id)
        for member in present
        if (place := mentioned_at(member.name, text)) is not None
    )
    if named:
        return [character_id for _, character_id in named]
    rolled = [member for member in present if dice.random() < member.talkativeness]
    if not rolled:
        others = [member for member in present if member.character_id != last_speaker]
        rolled = [dice.choice(others)]
    return [member.character_id for member in rolled]


def mentioned_at(name: str, text: str) -> int | None:
    """Where `text` names the character, by whole name or by one of its longer words."""
    line = fold(text)
    words = [fold(name), *(word for word in fold(name).split() if len(word) > 2)]
    places = [place for word in words if (place := whole_word(word, line)) is not None]
    return min(places, default=None)


def fold(text: str) -> str:
    """Case and width set aside; the order of places stays."""
    return unicodedata.normalize("NFKC", text).casefold()


def whole_word(word: str, line: str) -> int | None:
    """Place of `word` between non-letters; scripts without spaces match anywhere."""
    start = line.find(word) if word else -1
    while start >= 0:
        end = start + len(word)
        if not word.isascii() or not (
            line[start - 1 : start].isalnum() or line[end : end + 1].isalnum()
        ):
            return start
        start = line.find(word, start + 1)
    return None
