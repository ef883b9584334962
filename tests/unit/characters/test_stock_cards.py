"""The characters that come with the product."""

import io
import re

import pytest
from PIL import Image

from core.characters.card_file import read_card
from core.characters.stock import stock_cards
from core.lorebook.load import load_lorebook

CARDS = stock_cards()


def test_two_characters_wait() -> None:
    assert [slug for slug, _ in CARDS] == ["hesper", "juno"]


@pytest.mark.parametrize(("slug", "data"), CARDS)
def test_every_card_is_complete_and_clean(slug: str, data: bytes) -> None:
    card = read_card(data, slug)
    assert card.remarks == ()
    character = card.character
    assert character.name.lower() == slug
    assert len(character.greetings) >= 3
    assert character.mes_example.count("<START>") >= 3
    assert all((character.personality, character.scenario, character.creator_notes))
    assert "all ages" in character.tags


@pytest.mark.parametrize(("slug", "data"), CARDS)
def test_texts_use_only_names_as_macros(slug: str, data: bytes) -> None:
    text = repr(read_card(data, slug).character.to_document())
    assert set(re.findall(r"\{\{(.*?)\}\}", text)) == {"char", "user"}


@pytest.mark.parametrize(("slug", "data"), CARDS)
def test_avatars_are_square_and_their_books_load(slug: str, data: bytes) -> None:
    card = read_card(data, slug)
    assert card.image is not None
    assert Image.open(io.BytesIO(card.image)).size == (512, 512)
    loaded = load_lorebook(card.character.to_document())
    assert loaded.remarks == ()
    assert len(loaded.book.entries) >= 4
