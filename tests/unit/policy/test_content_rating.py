"""Adult cards speak in age-restricted places only, and cards of minors marked so nowhere."""

import pytest

from core.characters.character import Character
from core.chat.place import Place
from core.errors import AdultOnly, Unsafe
from core.policy.content_rating import declares_minor, demand_safe

HERE, RESTRICTED = Place(1, guild_id=2), Place(1, guild_id=2, adult=True)
DIRECT = Place(1, person_id=3)


def card(tags: list[str], description: str = "A sailor.") -> Character:
    data = {"name": "Mira", "tags": tags, "description": description}
    return Character.from_document({"spec": "chara_card_v2", "spec_version": "2.0", "data": data})


def refusal(found: Character, place: Place, *, adult_dms: bool = False) -> type[Unsafe] | None:
    try:
        demand_safe(found, place, adult_dms=adult_dms)
    except Unsafe as refused:
        return type(refused)
    return None


def test_where_adult_cards_speak() -> None:
    adult = card(["Pirate", "NSFW"])
    assert refusal(adult, HERE) is AdultOnly
    assert refusal(adult, RESTRICTED) is None
    assert refusal(adult, DIRECT) is AdultOnly
    assert refusal(adult, DIRECT, adult_dms=True) is None


def test_other_cards_speak_everywhere() -> None:
    assert refusal(card(["pirate"], "Age: 12"), HERE) is None


def test_a_minor_marked_for_adults_speaks_nowhere() -> None:
    assert refusal(card(["nsfw"], "Age: 16."), RESTRICTED) is Unsafe


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("A 17-year-old girl", True),
        ("aged 15", True),
        ("Age: 28", False),
        ("300 years old", False),
        ("page 12", False),
        ("12 years of war", False),
    ],
)
def test_ages(text: str, minor: bool) -> None:
    assert declares_minor(card([], text)) is minor
