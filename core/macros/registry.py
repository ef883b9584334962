"""Macros as a table: each module of the `library` folder holds some, as functions or as rows."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from math import inf

from core.macros import library
from core.macros.call import MacroCall

Handler = Callable[[MacroCall], str]


@dataclass(frozen=True)
class Macro:
    """One macro. `help` is a sentence for people; `aliases` are further names.

    `arguments` are named as its usage shows them: `[count]` may be left out, `[choice…]` may come
    any number of times. `delayed`: they come unexpanded.
    """

    name: str
    help: str
    handler: Handler
    aliases: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    delayed: bool = False

    @cached_property
    def least(self) -> int:
        """How many arguments it needs."""
        return sum(not argument.startswith("[") for argument in self.arguments)

    @cached_property
    def most(self) -> float:
        """How many arguments it takes."""
        return inf if any("…" in argument for argument in self.arguments) else len(self.arguments)

    @property
    def usage(self) -> str:
        """It as people write it."""
        return "{{" + "::".join((self.name, *self.arguments)) + "}}"

    def accepts(self, arguments: int) -> bool:
        """Whether it can be called with that many arguments."""
        return self.least <= arguments <= self.most

    def takes_scope(self, arguments: int) -> bool:
        """Whether `{{name}}…{{/name}}` may add one to so many arguments."""
        return self.most < inf and self.accepts(arguments + 1)


def macro(
    name: str, help: str, *aliases: str, takes: str = "", delayed: bool = False
) -> Callable[[Handler], Macro]:
    """Makes a macro of a function; `takes` names its arguments, with blanks between them."""
    return lambda handler: Macro(name, help, handler, aliases, tuple(takes.split()), delayed)


@cache
def registry() -> Mapping[str, Macro]:
    """All macros by name and alias in lower case."""
    found: dict[str, Macro] = {}
    for info in pkgutil.iter_modules(library.__path__, f"{library.__name__}."):
        for item in vars(importlib.import_module(info.name)).values():
            for one in item if isinstance(item, list) else [item]:
                if isinstance(one, Macro):
                    _add(found, one)
    return found


def _add(found: dict[str, Macro], one: Macro) -> None:
    for name in (one.name, *one.aliases):
        if found.setdefault(name.lower(), one) is not one:
            raise ValueError(f"two macros are called {name}")


def all_macros() -> list[Macro]:
    """Every macro once, by name."""
    return sorted(set(registry().values()), key=lambda one: one.name.lower())


def markdown_table() -> str:
    """All macros for a reader: how they are written, their other names, what they give."""
    rows = ["| Macro | Also | Gives |", "|---|---|---|"]
    for one in all_macros():
        others = ", ".join(f"`{name}`" for name in one.aliases)
        rows.append(f"| `{one.usage}` | {others} | {one.help} |")
    return "\n".join(rows)
