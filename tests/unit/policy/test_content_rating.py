"""Adult cards speak in age-restricted places only, and cards of minors marked so nowhere."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.characters.character import Character
from core.chat.place import Place
from core.errors import AdultOnly, Unsafe
from core.policy.adult_words import says_adult
from core.policy.content_rating import declares_minor, demand_safe, is_adult, is_tagged_adult

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


def test_no_mark_lets_a_minor_speak_whose_card_is_tagged() -> None:
    child = card(["nsfw"], "Age: 16.")
    with pytest.raises(Unsafe):
        demand_safe(child, RESTRICTED, "no", adult_dms=True)
    with pytest.raises(Unsafe):
        demand_safe(card([], "Age: 16."), RESTRICTED, "yes", adult_dms=True)


def test_a_manager_marks_by_hand() -> None:
    plain, tagged = card(["pirate"]), card(["NSFW"])
    assert is_adult(plain, "yes", HERE)
    assert not is_adult(tagged, "no", HERE)
    assert is_adult(tagged, "auto", HERE)
    # In a direct message everyone manages their own; the operator alone opens those.
    assert is_adult(tagged, "no", DIRECT)
    assert is_adult(plain, "yes", DIRECT)


@pytest.mark.parametrize(
    "fields",
    [
        {"extensions": {"chub": {"nsfw": True}}},
        {"extensions": {"nsfl": True}},
        {"extensions": {"other": {"rating": "Explicit"}}},
        {"is_nsfw": True},
    ],
)
def test_switches_of_card_sites_count(fields: dict[str, Any]) -> None:
    data = {"name": "Mira", "description": "A sailor.", **fields}
    found = Character.from_document({"spec": "chara_card_v2", "data": data})
    assert is_tagged_adult(found)
    off = json.loads(json.dumps(data).replace("true", "false").replace("Explicit", "safe"))
    assert not is_tagged_adult(Character.from_document({"spec": "chara_card_v2", "data": off}))


@pytest.mark.parametrize(
    "tag",
    [
        "NSFW", "nsfw ❤️", "SFW <-> NSFW", "Smut", "lewd", "nsfl", "Erotica", "mature", "Mature!",
        "Mature Themes", "adult", "Adult Content", "for adults only", "explicit",
        "porn", "Hentai", "18+", "+18", "18 +", "R18", "R-18", "r 18", "R-18G", "x-rated",
        "Rule 34", "explicit sexual content", "NSFW注意",
        "ＮＳＦＷ", "ｒ－１８", "over 18", "sex", "sexual content", "NSFW-ish", "#nsfw", "tag:nsfw",
        "成人", "成人向け", "アダルト", "エロ", "エロい", "えっち", "エッチ", "18禁", "R18指定",
        "官能",
        "十八禁", "色情", "成人内容", "成年向", "限制级", "情色", "里番", "涩涩", "18歳以上",
        "adulto", "conteúdo adulto", "Erótico", "pornô", "putaria", "explícito", "sexo explícito",
        "maiores de 18", "para maiores de 18", "safadeza",
    ],
)  # fmt: skip
def test_tags_that_say_it(tag: str) -> None:
    assert says_adult(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "", "sfw", "SFW only", "not nsfw", "non-NSFW", "no smut", "NSFW-free", "sem putaria",
        "young adult", "mature oak forest", "Mature woman", "explicit instructions", "same-sex",
        "sex education", "adulthood", "r180", "180+", "18th century", "level 18", "age 18",
        "class of 18", "essex", "asexual", "pornelius", "erotes", "blewd", "jovem adulto",
        "ピエロ", "スケッチ", "エッチング", "ヤングアダルト", "エロイーズ", "成人式",
        "未成年", "五颜六色色彩",
        "非nsfw 18禁止ではない", "leather", "safe", "テロ", "nature",
    ],
)  # fmt: skip
def test_tags_that_do_not(tag: str) -> None:
    assert not says_adult(tag)


@given(st.text(max_size=60))
def test_any_tag_is_judged(tag: str) -> None:
    assert says_adult(tag) in (True, False)
    assert says_adult(f"x, NSFW; {tag}") or "free" in tag.casefold()


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
