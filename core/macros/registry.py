"""Macros as a table, read from the modules of the `library` folder, and what each one gets."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from math import inf

from core.macros import library
from core.macros.environment import Environment, MacroCard
from core.macros.javascript import trim
from core.macros.parser import WHOLE_NUMBER, Node
from core.macros.seeded_random import SeededRandom, text_hash
from core.macros.variables import VariableScope, VariableWrite, WorkingVariables
from core.untrusted.surrogates import utf16_length

MAX_OUTPUT = 256 * 1024
"""Characters that macros give in one prompt; further ones stay as written."""
MAX_DICE_ROLLED = 20_000

STRAY_ELSE = "\0\x1fELSE\x1f\0"
"""Stands for an `{{else}}` without `{{if}}` until its text is finished: `{{trim}}` stops at it."""


class Unresolved(Exception):
    """Raised by a macro that cannot work with its arguments: the text stays as written."""


class MacroState:
    """What the macros of one prompt share: what they read and wrote, and what they may still do."""

    def __init__(
        self,
        environment: Environment,
        local: WorkingVariables | None = None,
        shared: WorkingVariables | None = None,
    ) -> None:
        self.environment = environment
        self.local = local or WorkingVariables(VariableScope.LOCAL, {})
        self.shared = shared or WorkingVariables(VariableScope.GLOBAL, {})
        self.output = 0
        self.expansions = 0
        self.found = 0
        self._dice = 0

    @property
    def effects(self) -> tuple[VariableWrite, ...]:
        """Variables to be written when the reply is kept."""
        return (*self.local.writes, *self.shared.writes)

    @property
    def room(self) -> int:
        """Characters that macros may still give."""
        return MAX_OUTPUT - self.output

    @cached_property
    def random(self) -> SeededRandom:
        return SeededRandom(str(self.environment.reply_seed))

    def may_roll(self, dice: int) -> bool:
        """Whether so many more dice may be rolled in this prompt; they count from then on."""
        self._dice += dice
        return self._dice <= MAX_DICE_ROLLED


@dataclass(frozen=True, slots=True)
class Frame:
    """A text under evaluation; `start` is where it begins within its parent's text."""

    text: str
    parent: "Frame | None" = None
    start: int = 0
    depth: int = 0

    def inside(self, text: str, start: int) -> "Frame":
        """The frame of a text that stands at `start` in this one."""
        return Frame(text, self, start, self.depth + 1)

    def offset(self, position: int) -> int:
        """The place of `position` in the whole text, in UTF-16 units."""
        base = self.parent.offset(self.start) if self.parent else 0
        return base + utf16_length(self.text[:position])


@dataclass
class Expansion:
    """One text going through the engine: whose names apply and what `{{original}}` gives.

    `extra` are macros of this text only, by name in lower case; `each` has the last word on what
    a macro gives.
    """

    text: str
    environment: Environment
    original: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    each: Callable[[str], str] | None = None

    @cached_property
    def hash(self) -> int:
        """The text's hash, worked out once: texts are long and may draw thousands of times."""
        return text_hash(self.text)

    @cached_property
    def card(self) -> MacroCard:
        return self.environment.card()


@dataclass(frozen=True, slots=True)
class MacroCall:
    arguments: list[str]
    scoped: bool
    """Whether the last argument is the content of `{{name}}…{{/name}}`."""
    node: Node
    frame: Frame
    expansion: Expansion
    state: MacroState
    nested: Callable[[str], str]
    """Expands a text as one of its own within this one."""

    @property
    def environment(self) -> Environment:
        return self.expansion.environment

    @property
    def card(self) -> MacroCard:
        return self.expansion.card

    @property
    def offset(self) -> int:
        return self.frame.offset(self.node.start)

    def argument(self, index: int, default: str = "") -> str:
        return self.arguments[index] if index < len(self.arguments) else default

    def whole_number(self, index: int, default: str) -> str:
        """The digits of an argument that has to be a whole number. Raises Unresolved."""
        text = trim(self.argument(index, default))
        if not WHOLE_NUMBER.fullmatch(text):
            raise Unresolved
        return text


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
        return sum(not argument.startswith("[") for argument in self.arguments)

    @cached_property
    def most(self) -> float:
        return inf if any("…" in argument for argument in self.arguments) else len(self.arguments)

    @property
    def usage(self) -> str:
        """It as people write it."""
        return "{{" + "::".join((self.name, *self.arguments)) + "}}"

    def accepts(self, arguments: int) -> bool:
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
    return sorted(set(registry().values()), key=lambda one: one.name.lower())


def markdown_table() -> str:
    """All macros for a reader: how they are written, their other names, what they give."""
    rows = ["| Macro | Also | Gives |", "|---|---|---|"]
    for one in all_macros():
        others = ", ".join(f"`{name}`" for name in one.aliases)
        rows.append(f"| `{one.usage}` | {others} | {one.help} |")
    return "\n".join(rows)
