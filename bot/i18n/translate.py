"""Texts in the reader's language: `.po` files read at start, looked up by the English sentence.

`python -m bot translations` brings every `.po` file up to date with the texts in the code.
"""

import contextlib
import gettext
import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import discord
from babel.messages.pofile import read_po
from discord import app_commands

FOLDER: Path = Path(__file__).parents[1] / "locale"
SOURCE = "en"
COMMAND_NAME = "command name"
"""Context of names of commands and options; without an entry a name stays English."""

_BOLD = re.compile(r"\*\*\{(\w+)\}\*\*")
_MARKUP = re.compile(r"[\\*`~|]|(?<!\w)_|_(?!\w)")
"""Discord's marks; an underscore inside of a word is none."""

_locale: ContextVar[str] = ContextVar("locale", default=SOURCE)


@dataclass(frozen=True, slots=True)
class Language:
    """One `.po` file in memory."""

    texts: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """By context and English text: one form, or one per plural form."""
    plural: Callable[[int], int] = lambda number: int(number != 1)
    """Which form goes with a number."""

    def text(self, english: str, context: str = "") -> str:
        """The translation, or the English text where there is none."""
        found = self.texts.get((context, english))
        return found[0] if found else english

    def count(self, one: str, many: str, number: int) -> str:
        """The form of the text that goes with `number`."""
        found = self.texts.get(("", one))
        if not found:
            return one if number == 1 else many
        return found[min(self.plural(number), len(found) - 1)]


def read(path: Path) -> Language:
    """Reads one `.po` file; fuzzy and empty entries count as missing."""
    catalog = read_po(io.BytesIO(path.read_bytes()), locale=path.stem.replace("-", "_"))
    texts: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in catalog:
        string = message.string or ""
        forms = tuple(map(str, string)) if isinstance(string, list | tuple) else (string,)
        english = message.id[0] if isinstance(message.id, list | tuple) else message.id
        if english and all(forms) and not message.fuzzy:
            texts[message.context or "", english] = forms
    return Language(texts, gettext.c2py(catalog.plural_expr))


@cache
def languages(folder: Path = FOLDER) -> Mapping[str, Language]:
    """Every language there is a file for, by Discord's code; read once."""
    return {path.stem: read(path) for path in sorted(folder.glob("*.po"))}


def best(code: str) -> str:
    """The language we have for one of Discord's locale codes, else English."""
    have = languages()
    if code in have:
        return code
    stem = code.partition("-")[0]
    return next((name for name in have if name.partition("-")[0] == stem), SOURCE)


@contextlib.contextmanager
def speaking(code: str | discord.Locale | None) -> Iterator[None]:
    """Texts made inside are in this language."""
    token = _locale.set(best(str(code)) if code else SOURCE)
    try:
        yield
    finally:
        _locale.reset(token)


def use(code: str | discord.Locale | None) -> None:
    """Texts made in this task from now on are in this language."""
    _locale.set(best(str(code)) if code else SOURCE)


def _(english: str, **facts: object) -> str:
    """The text in the current language with its facts filled in."""
    language = languages().get(_locale.get())
    return _filled(language.text(english) if language else english, facts)


def ngettext(one: str, many: str, number: int, **facts: object) -> str:
    """As `_`, for texts that depend on a number, which they hold as `{number}`."""
    language = languages().get(_locale.get()) or Language()
    return _filled(language.count(one, many, number), {"number": number, **facts})


def N_(english: str) -> str:
    """Marks a text of a table for translation; `_` translates it when it is shown."""
    return english


class CommandTranslator(app_commands.Translator):
    """Gives Discord the commands' descriptions in every language we have."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The text for one of Discord's locales, None where English is meant."""
        language = languages().get(locale.value)
        if language is None or locale.value == SOURCE:
            return None
        english, label = string.message, ""
        if context.location.name.endswith(("command_name", "group_name", "parameter_name")):
            english, label = english.strip("_").replace("_", "-"), COMMAND_NAME
        text = language.text(english, label)
        return text if text != english else None


def as_written(text: str) -> str:
    """Text whose asterisks and the like show as they are, also in bold letters."""
    return _MARKUP.sub(r"\\\g<0>", text)


def _filled(text: str, facts: Mapping[str, object]) -> str:
    if not facts:
        return text
    bold = {name: as_written(str(facts[name])) for name in _BOLD.findall(text) if name in facts}
    return text.format_map({**facts, **bold})
