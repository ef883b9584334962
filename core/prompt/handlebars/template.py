"""Reads and renders a story string: all values are texts, so every block is a plain `if`."""

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import Any, NoReturn

from core.prompt.handlebars.parser import (
    Block,
    Body,
    Tag,
    TagKind,
    TemplateParser,
    TemplateText,
    fail,
)
from core.prompt.handlebars.whitespace import settle
from core.reasons import Reason

MAX_OUTPUT = 256 * 1024

VARIABLES = frozenset(
    (
        *("description", "personality", "persona", "scenario", "system", "char", "user"),
        *("wiBefore", "wiAfter", "loreBefore", "loreAfter", "anchorBefore", "anchorAfter"),
        *("mesExamples", "mesExamplesRaw"),
    )
)
"""The names a story string knows; all others are handed to the macro engine."""

_CONDITIONS = ("if", "unless", "with", "each")
_HELPERS = frozenset((*_CONDITIONS, "lookup", "log", "helperMissing", "blockHelperMissing"))


class PieceSource(StrEnum):
    """Where a piece of output comes from."""

    TEXT = "text"
    VARIABLE = "variable"
    MACRO = "macro"
    HELD = "held"
    """The value of a macro that opened a block, for `{{this}}` inside of it."""
    HOLD = "hold"
    """Evaluates that macro and gives nothing."""


@dataclass(frozen=True, slots=True)
class Piece:
    source: PieceSource
    name: str


@dataclass(frozen=True, slots=True)
class Branch:
    """`then` if the condition's text is not empty, else `otherwise`."""

    condition: Piece
    then: tuple["Piece | Branch", ...]
    otherwise: tuple["Piece | Branch", ...]


Part = Piece | Branch


Skeleton = Callable[[Mapping[str, Callable[[Any], str]]], str]

_compiling = threading.Lock()
"""pybars3's compiler keeps its state in a class."""


@dataclass(frozen=True, slots=True)
class StoryTemplate:
    """A template that has been read.

    `skeleton` is a template of our own slot names only: pybars3 compiles to Python source, so
    nothing that a person wrote reaches its compiler. `slots` holds what belongs in each.
    """

    skeleton: str
    slots: tuple[tuple[Piece, ...], ...]

    def render(self, values: Mapping[str, str], hand_on: Callable[[str], str]) -> str:
        """The text, with `values` for variables; `hand_on` gives the value of any other name."""
        rendering = _Rendering(values, hand_on)
        slots = {f"s{index}": rendering.slot(pieces) for index, pieces in enumerate(self.slots)}
        return _compiled(self.skeleton)(slots)


@lru_cache(maxsize=256)
def read_template(template: str) -> StoryTemplate:
    """Checks a template. Raises InvalidTemplate with line and column."""
    root = TemplateParser(template).root()
    settle(root)
    slots: list[tuple[Piece, ...]] = []
    return StoryTemplate(_skeleton(_Lowering(template).body(root, None), slots), tuple(slots))


def _skeleton(parts: Iterable[Part], slots: list[tuple[Piece, ...]]) -> str:
    """The parts as a template; neighbouring pieces share one slot."""
    text = ""
    for is_branch, run in groupby(parts, lambda part: isinstance(part, Branch)):
        if is_branch:
            text += "".join(_block(part, slots) for part in run if isinstance(part, Branch))
        else:
            text += f"{{{{&s{len(slots)}}}}}"
            slots.append(tuple(part for part in run if isinstance(part, Piece)))
    return text


def _block(branch: Branch, slots: list[tuple[Piece, ...]]) -> str:
    condition = f"s{len(slots)}"
    slots.append((branch.condition,))
    then, otherwise = _skeleton(branch.then, slots), _skeleton(branch.otherwise, slots)
    alternative = f"{{{{else}}}}{otherwise}" if otherwise else ""
    return f"{{{{#if {condition}}}}}{then}{alternative}{{{{/if}}}}"


@lru_cache(maxsize=256)
def _compiled(skeleton: str) -> Skeleton:
    # Imported on first use: its grammar takes 300 ms to build.
    import pybars

    with _compiling:
        render = pybars.Compiler().compile(skeleton)
        # It files every template under sys.modules; the function alone is enough.
        sys.modules.pop(render.__globals__["__name__"], None)
    return lambda slots: str(render(slots))


@dataclass(slots=True)
class _Rendering:
    """Values are asked for only where a branch is taken, in the order of the output."""

    values: Mapping[str, str]
    hand_on: Callable[[str], str]
    held: dict[str, str] = field(default_factory=dict)
    room: int = MAX_OUTPUT

    def slot(self, pieces: tuple[Piece, ...]) -> Callable[[Any], str]:
        """What the skeleton calls for a slot's text."""
        return lambda this: "".join(map(self._text, pieces))

    def _text(self, piece: Piece) -> str:
        text = self._value(piece)
        if len(text) > self.room:
            return ""
        self.room -= len(text)
        return text

    def _value(self, piece: Piece) -> str:
        match piece.source:
            case PieceSource.TEXT:
                return piece.name
            case PieceSource.VARIABLE:
                return self.values.get(piece.name, "")
            case PieceSource.MACRO:
                return self.hand_on(piece.name)
            case PieceSource.HELD:
                return self.held.get(piece.name, "")
            case PieceSource.HOLD:
                self.held[piece.name] = self.hand_on(piece.name.partition(":")[2])
                return ""


class _Lowering:
    """Brings every block down to an `if`.

    `this` is the value that `{{this}}` means; None = the root, where variables are known.
    """

    def __init__(self, template: str) -> None:
        self._template = template

    def body(self, body: Body | None, this: Piece | None) -> list[Part]:
        parts: list[Part] = []
        for statement in body.statements if body else []:
            match statement:
                case TemplateText():
                    parts.append(Piece(PieceSource.TEXT, statement.value))
                case Tag(kind=TagKind.NAME):
                    parts.append(self._name(statement, this))
                case Block():
                    parts.extend(self._block(statement, this))
        return parts

    def _name(self, tag: Tag, this: Piece | None) -> Piece:
        name = tag.words[0]
        if name in _HELPERS:
            fail(self._template, tag.position, Reason.TEMPLATE_TAG)
        if name == "this":
            return this or Piece(PieceSource.TEXT, "[object Object]")
        if name == "trim":
            # Left standing for the macro engine, which removes it with the line ends around it.
            return Piece(PieceSource.TEXT, "{{trim}}")
        if this is None and name in VARIABLES:
            if tag.has_arguments:
                fail(self._template, tag.position, Reason.TEMPLATE_ARGUMENTS, name=name)
            return Piece(PieceSource.VARIABLE, name)
        return Piece(PieceSource.MACRO, name)

    def _block(self, block: Block, this: Piece | None) -> list[Part]:
        helper, *arguments = block.tag.words
        if helper in _CONDITIONS:
            if not arguments:
                self._fail(block, Reason.TEMPLATE_ARGUMENTS)
            return self._condition(block, arguments[0], this)
        if helper in _HELPERS or arguments:
            self._fail(block, Reason.TEMPLATE_NO_SUCH_BLOCK)
        return self._section(block, this)

    def _fail(self, block: Block, reason: Reason) -> NoReturn:
        fail(self._template, block.tag.position, reason, name=block.tag.words[0])

    def _condition(self, block: Block, name: str, this: Piece | None) -> list[Part]:
        helper = block.tag.words[0]
        if helper == "each":
            if name == "this" and this is None:
                self._fail(block, Reason.TEMPLATE_ARGUMENTS)
            # A text is nothing to walk through.
            return self.body(block.inverse, this)
        condition = self._truth(name, this)
        then, otherwise = block.program, block.inverse
        if helper == "unless":
            then, otherwise = otherwise, then
        if isinstance(condition, bool):
            if helper == "with" and condition and name != "this":
                self._fail(block, Reason.TEMPLATE_ARGUMENTS)
            return self.body(then if condition else otherwise, this)
        inside = self.body(then, condition if helper == "with" else this)
        return [Branch(condition, tuple(inside), tuple(self.body(otherwise, this)))]

    def _truth(self, name: str, this: Piece | None) -> Piece | bool:
        """What decides; a truth by itself where that does not depend on the values."""
        if name == "this":
            return this or True
        if this is None and name in VARIABLES:
            return Piece(PieceSource.VARIABLE, name)
        if name[0].isdecimal():
            return name.strip("0.") != ""
        return name == "true"

    def _section(self, block: Block, this: Piece | None) -> list[Part]:
        """`{{#name}}`: always its program, with `this` as the name's value, even an empty one."""
        name = block.tag.words[0]
        if name == "trim":
            return [Piece(PieceSource.TEXT, "{{trim}}")]
        if name == "this":
            return self.body(block.program, this)
        if this is None and name in VARIABLES:
            return self.body(block.program, Piece(PieceSource.VARIABLE, name))
        held = f"{block.tag.position}:{name}"
        return [
            Piece(PieceSource.HOLD, held),
            *self.body(block.program, Piece(PieceSource.HELD, held)),
        ]
