"""Commands by folder: `cogs/chat/start.py` is `/chat start`.

A folder is a group, described by its docstring. A file with one command is that command. A file
with several is a group of them (`cogs/connect/model.py` is `/connect model …`), unless one of them
has the file's own name: then the others stand beside it (`cogs/connect/format.py` holds `/connect
format`, `/connect padding` …). Commands are functions under `@command()` at module level. A file in
this folder itself that has a `setup` is a discord.py extension. Names that begin with `_` are
helpers.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TypeAlias, TypeVar

from discord import app_commands

from bot.cogs._command import command_name

AnyCommand: TypeAlias = app_commands.Command[Any, ..., Any]
TreeItem: TypeAlias = AnyCommand | app_commands.Group | app_commands.ContextMenu
Item = TypeVar("Item", AnyCommand, app_commands.ContextMenu)


def collect(package: str = __name__) -> list[TreeItem]:
    """Everything that belongs at the top of the command tree, built anew on each call."""
    items: list[TreeItem] = []
    for name, module, is_folder in _modules(package):
        if is_folder:
            group = _group(command_name(name), module)
            for child, file, _ in _modules(module.__name__):
                for item in _items_of(command_name(child), file):
                    group.add_command(item)
                items.extend(_of_type(app_commands.ContextMenu, file))
            if group.commands:
                items.append(group)
        elif not hasattr(module, "setup"):
            items.extend(_items_of(command_name(name), module))
            items.extend(_of_type(app_commands.ContextMenu, module))
    return items


def extensions(package: str = __name__) -> list[str]:
    """Module paths of the files that are discord.py extensions."""
    return [module.__name__ for _, module, _ in _modules(package) if hasattr(module, "setup")]


def _modules(package: str) -> Iterator[tuple[str, ModuleType, bool]]:
    folder = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda found: found.name):
        if not info.name.startswith("_"):
            yield info.name, importlib.import_module(f"{package}.{info.name}"), info.ispkg


def _items_of(name: str, module: ModuleType) -> list[AnyCommand | app_commands.Group]:
    """What a file adds to its folder's group."""
    found = list(_of_type(app_commands.Command, module))
    if len(found) == 1:
        found[0].name = name
    if len(found) < 2 or any(command.name == name for command in found):
        return list(found)
    group = _group(name, module)
    for command in found:
        group.add_command(command)
    return [group]


def _group(name: str, module: ModuleType) -> app_commands.Group:
    description = (module.__doc__ or name).strip().partition("\n")[0]
    return app_commands.Group(name=name, description=description)


def _of_type(kind: type[Item], module: ModuleType) -> Iterator[Item]:
    for value in vars(module).values():
        if isinstance(value, kind) and value.module == module.__name__:
            yield value
