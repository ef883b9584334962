"""Where a card may speak: adult cards in age-restricted places, some cards nowhere."""

import re

from core.characters.character import Character
from core.chat.place import Place
from core.errors import AdultOnly, Unsafe
from core.reasons import Reason

ADULT_TAGS = frozenset(
    {"nsfw", "adult", "18+", "r18", "r-18", "explicit", "porn", "hentai", "成人"}
)
_AGE = re.compile(
    r"\bage(?:d|s)?\b\W{0,6}(?P<named>\d{1,3})\b"
    r"|\b(?P<counted>\d{1,3})[\s-]{0,2}(?:years?[\s-]old|y/?o)\b",
    re.IGNORECASE,
)
_OF_AGE = 18


def is_adult(card: Character) -> bool:
    return any(tag.strip().casefold() in ADULT_TAGS for tag in card.tags)


def declares_minor(card: Character) -> bool:
    """Whether the card says that the character is under eighteen."""
    texts = (card.description, card.personality)
    ages = (match["named"] or match["counted"] for text in texts for match in _AGE.finditer(text))
    return any(int(age) < _OF_AGE for age in ages)


def demand_safe(card: Character, place: Place, *, adult_dms: bool) -> None:
    """Asked before every reply, since a channel's mark may change. Raises AdultOnly, Unsafe."""
    if not is_adult(card):
        return
    if declares_minor(card):
        raise Unsafe(Reason.UNDER_AGE)
    allowed = adult_dms if place.guild_id is None else place.adult
    if not allowed:
        raise AdultOnly(name=card.display_name)
