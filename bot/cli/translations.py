"""`translations`: bring the files of all languages up to date with the texts in the code."""

import argparse
import ast
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from discord import Locale, app_commands

from bot.i18n.translate import COMMAND_NAME, FOLDER, SOURCE, languages
from core.samplers.table import ALL_SAMPLERS

if TYPE_CHECKING:
    from bot.cogs import TreeItem

_CODE = Path(__file__).parents[1]
_FORMS = {"_": 1, "N_": 1, "ngettext": 2}
"""How many texts each function takes."""


def texts() -> Catalog:
    """All English texts: marked in the code, of the command tree and of the sampler table."""
    # Imported here: the commands bring the whole bot along, which no other task here needs.
    from bot.cogs import collect

    catalog = Catalog()
    for path in sorted(_CODE.rglob("*.py")):
        if "playground" not in path.parts:
            for forms in marked(path.read_text(encoding="utf-8")):
                catalog.add(forms if len(forms) > 1 else forms[0])
    tree = collect()
    for text in command_texts(tree):
        catalog.add(text)
    for item in tree:
        if isinstance(item, app_commands.ContextMenu):
            catalog.add(item.name, context=COMMAND_NAME)
    for row in ALL_SAMPLERS.values():
        catalog.add(row.help)
    return catalog


def marked(code: str) -> Iterator[tuple[str, ...]]:
    """The texts that a module marks: one each, or one per form.

    Read from the syntax tree, since Babel's own reader passes over those inside f-strings.
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = node.args[: _FORMS.get(node.func.id, 0)]
            found = [one.value for one in given if isinstance(one, ast.Constant)]
            if found and len(found) == len(given):
                yield tuple(map(str, found))


def command_texts(items: "list[TreeItem]") -> Iterator[str]:
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
        if isinstance(message.id, str) is not isinstance(string, str):
            string = None  # the text has got, or lost, its forms for numbers
        new.add(message.id, string, context=message.context)
        missing += not any(string or ())
    for entry in old:
        if entry.context:
            new.add(entry.id, entry.string, context=entry.context)
    path.write_bytes(_header(code, new) + _body(new))
    return missing


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("new", nargs="*", help="languages to begin, by Discord's codes: de, es-ES")


async def run(arguments: argparse.Namespace) -> int:
    """Updates all files and says what is left to translate.

    Run it after a text was added or changed, and translate the entries it leaves empty. Until then
    they are shown in English; the tests warn of them, and fail with `TAVERN_RELEASE=1`.
    """
    unknown = [code for code in arguments.new if code not in map(str, Locale)]
    if unknown:
        print(f"Discord has no language {unknown[0]}: {', '.join(map(str, Locale))}")
        return 1
    template = texts()
    update(SOURCE, template)
    for code in sorted({*languages(), *arguments.new} - {SOURCE}):
        missing = update(code, template)
        print(f"{code}: {len(template) - missing} of {len(template)} translated")
    return 0


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
