"""What the README promises is so."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import main, parser
from bot.cogs import collect
from tests.shared import ROOT

README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "document"), [("backends", "README.md"), ("macros", "docs/macros.md")]
)
def test_the_tables_are_what_the_program_has(name: str, document: str, tmp_path: Path) -> None:
    written = tmp_path / "document.md"
    shutil.copy(ROOT / document, written)
    subprocess.run(
        [sys.executable, "-m", "bot", name, "--markdown", "--write", str(written)],
        cwd=ROOT,
        check=True,
    )
    assert written.read_text("utf-8") == (ROOT / document).read_text("utf-8")
    printed = subprocess.run(
        [sys.executable, "-m", "bot", name, "--markdown"], capture_output=True, cwd=ROOT, check=True
    )
    shown = written.read_text("utf-8").split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]
    assert shown.strip() == printed.stdout.decode("utf-8").strip()


def test_a_table_needs_its_marks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = tmp_path / "document.md"
    bare.write_text("# Nothing\n", "utf-8")
    assert main(["macros", "--write", str(bare)]) == 1
    assert "has no marks <!-- macros -->" in capsys.readouterr().out
    assert bare.read_text("utf-8") == "# Nothing\n"


def test_every_slash_command_named_exists() -> None:
    known = {item.name for item in collect()}
    for group in collect():
        for command in getattr(group, "walk_commands", list)():
            known.add(command.qualified_name)
    named = set(re.findall(r"`/([a-z]+(?: [a-z-]+){0,2})(?= [a-z-]+:|`)", README))
    assert named
    assert {name for name in named if name not in known} == set()


def test_every_terminal_command_named_exists() -> None:
    (words,) = (
        action for action in parser()._actions if action.__class__.__name__ == "_SubParsersAction"
    )
    named = set(re.findall(r"python -m bot ([a-z-]+)", README)) - {"…"}
    assert named <= set(words.choices or ())


def test_every_path_named_exists() -> None:
    placeholder = r"/?(?:NAME|GROUP|KIND|CODE)\b.*"
    named = set(re.findall(r"(?:^|`)((?:bot|core|tests|docs)/[\w/.]+)", README, re.MULTILINE))
    assert named
    assert {path for path in named if not (ROOT / re.sub(placeholder, "", path)).exists()} == set()


def test_the_picture_is_there() -> None:
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).is_file(), path
