"""Whatever a card holds, reading it ends in a card of the right types or in a refusal."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.characters.card_file import read_card
from core.characters.character import Character
from core.characters.names import display_name
from core.errors import InvalidCard, TavernError
from core.transfer.files import identify, read_file
from core.untrusted import json as untrusted_json
from tests.unit.characters import samples

LETTERS = st.characters(codec=None, exclude_categories=())
TEXT = st.text(LETTERS, max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=True, allow_infinity=True)
    | TEXT
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "name",
    "personality",
    "scenario",
    "first_mes",
    "mes_example",
    "creator_notes",
    "system_prompt",
    "post_history_instructions",
    "alternate_greetings",
    "tags",
    "creator",
    "character_version",
    "nickname",
    "group_only_greetings",
    "assets",
    "source",
)
ENTRY = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("keys", "content", "enabled", "insertion_order", "id"), VALUES)
)
BOOK = st.fixed_dictionaries({}, optional={"entries": st.lists(ENTRY, max_size=3) | VALUES})
NOTE = st.fixed_dictionaries({}, optional={"prompt": VALUES, "depth": VALUES, "role": VALUES})
DATA = st.fixed_dictionaries(
    {"description": VALUES},
    optional={
        **dict.fromkeys(FIELDS, VALUES),
        "character_book": BOOK | VALUES,
        "extensions": st.fixed_dictionaries({}, optional={"depth_prompt": NOTE | VALUES}) | VALUES,
        "unknown": VALUES,
    },
)
CARDS = st.fixed_dictionaries(
    {"data": DATA},
    optional={"spec": st.sampled_from(["chara_card_v2", "chara_card_v3"]) | VALUES, "name": VALUES},
)


def is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value and bool(value.encode("utf-8") or True)


@given(CARDS)
@settings(max_examples=300)
def test_every_field_has_its_type_and_the_second_reading_changes_nothing(card: Any) -> None:
    try:
        character, _ = Character.read(untrusted_json.clean(card))
    except InvalidCard:
        return
    assert character.name
    assert len(character.name) <= 100
    for name in ("name", "description", "personality", "first_mes", "creator", "system_prompt"):
        assert is_text(getattr(character, name))
    assert all(is_text(text) for text in (*character.alternate_greetings, *character.tags))
    assert character.depth_prompt.role in ("system", "user", "assistant")
    assert 0 <= character.depth_prompt.depth <= 10_000
    for entry in (character.character_book or {}).get("entries", []):
        assert all(is_text(key) for key in entry["keys"])
        assert is_text(entry["content"])
        assert isinstance(entry["insertion_order"], int)
        assert isinstance(entry["enabled"], bool)
    written = character.to_document()
    json.dumps(written, allow_nan=False).encode("utf-8")
    again, remarks = Character.read(written)
    assert again.to_document() == written
    assert remarks == []


@given(VALUES)
def test_cleaned_values_are_plain_json(value: Any) -> None:
    cleaned = untrusted_json.clean(value)
    text = json.dumps(cleaned, ensure_ascii=False, allow_nan=False)
    assert untrusted_json.parse(text) == cleaned
    text.encode("utf-8")


@given(st.text(LETTERS, max_size=60))
def test_text_is_parsed_or_refused(text: str) -> None:
    with suppress(untrusted_json.NotPlain):
        untrusted_json.dump(untrusted_json.parse(text))


@given(st.text(LETTERS, max_size=200))
def test_shown_names_fit_on_a_label(name: str) -> None:
    shown = display_name(name)
    assert 1 <= len(shown.encode("utf-16-le")) // 2 <= 80
    assert shown == shown.strip()
    assert shown.isprintable() or "\u200d" in shown or "\u200c" in shown


SOUND = [
    samples.png(samples.text(samples.v3())),
    samples.charx(samples.v3()),
    samples.webp(b"ASCII\0\0\0" + json.dumps(samples.v2()).encode()),
    json.dumps(samples.v2()).encode(),
]


@given(
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8),
    st.integers(0, 10**6),
)
@settings(max_examples=400)
def test_spoiled_files_are_read_or_refused(
    file: bytes, changes: list[tuple[int, int]], length: int
) -> None:
    spoiled = bytearray(file)
    for position, value in changes:
        spoiled[position % len(spoiled)] = value
    data = bytes(spoiled[: max(length, 1)])
    with suppress(InvalidCard):
        assert read_card(data).character.name


@given(st.binary(max_size=200) | TEXT.map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_identified_or_refused(data: bytes) -> None:
    kind = identify(data)
    with suppress(TavernError):
        assert read_file(data).kind is kind
