"""The command tree is found by file and stays inside Discord's limits in every language."""

import sys
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.cogs import collect, extensions
from bot.i18n import CommandTranslator

Json = dict[str, Any]
TEXTS = ("name", "description")


async def payloads() -> list[Json]:
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)
    items = collect()
    for item in items:
        tree.add_command(item)
    translator = CommandTranslator()
    return [await item.get_translated_payload(tree, translator) for item in items]


def size(node: Json) -> int:
    """As Discord counts: names, descriptions and values, each by its longest localisation."""
    own = sum(longest(node, key) for key in TEXTS) + len(str(node.get("value", "")))
    inner = [*node.get("options", ()), *node.get("choices", ())]
    return own + sum(size(one) for one in inner)


def longest(node: Json, key: str) -> int:
    texts = [node.get(key, ""), *(node.get(f"{key}_localizations") or {}).values()]
    return max(len(text) for text in texts)


def walk(node: Json) -> list[Json]:
    return [node, *(deep for one in node.get("options", ()) for deep in walk(one))]


async def test_the_tree_fits() -> None:
    top = await payloads()
    slash = [one for one in top if one.get("type", 1) == 1]
    assert len(slash) <= 100
    for command in slash:
        assert size(command) <= 8000, command["name"]
        for node in walk(command):
            assert 1 <= longest(node, "name") <= 32, node["name"]
            assert 1 <= longest(node, "description") <= 100, (node["name"], node["description"])
            assert len(node.get("options", ())) <= 25, node["name"]
            assert len(node.get("choices", ())) <= 25, node["name"]
            for choice in node.get("choices", ()):
                assert longest(choice, "name") <= 100


async def test_groups_of_managers_are_hidden_from_others() -> None:
    shown_to = {
        one["name"]: one.get("default_member_permissions")
        for one in await payloads()
        if one.get("type", 1) == 1
    }
    assert shown_to["format"] == discord.Permissions(manage_guild=True).value
    assert shown_to["chat"] is None
    assert {"preset", "template"} <= {
        inner.name
        for item in collect()
        if isinstance(item, app_commands.Group) and item.name == "format"
        for inner in item.commands
    }


async def test_everything_says_what_it_is_for() -> None:
    for command in await payloads():
        if command.get("type", 1) == 1:
            for node in walk(command):
                assert node["description"] not in ("", "…"), node["name"]


def test_events_are_an_extension() -> None:
    assert "bot.cogs.events" in extensions()


FILES = {
    "__init__.py": "",
    "inn/__init__.py": '"""Everything about the inn."""',
    "inn/enter.py": (
        "import discord\nfrom discord import app_commands\n\n"
        "@app_commands.command()\nasync def enter(interaction: discord.Interaction) -> None:\n"
        '    """Come in."""\n'
    ),
    "inn/import_.py": (
        "from bot.cogs._command import command\nfrom bot.command_context import CommandContext\n\n"
        "@command()\nasync def import_(context: CommandContext) -> None:\n"
        '    """Bring something in."""\n'
    ),
    "inn/room.py": (
        '"""Rooms of the inn."""\nimport discord\nfrom discord import app_commands\n\n'
        "@app_commands.command()\nasync def take(interaction: discord.Interaction) -> None:\n"
        '    """Take one."""\n\n'
        "@app_commands.command()\nasync def leave(interaction: discord.Interaction) -> None:\n"
        '    """Leave it."""\n'
    ),
    "inn/_helper.py": "raise RuntimeError('helpers are not loaded')\n",
    "cellar.py": (
        '"""What is in the cellar."""\n'
        "from bot.cogs._command import command\nfrom bot.command_context import CommandContext\n\n"
        '@command()\nasync def list_(context: CommandContext) -> None:\n    """See it."""\n\n'
        '@command()\nasync def lock(context: CommandContext) -> None:\n    """Lock it."""\n'
    ),
    "door.py": (
        "from bot.cogs._command import command\nfrom bot.command_context import CommandContext\n\n"
        '@command()\nasync def door(context: CommandContext) -> None:\n    """Open it."""\n\n'
        '@command()\nasync def knock(context: CommandContext) -> None:\n    """Knock."""\n'
    ),
    "bell.py": "async def setup(bot): ...\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    root = tmp_path / "sample_cogs"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("sample_cogs")]:
        del sys.modules[name]
    return "sample_cogs"


def test_folders_are_groups_and_files_commands(package: str) -> None:
    cellar, door, knock, inn = collect(package)
    assert isinstance(cellar, app_commands.Group)
    assert (cellar.name, cellar.description) == ("cellar", "What is in the cellar.")
    assert {command.name for command in cellar.commands} == {"list", "lock"}
    assert (door.name, knock.name) == ("door", "knock")
    assert isinstance(inn, app_commands.Group)
    assert (inn.name, inn.description) == ("inn", "Everything about the inn.")
    names = {command.name: command for command in inn.commands}
    assert set(names) == {"enter", "import", "room"}
    room = names["room"]
    assert isinstance(room, app_commands.Group)
    assert room.description == "Rooms of the inn."
    assert {command.name for command in room.commands} == {"take", "leave"}
    assert extensions(package) == ["sample_cogs.bell"]


def test_collecting_twice_gives_the_same(package: str) -> None:
    assert [item.name for item in collect(package)] == [item.name for item in collect(package)]
