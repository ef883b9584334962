"""Commands by file: `/persona new` is the function `new` in `cogs/persona.py`.

A file is a group, described by its docstring; its functions under `@command()` are its commands.
A large group is a folder of such files: `cogs/connect/model.py` is `/connect model …`. Where one
of a file's commands has the file's own name, all of them stand beside it: `cogs/chat/start.py`
holds `/chat start`, `/chat stop` and `/chat mode`. A file that has a `setup` is a discord.py
extension. A `DEFAULT_PERMISSIONS` beside the docstring says to whom Discord shows the group at all;
every command checks rights by itself. Names that begin with `_` are helpers.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TypeAlias

from discord import app_commands

from bot.cogs._command import command_name

TreeItem: TypeAlias = (
    app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu
)


def collect(package: str = __name__) -> list[TreeItem]:
    """Everything that belongs at the top of the command tree, built anew on each call."""
    return [
        item for name, module in _modules(package) for item in _items(command_name(name), module)
    ]


def extensions(package: str = __name__) -> list[str]:
    """Module paths of the files that are discord.py extensions."""
    return [module.__name__ for _, module in _modules(package) if hasattr(module, "setup")]


def _modules(package: str) -> Iterator[tuple[str, ModuleType]]:
    folder = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda found: found.name):
        if not info.name.startswith("_"):
            yield info.name, importlib.import_module(f"{package}.{info.name}")


def _items(name: str, module: ModuleType) -> Iterator[TreeItem]:
    """A file's or folder's commands, in a group where it is one; then its context menus."""
    if is_folder := hasattr(module, "__path__"):
        found = collect(module.__name__)
    else:
        found = [
            value
            for value in vars(module).values()
            if isinstance(value, app_commands.Command | app_commands.ContextMenu)
            and value.module == module.__name__
        ]
    menus = [item for item in found if isinstance(item, app_commands.ContextMenu)]
    commands = [item for item in found if not isinstance(item, app_commands.ContextMenu)]
    if is_folder or (len(commands) > 1 and all(command.name != name for command in commands)):
        yield _group(name, module, commands)
    else:
        yield from commands
    yield from menus


def _group(
    name: str,
    module: ModuleType,
    commands: list[app_commands.Command[Any, ..., Any] | app_commands.Group],
) -> app_commands.Group:
    group = app_commands.Group(
        name=name,
        description=(module.__doc__ or name).partition("\n")[0],
        default_permissions=getattr(module, "DEFAULT_PERMISSIONS", None),
    )
    for command in commands:
        group.add_command(command)
    return group
