"""Renders a template through a skeleton made of our own slot names only."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.prompt.story.blanks import settle
from core.prompt.story.lower import Branch, Part, Source, Value, lower
from core.prompt.story.tags import split
from core.prompt.story.tree import build

MAX_OUTPUT = 256 * 1024

Skeleton = Callable[[Mapping[str, Callable[[Any], str]]], str]

_compiling = threading.Lock()
"""pybars3's compiler keeps its state in a class."""


@dataclass(frozen=True, slots=True)
class Story:
    """A template that has been read: its skeleton and what its slots hold."""

    skeleton: str
    slots: tuple[tuple[Value, ...], ...]

    def render(self, values: Mapping[str, str], hand_on: Callable[[str], str]) -> str:
        """The text, with `values` for variables; `hand_on` gives the value of any other name."""
        return _compiled(self.skeleton)(_Filling(self.slots, values, hand_on).context())


@lru_cache(maxsize=256)
def read_story(template: str) -> Story:
    """Checks a template. Raises InvalidTemplate with line and column."""
    root = build(template, split(template))
    settle(root)
    slots: list[tuple[Value, ...]] = []
    skeleton = _skeleton(lower(template, root), slots)
    return Story(skeleton, tuple(slots))


def _skeleton(parts: Iterable[Part], slots: list[tuple[Value, ...]]) -> str:
    """The parts as a template; neighbouring texts and values share one slot."""
    pieces: list[str] = []
    joined: list[Value] = []

    def close() -> None:
        if joined:
            pieces.append(f"{{{{&s{len(slots)}}}}}")
            slots.append(tuple(joined))
            joined.clear()

    for part in parts:
        if isinstance(part, Value):
            joined.append(part)
            continue
        close()
        condition = f"s{len(slots)}"
        slots.append((part.condition,))
        pieces.append(_block(condition, part, slots))
    close()
    return "".join(pieces)


def _block(condition: str, part: Branch, slots: list[tuple[Value, ...]]) -> str:
    then = _skeleton(part.then, slots)
    otherwise = _skeleton(part.otherwise, slots)
    alternative = f"{{{{else}}}}{otherwise}" if otherwise else ""
    return f"{{{{#if {condition}}}}}{then}{alternative}{{{{/if}}}}"


@lru_cache(maxsize=256)
def _compiled(skeleton: str) -> Skeleton:
    # Imported on first use: its grammar takes 300 ms to build.
    import sys

    import pybars

    with _compiling:
        render = pybars.Compiler().compile(skeleton)
        # It files every template under sys.modules; the function alone is enough.
        sys.modules.pop(render.__globals__["__name__"], None)
    return lambda slots: str(render(slots))


class _Filling:
    """The slots' texts, made only where a branch is taken and in the order of the output."""

    def __init__(
        self,
        slots: tuple[tuple[Value, ...], ...],
        values: Mapping[str, str],
        hand_on: Callable[[str], str],
    ) -> None:
        self._slots = slots
        self._values = values
        self._hand_on = hand_on
        self._held: dict[str, str] = {}
        self._room = MAX_OUTPUT

    def context(self) -> dict[str, Callable[[Any], str]]:
        """A function for each slot, which the skeleton calls."""
        return {f"s{index}": self._slot(slot) for index, slot in enumerate(self._slots)}

    def _slot(self, slot: tuple[Value, ...]) -> Callable[[Any], str]:
        return lambda this: "".join(self._text(value) for value in slot)

    def _text(self, value: Value) -> str:
        text = self._value(value)
        if len(text) > self._room:
            return ""
        self._room -= len(text)
        return text

    def _value(self, value: Value) -> str:
        match value.source:
            case Source.TEXT:
                return value.name
            case Source.VARIABLE:
                return self._values.get(value.name, "")
            case Source.MACRO:
                return self._hand_on(value.name)
            case Source.HELD:
                return self._held.get(value.name, "")
            case Source.HOLD:
                name = value.name.partition(":")[2]
                self._held[value.name] = self._hand_on(name)
                return ""
