"""Commands by folder: `cogs/chat/start.py` is `/chat start`.

A folder is a group, described by its docstring. A file is a command, or a group of commands if it
holds several; its functions are `app_commands.command`s at module level. A file in this folder
itself that has a `setup` is a discord.py extension. Names that begin with `_` are helpers.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TypeAlias

from discord import app_commands

AnyCommand: TypeAlias = app_commands.Command[Any, ..., Any]
TreeItem: TypeAlias = AnyCommand | app_commands.Group | app_commands.ContextMenu


def collect(package: str = __name__) -> list[TreeItem]:
    """Everything that belongs at the top of the command tree, built anew on each call."""
    items: list[TreeItem] = []
    for name, module, is_folder in _modules(package):
        if is_folder:
            group = _group(_command_name(name), module)
            for child, file, _ in _modules(module.__name__):
                _add(group, _command_name(child), file)
                items.extend(_menus(file))
            if group.commands:
                items.append(group)
        elif not hasattr(module, "setup"):
            items.extend(_named(name, module))
            items.extend(_menus(module))
    return items


def extensions(package: str = __name__) -> list[str]:
    """Module paths of the files that are discord.py extensions."""
    return [module.__name__ for _, module, _ in _modules(package) if hasattr(module, "setup")]


def _modules(package: str) -> Iterator[tuple[str, ModuleType, bool]]:
    folder = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda found: found.name):
        if not info.name.startswith("_"):
            yield info.name, importlib.import_module(f"{package}.{info.name}"), info.ispkg


def _add(group: app_commands.Group, name: str, module: ModuleType) -> None:
    found = list(_commands(module))
    if len(found) > 1:
        subgroup = _group(name, module)
        for command in found:
            subgroup.add_command(command)
        group.add_command(subgroup)
    elif found:
        group.add_command(_renamed(found[0], name))


def _named(name: str, module: ModuleType) -> Iterator[AnyCommand]:
    yield from (_renamed(command, _command_name(name)) for command in _commands(module))


def _group(name: str, module: ModuleType) -> app_commands.Group:
    description = (module.__doc__ or name).strip().partition("\n")[0]
    return app_commands.Group(name=name, description=description)


def _commands(module: ModuleType) -> Iterator[AnyCommand]:
    for value in vars(module).values():
        if isinstance(value, app_commands.Command) and value.module == module.__name__:
            yield value


def _menus(module: ModuleType) -> Iterator[app_commands.ContextMenu]:
    for value in vars(module).values():
        if isinstance(value, app_commands.ContextMenu) and value.module == module.__name__:
            yield value


def _renamed(command: AnyCommand, name: str) -> AnyCommand:
    command.name = name
    return command


def _command_name(name: str) -> str:
    """`import_` and `new_chat` cannot hold what Discord shows: `import`, `new-chat`."""
    return name.strip("_").replace("_", "-")
