"""Every text a person can read exists in all our languages, says the same facts, and fits.

A text without a translation is shown in English: a warning in daily work, a failure with
`TAVERN_RELEASE=1`. `python -m bot translations` writes what is missing into the `.po` files.
"""

import ast
import io
import os
import re
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import bot
from bot.cli.translations import command_texts, marked, texts
from bot.cogs import collect
from bot.i18n.translate import FOLDER, SOURCE, languages
from bot.views.templates import LABELS

CODES = [code for code in languages() if code != SOURCE]
RELEASE = os.environ.get("TAVERN_RELEASE") == "1"
DESCRIPTION = 100
"""Discord's limit of a description, of a choice's name and of a text field's placeholder."""
LABEL = 45
"""Discord's limit of a modal's title and of a text field's label."""
FORMS = {
    "Form": (LABEL,),
    "Field": (DESCRIPTION, LABEL, DESCRIPTION),
    "FormatValue": (LABEL,),
    "_line": (DESCRIPTION, LABEL, DESCRIPTION, DESCRIPTION),
}
"""Limits of what makes a modal, argument by argument; a value's label is its form's title."""
Key = tuple[str, str]


@cache
def template() -> Catalog:
    return texts()


@cache
def stored(code: str) -> Catalog:
    path = FOLDER / f"{code}.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=code.replace("-", "_"))


def key(message: Message) -> Key:
    return message.context or "", forms(message.id)[0]


def forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text or ""),)


def keys(catalog: Catalog) -> set[Key]:
    return {key(message) for message in catalog if message.id}


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def code_of(text: str) -> list[str]:
    """What has to be typed or read as it stands: commands, options, files."""
    return sorted(re.findall(r"`[^`]*`", text))


def emphasis(text: str) -> int:
    return text.count("**")


def pairs(code: str) -> Iterator[tuple[str, str]]:
    """English and translation, where there is one; of texts with numbers the form for many."""
    for message in stored(code):
        if message.id and message.string and any(forms(message.string)):
            yield forms(message.id)[-1], forms(message.string)[-1]


def report(code: str, texts: list[str], what: str = "missing") -> None:
    """Gaps in a language, and texts that nobody says, are a warning until a release is made."""
    if texts:
        warnings.warn(f"{code}: {len(texts)} texts are {what}: {texts[:5]}", stacklevel=1)


@pytest.mark.filterwarnings("default:.*texts are (missing|no longer used):UserWarning")
@pytest.mark.parametrize("code", CODES)
def test_every_text_is_translated(code: str) -> None:
    known = languages()[code].texts
    missing = [text for context, text in sorted(keys(template())) if not known.get((context, text))]
    report(code, missing)
    assert not RELEASE or missing == []


@pytest.mark.filterwarnings("default:.*texts are (missing|no longer used):UserWarning")
@pytest.mark.parametrize("code", [SOURCE, *CODES])
def test_files_hold_what_the_code_says_and_nothing_else(code: str) -> None:
    catalog = stored(code)
    missing = sorted(keys(template()) - keys(catalog))
    report(code, [text for _context, text in missing])
    left_over = sorted(keys(catalog) - keys(template()))
    report(code, [text for _context, text in left_over], "no longer used")
    assert not RELEASE or missing == left_over == []
    assert list(catalog.obsolete) == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []


@pytest.mark.parametrize("code", CODES)
def test_texts_with_numbers_have_all_their_forms(code: str) -> None:
    catalog = stored(code)
    plural = [message for message in catalog if isinstance(message.id, list | tuple)]
    assert plural
    assert {len(forms(message.string)) for message in plural} == {catalog.num_plurals}


@pytest.mark.parametrize("code", CODES)
def test_facts_code_and_emphasis_stay(code: str) -> None:
    changed = [
        (english, text)
        for english, text in pairs(code)
        if fields(english) != fields(text)
        or code_of(english) != code_of(text)
        or emphasis(english) != emphasis(text)
        or (english[-1] == "\n") != (text[-1:] == "\n")
    ]
    assert changed == []


@pytest.mark.parametrize("code", [SOURCE, *CODES])
def test_descriptions_and_choices_fit(code: str) -> None:
    language = languages()[code]
    said = {english: language.text(english) for english in command_texts(collect())}
    assert [text for text in said.values() if not 1 <= len(text) <= DESCRIPTION] == []


@pytest.mark.parametrize("code", [SOURCE, *CODES])
def test_forms_fit(code: str) -> None:
    """A label that is too long is cut when it is shown; none of ours may need it."""
    language = languages()[code]
    found = list(form_texts())
    assert found
    long = [(language.text(english), limit) for english, limit in found]
    assert [text for text, limit in long if len(text) > limit] == []


def form_texts() -> Iterator[tuple[str, int]]:
    """Texts that stand in modals, with their limits."""
    yield from ((english, LABEL) for english in LABELS.values())
    for path in sorted(Path(bot.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            for given, limit in zip(node.args, FORMS.get(node.func.id, ()), strict=False):
                for english in marked(ast.unparse(given)):
                    if not fields(english[0]):
                        yield english[0], limit
