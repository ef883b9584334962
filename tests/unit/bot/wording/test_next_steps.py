"""Sentences that name a command name one that exists."""

import re

import pytest
from discord import app_commands

from bot.cli.translations import texts
from bot.cogs import collect

_named = re.compile(r"`/([a-z][a-z _-]*[a-z])")


def paths() -> set[str]:
    """Every command's path, as it is typed."""
    found: set[str] = set()
    for item in collect():
        if isinstance(item, app_commands.Group):
            found |= {child.qualified_name for child in item.walk_commands()}
        elif isinstance(item, app_commands.Command):
            found.add(item.qualified_name)
    return found


def sentences() -> list[str]:
    found: list[str] = []
    for message in texts():
        forms = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
        found += [str(form) for form in forms if "`/" in str(form)]
    return found


@pytest.mark.parametrize("sentence", sentences())
def test_names_only_commands_that_exist(sentence: str) -> None:
    known = paths()
    for named in _named.findall(sentence):
        words = named.split()
        # Options may follow: the longest beginning that is a path counts.
        assert any(" ".join(words[:count]) in known for count in range(1, len(words) + 1)), named
