"""Labels in pictures are drawn with letters that the font has, or stay in English."""

import pytest
from PIL import ImageFont

from bot.i18n.translate import use
from bot.views import fonts
from bot.views.prompt_labels import LABELS, drawable, source_words
from core.prompt.prompt import PartKind


def test_plain_letters_need_no_font_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "NAMES", ())
    assert isinstance(fonts.font_with("Lore", 24), ImageFont.FreeTypeFont)
    assert fonts.font_with("Histórico", 24) is None
    use("pt-BR")
    assert drawable(LABELS[PartKind.HISTORY]) == "History"
    use(None)


def test_a_font_is_taken_only_where_it_has_every_letter() -> None:
    own = ImageFont.load_default(24)
    assert isinstance(own, ImageFont.FreeTypeFont)
    assert fonts._has(own, "Lore")
    assert not fonts._has(own, "Histórico")
    for text in ("Histórico", "履歴"):
        found = fonts.font_with(text, 24)
        assert found is None or fonts._has(found, text)  # type: ignore[arg-type]


def test_sources_are_words_and_names_stay_as_they_are() -> None:
    assert source_words("author's note, lore at depth 4") == "author's note, lore at depth 4"
    assert source_words("persona") == ""
    assert source_words("Ann") == "Ann"
    use("ja")
    assert source_words("Ann") == "Ann"
    use(None)
