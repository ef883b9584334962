"""Where a card may speak: adult cards in age-restricted places, some cards nowhere."""

import re

from core.characters.character import Character
from core.chat.place import Place
from core.errors import AdultOnly, Unsafe
from core.policy.adult_words import says_adult
from core.reasons import Reason

_FLAGS = frozenset({"nsfw", "nsfl", "is_nsfw", "isNsfw", "isNSFW", "adult", "is_adult", "isAdult"})
"""Switches of card sites and other programs, in the card or under their name in `extensions`."""
_RATINGS = frozenset({"rating", "content_rating", "contentRating", "maturity"})
_AGE = re.compile(
    r"\bage(?:d|s)?\b\W{0,6}(?P<named>\d{1,3})\b"
    r"|\b(?P<counted>\d{1,3})[\s-]{0,2}(?:years?[\s-]old|y/?o)\b",
    re.IGNORECASE,
)
_OF_AGE = 18


def is_tagged_adult(card: Character) -> bool:
    """Whether the card says so itself: by a word in a tag, or by a card site's switch."""
    if any(says_adult(tag) for tag in card.tags):
        return True
    extensions = card.extensions
    places = (card.root, card.model_extra or {}, extensions, *extensions.values())
    return any(
        (key in _FLAGS and value is True)
        or (key in _RATINGS and isinstance(value, str) and says_adult(value))
        for place in places
        if isinstance(place, dict)
        for key, value in place.items()
    )


def is_adult(card: Character, mark: str, place: Place) -> bool:
    """As a manager of the server marked it, else as the card says.

    In a direct message everyone manages their own; there nobody takes the card's word away.
    """
    if mark == "yes" or (mark == "no" and place.guild_id is not None):
        return mark == "yes"
    return is_tagged_adult(card)


def declares_minor(card: Character) -> bool:
    """Whether the card says that the character is under eighteen."""
    texts = (card.description, card.personality)
    ages = (match["named"] or match["counted"] for text in texts for match in _AGE.finditer(text))
    return any(int(age) < _OF_AGE for age in ages)


def demand_safe(card: Character, place: Place, mark: str = "auto", *, adult_dms: bool) -> None:
    """Asked before every reply, since a channel's mark may change. Raises AdultOnly, Unsafe.

    `mark` is what the option `character.adult` says. No mark lets a minor's adult card speak.
    """
    is_for_adults = is_adult(card, mark, place)
    if (is_for_adults or is_tagged_adult(card)) and declares_minor(card):
        raise Unsafe(Reason.UNDER_AGE)
    if not is_for_adults:
        return
    allowed = adult_dms if place.guild_id is None else place.adult
    if not allowed:
        raise AdultOnly(name=card.display_name)
