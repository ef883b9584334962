"""Collects every text a person can read and brings the `.po` files up to date with it."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po
from discord import app_commands

from bot.cogs import TreeItem, collect
from bot.i18n import FOLDER, SOURCE

_CODE = Path(__file__).parent
_KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
_LANGUAGES = (SOURCE, "ja", "pt-BR", "zh-CN")


def texts() -> Catalog:
    """All English texts: those marked in the code and those of the command tree."""
    catalog = Catalog()
    for path in sorted(_CODE.rglob("*.py")):
        if "playground" not in path.parts:
            for _line, message, _comments, context in extract_from_file("python", path, _KEYWORDS):
                catalog.add(message, context=context)
    for text in command_texts(collect()):
        catalog.add(text)
    return catalog


def command_texts(items: list[TreeItem]) -> Iterator[str]:
    """Descriptions of groups, commands and options, and the names of choices."""
    for item in items:
        if isinstance(item, app_commands.ContextMenu):
            continue
        yield item.description
        if isinstance(item, app_commands.Group):
            yield from command_texts(list(item.commands))
            continue
        for parameter in item.parameters:
            yield str(parameter.description)
            yield from (choice.name for choice in parameter.choices)


def update(code: str, template: Catalog, folder: Path = FOLDER) -> int:
    """Writes one language's file anew, translations kept; returns how many are missing."""
    path = folder / f"{code}.po"
    written = path.read_bytes() if path.exists() else b""
    old = read_po(io.BytesIO(written), locale=_locale(code))
    new = Catalog(locale=_locale(code))
    missing = 0
    for message in template:
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        string = known.string if known and not known.fuzzy else None
        new.add(message.id, string, context=message.context)
        missing += not any(string or ())
    named = (entry for entry in old if entry.context)
    for entry in named:
        new.add(entry.id, entry.string, context=entry.context)
    path.write_bytes(_header(code, new) + _body(new))
    return missing


def main() -> None:
    """Updates all files and says what is left to translate."""
    template = texts()
    for code in _LANGUAGES:
        missing = update(code, template)
        print(f"{code}: {len(template) - missing} of {len(template)} translated")


def _locale(code: str) -> str:
    return code.replace("-", "_")


def _header(code: str, catalog: Catalog) -> bytes:
    # No dates and no tool names: two people's changes then meet only where their texts do.
    lines = (
        f"Language: {code}",
        "Content-Type: text/plain; charset=UTF-8",
        f"Plural-Forms: {catalog.plural_forms}",
    )
    quoted = "".join(f'"{line}\\n"\n' for line in lines)
    return f'msgid ""\nmsgstr ""\n{quoted}\n'.encode()


def _body(catalog: Catalog) -> bytes:
    stream = io.BytesIO()
    write_po(stream, catalog, width=100, no_location=True, omit_header=True, sort_output=True)
    return stream.getvalue()
