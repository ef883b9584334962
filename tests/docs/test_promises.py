"""The table of promises and the tests of its rows agree."""

import re
from itertools import groupby

from bot.cogs import collect
from core.backends.catalog import Catalog
from tests.shared import ROOT

COUNTS = {"A": 12, "B": 19, "C": 26, "H": 18, "T": 36, "P": 6, "F": 17, "K": 7, "M": 11}
ROW = re.compile(r"^\| ([A-Z]\d+) \| ([^|]+) \| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.M)
TABLE = ROW.findall((ROOT / "docs/promises.md").read_text("utf-8"))


def row_tests() -> list[str]:
    files = sorted((ROOT / "tests/mission").glob("test_*.py"))
    return [
        name
        for file in files
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text("utf-8"), re.M)
    ]


def test_every_row_stands_once_and_in_order() -> None:
    wanted = [f"{area}{number}" for area, most in COUNTS.items() for number in range(1, most + 1)]
    assert len(wanted) == 152
    assert [row[0] for row in TABLE] == wanted


def test_every_row_has_one_test_named_after_it() -> None:
    named = {row[0]: row[2] for row in TABLE}
    assert sorted(row_tests()) == sorted(named.values())
    for id_, test in named.items():
        assert test.startswith(f"test_{id_.lower()}_")


def test_every_rows_test_stands_in_the_file_named_above_it() -> None:
    text = (ROOT / "docs/promises.md").read_text("utf-8")
    for part in text.split("\n## ")[1:]:
        (file,) = re.findall(r"^`(tests/mission/\w+\.py)`$", part, re.M)
        source = (ROOT / file).read_text("utf-8")
        for row in ROW.findall(part):
            assert f"def {row[2]}(" in source, file


def test_every_command_named_exists() -> None:
    known = {
        command.qualified_name
        for group in collect()
        for command in getattr(group, "walk_commands", list)()
    }
    named = {name for row in TABLE for name in re.findall(r"`/([^`]+)`", row[3])}
    assert named
    assert named - known == set()


def test_no_row_is_without_a_word() -> None:
    assert [row[0] for row in TABLE if not all(cell.strip() for cell in row)] == []
    areas = [area for area, _ in groupby(row[0][0] for row in TABLE)]
    assert areas == list(COUNTS)


def test_the_readme_has_as_many_backends_as_the_catalog() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    listed = readme.split("<!-- backends -->")[1].split("<!-- /backends -->")[0]
    ids = re.findall(r"^\| [^|]+ \| `([\w-]+)` \|", listed, re.M)
    catalog = [spec.id for spec in Catalog.load()]
    assert sorted(ids) == sorted(catalog)
    (said,) = re.findall(r"^All (\d+) of them \(", readme, re.M)
    assert int(said) == len(catalog)
