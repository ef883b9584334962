"""What the README promises is so."""

import re
import subprocess
import sys

from bot.__main__ import parser
from bot.cogs import collect
from tests.shared import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_the_table_of_backends_is_the_catalog() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "bot", "backends", "--markdown"],
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    shown = README.split("<!-- backends -->")[1].split("<!-- /backends -->")[0]
    assert shown.strip() == printed.stdout.decode("utf-8").strip()


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


def test_the_picture_is_there() -> None:
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).is_file(), path
