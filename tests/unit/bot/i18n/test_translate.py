"""Texts in four languages: found, filled in, and never with other facts than the English ones."""

from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog

from bot.cli.translations import texts, update
from bot.i18n.translate import FOLDER, _, best, languages, ngettext, read, speaking, use


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def test_our_four_languages_are_there() -> None:
    assert set(languages()) >= {"en", "ja", "pt-BR", "zh-CN"}


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en-US", "en"),
        ("en-GB", "en"),
        ("ja", "ja"),
        ("pt-BR", "pt-BR"),
        ("zh-CN", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_discords_codes_find_a_language(code: str, language: str) -> None:
    assert best(code) == language


def test_texts_are_translated_and_filled_in() -> None:
    english = "Waiting for the model, number {position} in line"
    with speaking("pt-BR"):
        assert _(english, position=3) == "Esperando o modelo, número 3 na fila"
    assert _(english, position=3) == "Waiting for the model, number 3 in line"


def test_numbers_choose_their_form() -> None:
    one, many = "{number} minute", "{number} minutes"
    said = {}
    for code in languages():
        with speaking(code):
            said[code] = [ngettext(one, many, number) for number in (0, 1, 2)]
    assert said["en"] == ["0 minutes", "1 minute", "2 minutes"]
    assert said["pt-BR"] == ["0 minuto", "1 minuto", "2 minutos"]
    assert said["ja"] == ["0 分", "1 分", "2 分"]


def test_unknown_texts_stay_english() -> None:
    with speaking("ja"):
        assert _("Nobody translated {this}.", this="it") == "Nobody translated it."


async def test_a_language_belongs_to_its_task() -> None:
    with speaking("ja"):
        use("pt-BR")
        assert _("Stop") == "Parar"
    assert _("Stop") == "Stop"


@pytest.mark.parametrize("code", ["ja", "pt-BR", "zh-CN"])
def test_translations_use_the_same_facts(code: str) -> None:
    forms = {message.id: message.id for message in texts() if isinstance(message.id, str)}
    for (_context, english), translated in languages()[code].texts.items():
        known = forms.get(english, english)
        for form in translated:
            assert fields(form) <= fields(known) | {"number"}, english
            assert fields(known) <= fields(form) | {"number"}, english


def test_a_text_that_gets_forms_for_numbers_is_translated_anew(tmp_path: Path) -> None:
    entry = 'msgid "{number} sheep"\nmsgstr "{number} ovelhas"\n'
    (tmp_path / "pt-BR.po").write_bytes((FOLDER / "pt-BR.po").read_bytes() + entry.encode())
    template = Catalog()
    template.add(("{number} sheep", "{number} sheep"))
    assert update("pt-BR", template, tmp_path) == 1


def test_updating_keeps_what_is_translated(tmp_path: Path) -> None:
    path = tmp_path / "ja.po"
    path.write_bytes((FOLDER / "ja.po").read_bytes())
    template = texts()
    update("ja", template, tmp_path)
    assert read(path).texts == languages()["ja"].texts
    once = path.read_bytes()
    update("ja", template, tmp_path)
    assert path.read_bytes() == once
