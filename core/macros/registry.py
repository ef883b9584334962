"""Macros as a table: each is a function with `@macro`, each module of this folder may hold some."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

import core.macros

if TYPE_CHECKING:
    from core.macros.call import Call

Handler = Callable[["Call"], str]


class Unresolved(Exception):
    """Raised by a macro that cannot work with its arguments: the text stays as written."""


@dataclass(frozen=True, slots=True)
class Macro:
    """One macro. `help` is a sentence for people; `aliases` are further names.

    It takes `required` to `required + optional` arguments, any number more where `many`.
    `whole` names the positions that must be whole numbers. `delayed`: arguments come unexpanded.
    """

    name: str
    help: str
    handler: Handler
    required: int = 0
    optional: int = 0
    many: bool = False
    whole: frozenset[int] = frozenset()
    delayed: bool = False
    aliases: tuple[str, ...] = ()

    def accepts(self, arguments: int) -> bool:
        """Whether it can be called with that many arguments."""
        enough = arguments >= self.required
        return enough and (self.many or arguments <= self.required + self.optional)

    def takes_scope(self, arguments: int) -> bool:
        """Whether `{{name}}…{{/name}}` may add one to so many arguments."""
        return not self.many and self.accepts(arguments + 1)


def macro(
    name: str,
    help: str,
    *aliases: str,
    required: int = 0,
    optional: int = 0,
    many: bool = False,
    whole: tuple[int, ...] = (),
    delayed: bool = False,
) -> Callable[[Handler], Macro]:
    """Makes a macro of a function."""

    def decorate(handler: Handler) -> Macro:
        numbers = frozenset(whole)
        return Macro(name, help, handler, required, optional, many, numbers, delayed, aliases)

    return decorate


@cache
def registry() -> Mapping[str, Macro]:
    """All macros by name and alias in lower case, found in this folder's modules."""
    found: dict[str, Macro] = {}
    for module in _modules():
        for item in vars(module).values():
            for one in item if isinstance(item, list) else [item]:
                if isinstance(one, Macro):
                    _add(found, one)
    return found


def _modules() -> list[ModuleType]:
    names = [info.name for info in pkgutil.iter_modules(core.macros.__path__, "core.macros.")]
    return [importlib.import_module(name) for name in names]


def _add(found: dict[str, Macro], one: Macro) -> None:
    for name in (one.name, *one.aliases):
        if found.setdefault(name.lower(), one) is not one:
            raise ValueError(f"two macros are called {name}")
