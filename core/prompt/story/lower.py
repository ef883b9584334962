"""Brings every block down to a plain `if`: all values are texts, so that is enough."""

from dataclasses import dataclass
from enum import StrEnum

from core.prompt.story.tags import fail
from core.prompt.story.tree import Block, Body, Content, Name

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
_FALSE_WORDS = frozenset(("false", "null", "undefined"))


class Source(StrEnum):
    """Where a piece of output comes from."""

    TEXT = "text"
    VARIABLE = "variable"
    MACRO = "macro"
    HELD = "held"
    """The value of a macro that opened a block, for `{{this}}` inside of it."""
    HOLD = "hold"
    """Evaluates that macro and gives nothing."""


@dataclass(frozen=True, slots=True)
class Value:
    """A text, or the name of a variable or macro."""

    source: Source
    name: str


@dataclass(frozen=True, slots=True)
class Branch:
    """`then` if the condition's text is not empty, else `otherwise`."""

    condition: Value
    then: tuple["Value | Branch", ...]
    otherwise: tuple["Value | Branch", ...]


Part = Value | Branch


@dataclass(frozen=True, slots=True)
class _Known:
    """A condition that does not depend on the values."""

    truth: bool


def lower(template: str, root: Body) -> tuple[Part, ...]:
    """The tree as texts, values and conditions. Raises InvalidTemplate for unknown helpers."""
    return tuple(_Lowering(template).body(root, None))


class _Lowering:
    """`this` is the value that `{{this}}` means; None = the root, where variables are known."""

    def __init__(self, template: str) -> None:
        self._template = template

    def body(self, body: Body | None, this: Value | None) -> list[Part]:
        parts: list[Part] = []
        for statement in body.statements if body else []:
            match statement:
                case Content():
                    parts.append(Value(Source.TEXT, statement.value))
                case Name():
                    parts.append(self._name(statement, this))
                case Block():
                    parts.extend(self._block(statement, this))
        return parts

    def _name(self, statement: Name, this: Value | None) -> Value:
        name = statement.name
        if name in _HELPERS:
            fail(self._template, statement.position, f"{name} has to open a block")
        if name == "this":
            return this or Value(Source.TEXT, "[object Object]")
        if name == "trim":
            # Left standing for the macro engine, which removes it with the line ends around it.
            return Value(Source.TEXT, "{{trim}}")
        if this is None and name in VARIABLES:
            if statement.has_arguments:
                fail(self._template, statement.position, f"{name} takes no arguments")
            return Value(Source.VARIABLE, name)
        return Value(Source.MACRO, name)

    def _block(self, block: Block, this: Value | None) -> list[Part]:
        if block.helper in _CONDITIONS:
            if block.argument is None:
                fail(self._template, block.position, f"{block.helper} needs a name")
            return self._condition(block, block.argument, this)
        if block.helper in _HELPERS or block.argument is not None:
            fail(self._template, block.position, f"there is no block {block.helper}")
        return self._section(block, this)

    def _condition(self, block: Block, name: str, this: Value | None) -> list[Part]:
        if block.helper == "each":
            if name == "this" and this is None:
                fail(self._template, block.position, "there is nothing to walk through")
            # A text is nothing to walk through.
            return self.body(block.inverse, this)
        condition = self._truth(name, this)
        then, otherwise = block.program, block.inverse
        if block.helper == "unless":
            then, otherwise = otherwise, then
        if isinstance(condition, _Known):
            if block.helper == "with" and condition.truth and name != "this":
                fail(self._template, block.position, "with needs the name of a variable")
            return self.body(then if condition.truth else otherwise, this)
        inside = self.body(then, condition if block.helper == "with" else this)
        return [Branch(condition, tuple(inside), tuple(self.body(otherwise, this)))]

    def _truth(self, name: str, this: Value | None) -> Value | _Known:
        if name == "this":
            return this or _Known(True)
        if this is None and name in VARIABLES:
            return Value(Source.VARIABLE, name)
        if name[0].isdecimal():
            return _Known(name.strip("0.") != "")
        return _Known(name == "true")

    def _section(self, block: Block, this: Value | None) -> list[Part]:
        """`{{#name}}`: always its program, with `this` as the name's value, even an empty one."""
        name = block.helper
        if name == "trim":
            return [Value(Source.TEXT, "{{trim}}")]
        if name == "this":
            return self.body(block.program, this)
        if this is None and name in VARIABLES:
            return self.body(block.program, Value(Source.VARIABLE, name))
        held = f"{block.position}:{name}"
        return [Value(Source.HOLD, held), *self.body(block.program, Value(Source.HELD, held))]
