"""Tables of what the product has, printed or written into a document."""

import argparse
import re
from pathlib import Path

from core.errors import InvalidOption, NotFound
from core.reasons import Reason


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--markdown` and `--write`."""
    parser.add_argument("--markdown", action="store_true", help="the table of the documents")
    parser.add_argument(
        "--write", metavar="FILE", type=Path, help="puts that table between its marks in a file"
    )


def show(table: str, name: str, file: Path | None) -> int:
    """Prints the table, or writes it between `<!-- name -->` and `<!-- /name -->`.

    Raises NotFound for a file that cannot be read, InvalidOption for one that cannot be written.
    """
    if file is None:
        print(table)
        return 0
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    marks = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    try:
        old = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(Reason.FILE_UNREADABLE, path=file) from error
    text, found = marks.subn(lambda _: f"{begin}{table}\n{end}", old)
    if not found:
        print(f"{file} has no marks {begin.strip()} and {end}")
        return 1
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        said = error.strerror or ""
        raise InvalidOption(Reason.NOT_WRITABLE, said, key="--write", path=file) from error
    return 0
