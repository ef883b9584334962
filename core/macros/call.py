"""One macro being evaluated, and where in which text it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.macros.chance import text_hash
from core.macros.environment import Card, Environment
from core.macros.lexer import Node
from core.untrusted.surrogates import utf16_length

if TYPE_CHECKING:
    from core.macros.engine import Macros


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


@dataclass(slots=True)
class Pass:
    """One text going through the engine: whose names apply and what `{{original}}` gives.

    `extra` are macros of this text only, by name in lower case.
    """

    text: str
    environment: Environment
    original: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    _card: Card | None = None
    _hash: int | None = None

    @property
    def hash(self) -> int:
        """The text's hash, worked out once: texts are long and may draw thousands of times."""
        if self._hash is None:
            self._hash = text_hash(self.text)
        return self._hash

    @property
    def card(self) -> Card:
        """The card as this text sees it."""
        if self._card is None:
            self._card = self.environment.card()
        return self._card


@dataclass(frozen=True, slots=True)
class Call:
    """What a macro's function gets."""

    arguments: list[str]
    scoped: bool
    """Whether the last argument is the content of `{{name}}…{{/name}}`."""
    node: Node
    frame: Frame
    current: Pass
    macros: "Macros"
    nested: Callable[[str], str]
    """Expands a text as a pass of its own within this one."""

    @property
    def environment(self) -> Environment:
        """What can be read."""
        return self.current.environment

    @property
    def card(self) -> Card:
        """The card's fields."""
        return self.current.card

    @property
    def offset(self) -> int:
        """Where the macro stands in the whole text, in UTF-16 units."""
        return self.frame.offset(self.node.start)

    def argument(self, index: int, default: str = "") -> str:
        """An argument, or the default where it is left out."""
        return self.arguments[index] if index < len(self.arguments) else default
