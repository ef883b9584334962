"""Expands macros: inner ones first, unknown ones left as they are, never raising."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from core.macros.environment import CardFields, MacroNames
from core.macros.javascript import trim
from core.macros.parser import MAX_DEPTH, Item, Node, Span, dedent, pair, parse
from core.macros.registry import (
    STRAY_ELSE,
    Expansion,
    Frame,
    Macro,
    MacroCall,
    MacroState,
    Unresolved,
    registry,
)
from core.macros.variables import operate

MAX_EXPANSIONS = 10_000
"""Macros evaluated in one prompt; further ones stay as written."""
MAX_FOUND = 4 * MAX_EXPANSIONS
"""Macros found while reading texts, those inside of others once more for each level."""

_LEGACY_TIME = re.compile(r"\{\{time_(UTC[+-][0-9]+)\}\}", re.IGNORECASE | re.ASCII)
_LEGACY_MARKER = re.compile(r"<(USER|BOT|CHAR|GROUP|CHARIFNOTGROUP)>", re.IGNORECASE | re.ASCII)
_MARKERS = {
    "user": "{{user}}",
    "bot": "{{char}}",
    "char": "{{char}}",
    "group": "{{group}}",
    "charifnotgroup": "{{charIfNotGroup}}",
}
_ESCAPED = re.compile(r"\\([{}])")
_TRIM = re.compile(r"\{\{trim\}\}", re.IGNORECASE)
_START_LINES = re.compile(r"\A(?:\r?\n)+")


class Macros(MacroState):
    """The macros of one prompt at work."""

    def expand(
        self,
        text: str,
        *,
        card: bool = True,
        original: str | None = None,
        names: MacroNames | None = None,
        extra: Mapping[str, str] | None = None,
        each: Callable[[str], str] | None = None,
    ) -> str:
        """`text` with its macros resolved, once.

        `card=False`: macros of card fields give nothing. `original`: what `{{original}}` gives
        the first time. `names`: other names than the environment's. `extra`: values of further
        macros, by name in lower case. `each` has the last word on what each macro gives.
        """
        if "{" not in text and "<" not in text:
            return text.replace("\\}", "}")
        environment = self.environment
        if not card:
            environment = replace(environment, card=CardFields)
        if names is not None:
            environment = replace(environment, names=names)
        expansion = Expansion(text, environment, original, extra or {}, each)
        return self._text(text, expansion, None, 0)

    def _text(self, text: str, expansion: Expansion, parent: Frame | None, start: int) -> str:
        """Legacy spellings, evaluation, escaped braces, `{{trim}}`, stray `{{else}}`."""
        text = _LEGACY_TIME.sub(r"{{time::\1}}", text)
        text = _LEGACY_MARKER.sub(lambda found: _MARKERS[found[1].lower()], text)
        frame = parent.inside(text, start) if parent else Frame(text)
        expanded = _ESCAPED.sub(r"\1", self._expand(frame, expansion))
        return _trim_newlines(expanded).replace(STRAY_ELSE, "")

    def _expand(self, frame: Frame, expansion: Expansion) -> str:
        text = frame.text
        if "{{" not in text or frame.depth > MAX_DEPTH or self.found > MAX_FOUND:
            return text
        nodes = parse(text)
        self.found += len(nodes)
        return self._joined(pair(nodes, _takes_scope), frame, expansion)

    def _joined(self, items: Iterable[Item], frame: Frame, expansion: Expansion) -> str:
        pieces: list[str] = []
        cursor = 0
        for item in items:
            pieces.append(frame.text[cursor : item.node.start])
            pieces.append(self._evaluate(item, frame, expansion))
            cursor = item.end
        pieces.append(frame.text[cursor:])
        return "".join(pieces)

    def _evaluate(self, item: Item, frame: Frame, expansion: Expansion) -> str:
        written = frame.text[item.node.start : item.end]
        if item.raw or self.expansions >= MAX_EXPANSIONS or self.room <= 0:
            return written
        self.expansions += 1
        if item.node.is_shorthand:
            return self._given(self._shorthand(item.node, frame, expansion), expansion)
        return self._macro(item, frame, expansion)

    def _given(self, value: str, expansion: Expansion) -> str:
        """Counts what a macro gives; nothing is given beyond the limit."""
        value = expansion.each(value) if expansion.each else value
        self.output += len(value)
        return value if self.room >= 0 else ""

    def _shorthand(self, node: Node, frame: Frame, expansion: Expansion) -> str:
        start, end = node.arguments[0]

        def operand() -> str:
            # Macros behind an operator stand for themselves: closing tags close nothing here.
            inner = frame.inside(frame.text[start:end], start)
            items = [Item(node, node.end) for node in parse(inner.text)]
            return trim(self._joined(items, inner, expansion))

        variables = self.local if node.name == "." else self.shared
        return operate(variables, node.variable, node.operator, operand)

    def _macro(self, item: Item, frame: Frame, expansion: Expansion) -> str:
        node, name = item.node, item.node.name.lower()
        if name in expansion.extra and not node.arguments and not item.content:
            return self._given(expansion.extra[name], expansion)
        found = registry().get(name)
        delayed = found is not None and found.delayed
        spans = [*node.arguments, *([item.content] if item.content else [])]
        arguments = [
            frame.text[slice(*span)] if delayed else self._part(span, frame, expansion)
            for span in spans
        ]
        if item.content and not delayed and not node.keeps_space:
            arguments[-1] = dedent(arguments[-1])
        if found is not None and found.accepts(len(arguments)):
            try:
                given = self._call(found, arguments, item, frame, expansion)
                return self._given(given, expansion)
            except Unresolved:
                pass
        return _as_written(item, frame.text, spans, arguments)

    def _call(
        self, found: Macro, arguments: list[str], item: Item, frame: Frame, expansion: Expansion
    ) -> str:
        node = item.node

        def nested(text: str) -> str:
            return self._text(text, expansion, frame, node.start)

        scoped = item.content is not None
        return found.handler(MacroCall(arguments, scoped, node, frame, expansion, self, nested))

    def _part(self, span: Span, frame: Frame, expansion: Expansion) -> str:
        text = frame.text[slice(*span)]
        return self._expand(frame.inside(text, span[0]), expansion) if "{{" in text else text


def _as_written(item: Item, text: str, spans: list[Span], values: Iterable[str]) -> str:
    """The macro as it stood, with the macros inside of it resolved.

    Of a closing tag only the last braces are left, of one right behind its opening tag nothing
    (SillyTavern 1.19.0).
    """
    pieces: list[str] = []
    cursor = item.node.start
    for span, value in zip(spans, values, strict=True):
        if span[0] < span[1]:
            pieces += [text[cursor : span[0]], value]
            cursor = span[1]
    end = "}}" if cursor >= item.node.end else text[cursor : item.node.end]
    return "".join([*pieces, end])


def _takes_scope(node: Node) -> bool:
    found = registry().get(node.name.lower())
    return found is None or found.takes_scope(len(node.arguments))


def _trim_newlines(text: str) -> str:
    """Removes each `{{trim}}` with all line ends next to it."""
    first, *others = _TRIM.split(text)
    pieces = [first]
    for piece in others:
        pieces[-1] = _without_end_lines(pieces[-1])
        pieces.append(_START_LINES.sub("", piece))
    return "".join(pieces)


def _without_end_lines(text: str) -> str:
    end = len(text)
    while end and text[end - 1] == "\n":
        end -= 2 if end > 1 and text[end - 2] == "\r" else 1
    return text[:end]
