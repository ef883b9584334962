"""Reads the macros of a text: names, flags, arguments, and pairs of opening and closing tags."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from core.macros.javascript import trim
from core.patterns.characters import WHITE

MAX_DEPTH = 32
"""Macros inside macros; deeper braces are plain text."""

_SPACE = f"[{re.escape(WHITE)}]"
_BRACES = re.compile(r"\{{2,}|\}\}")
_HEAD = re.compile(rf"((?:{_SPACE}|(?!//)[!?~#/>])*)(//|[a-zA-Z][\w-]*|[.$])", re.ASCII)
_AFTER_NAME = re.compile(rf"[^{re.escape(WHITE)}:|}}]*")
"""What cannot follow a name is passed over, braces too: `{{user's}}` is `{{user}}`."""
_VARIABLE = re.compile(
    rf"{_SPACE}*(?:([a-zA-Z](?:[\w-]*\w)?){_SPACE}*"
    r"(\+\+|--|\?\?=|\?\?|\|\|=|\|\||-=|==|!=|>=|>|<=|<|\+=|=)?)?",
    re.ASCII,
)
WHOLE_NUMBER = re.compile(r"-?[0-9]+")
_WITHOUT_VALUE = (None, "++", "--")
_SPARE = re.compile(rf"(?:[a-zA-Z][\w-]*[^{re.escape(WHITE)}:|}}]*|\+\+|--)?", re.ASCII)
"""One more word behind a shorthand is passed over; anything else makes it plain text."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """One complete macro: where it stands, what it is called, where its arguments stand.

    A variable shorthand has its prefix (`.` or `$`) as name and the variable in `variable`,
    which may be empty; `arguments` then holds the operand.
    """

    start: int
    end: int
    inner: Span
    name: str
    flags: str = ""
    arguments: tuple[Span, ...] = ()
    variable: str = ""
    operator: str = ""
    closes: bool = False

    @property
    def is_shorthand(self) -> bool:
        return self.name in (".", "$")

    @property
    def keeps_space(self) -> bool:
        """Whether scoped content stays untrimmed."""
        return "#" in self.flags


@dataclass(slots=True)
class _Open:
    start: int
    head_end: int = 0
    name: str = ""
    flags: str = ""
    inside: list[Node] = field(default_factory=list)


def parse(text: str, within_open: bool = True) -> list[Node]:
    """The outermost complete macros of `text`, in order. Never raises.

    `within_open`: also those behind a macro with a name that is never closed.
    """
    open_macros = [_Open(0)]
    passed = 0
    for brace in _BRACES.finditer(text):
        if brace.start() < passed:
            continue
        if brace[0] != "}}":
            # Of many braces the last two open; inside of a macro they are read two by two.
            whole = len(open_macros) == 1 or len(brace[0]) % 2 == 0
            head = _HEAD.match(text, brace.end()) if whole else None
            if head and len(open_macros) <= MAX_DEPTH:
                opened = _Open(brace.end() - 2, _end_of_name(text, head), head[2], head[1])
                open_macros.append(opened)
                passed = opened.head_end
        elif len(open_macros) > 1:
            closed = open_macros.pop()
            node = _node(text, closed, brace.start())
            open_macros[-1].inside += [node] if node else closed.inside
    found: list[Node] = []
    for unclosed in open_macros:
        if not within_open and unclosed.name not in ("", ".", "$"):
            break
        found += unclosed.inside
    return found


def _end_of_name(text: str, head: re.Match[str]) -> int:
    behind = None if head[2] in ("//", ".", "$") else _AFTER_NAME.match(text, head.end())
    return behind.end() if behind else head.end()


def _node(text: str, opened: _Open, end: int) -> Node | None:
    """The macro that ends at `end`; None when its inside makes no sense."""
    inner = (opened.start + 2, end)
    if opened.name in ".$":
        return _variable(text, opened, inner)
    arguments = tuple(_arguments(text, opened.head_end, end, opened.inside))
    closes = "/" in opened.flags
    if opened.name == "//" and arguments:
        closes = closes or text.startswith("/", arguments[0][0])
    name, flags = opened.name, opened.flags
    return Node(opened.start, end + 2, inner, name, flags, arguments, closes=closes)


def _variable(text: str, opened: _Open, inner: Span) -> Node | None:
    found = _VARIABLE.match(text, opened.head_end, inner[1])
    assert found is not None, "the pattern matches an empty text"
    operand = _trimmed(text, found.end(), inner[1])
    if found[2] in _WITHOUT_VALUE and not (
        _SPARE.fullmatch(text, *operand) if found[1] else operand[0] == operand[1]
    ):
        return None
    return Node(
        opened.start,
        inner[1] + 2,
        inner,
        opened.name,
        opened.flags,
        (operand,),
        found[1] or "",
        found[2] or "",
    )


def _arguments(text: str, start: int, end: int, inside: list[Node]) -> Iterator[Span]:
    """Extents of the arguments: `::` separates, else everything after `:` or a blank is one."""
    start, end = _trimmed(text, start, end)
    if not text.startswith("::", start, end):
        if start < end:
            yield _trimmed(text, start + text.startswith(":", start, end), end)
        return
    begin = start = start + 2
    skip = iter([*(node for node in inside if node.start >= begin), None])
    nested = next(skip)
    while True:
        found = text.find("::", start, end)
        while nested is not None and found >= nested.end:
            nested = next(skip)
        if found < 0:
            yield _trimmed(text, begin, end)
            return
        if nested is not None and found >= nested.start:
            start = nested.end
            continue
        yield _trimmed(text, begin, found)
        begin = start = found + 2


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in WHITE:
        start += 1
    while end > start and text[end - 1] in WHITE:
        end -= 1
    return start, end


@dataclass(frozen=True, slots=True)
class Item:
    """A macro to evaluate, with its scoped content if it has one; `end` is behind both.

    `raw`: it stays as written (a closing tag without an opening one, or one that takes no scope).
    """

    node: Node
    end: int
    content: Span | None = None
    raw: bool = False


def pair(nodes: list[Node], takes_scope: Callable[[Node], bool]) -> list[Item]:
    """The outermost macros and pairs, in order; inner ones are found when contents are expanded."""
    if not any(node.closes for node in nodes):
        return [Item(node, node.end) for node in nodes]
    partners, spare = _partners(nodes, takes_scope)
    raw = _refused(nodes, partners, spare, takes_scope)
    items: list[Item] = []
    done = 0
    for index, node in enumerate(nodes):
        if node.start < done:
            continue
        partner = partners.get(index)
        if partner is None:
            items.append(Item(node, node.end, raw=node.closes or index in raw))
        else:
            closing = nodes[partner]
            items.append(Item(node, closing.end, (node.end, closing.start)))
        done = items[-1].end
    return items


def _partners(
    nodes: list[Node], takes_scope: Callable[[Node], bool]
) -> tuple[dict[int, int], dict[str, deque[int]]]:
    """The closing index of each opening one, and closing ones without partner, by name."""
    waiting: dict[str, list[int]] = defaultdict(list)
    spare: dict[str, deque[int]] = defaultdict(deque)
    partners: dict[int, int] = {}
    for index, node in enumerate(nodes):
        if node.is_shorthand:
            continue
        name = node.name.lower()
        if not node.closes:
            if takes_scope(node):
                waiting[name].append(index)
        elif waiting[name]:
            partners[waiting[name].pop()] = index
        else:
            spare[name].append(index)
    return partners, spare


def _refused(
    nodes: list[Node],
    partners: dict[int, int],
    spare: dict[str, deque[int]],
    takes_scope: Callable[[Node], bool],
) -> set[int]:
    """Macros with a closing tag that they cannot take: these stay as written."""
    refused: set[int] = set()
    done = 0
    for index, node in enumerate(nodes):
        if node.closes or node.is_shorthand or node.start < done:
            continue
        if index in partners:
            done = nodes[partners[index]].end
            continue
        closings = spare[node.name.lower()]
        while closings and closings[0] < index:
            closings.popleft()
        if closings and not takes_scope(node):
            closings.popleft()
            refused.add(index)
    return refused


def dedent(text: str) -> str:
    """Scoped content: trimmed, and without the indentation of its first line that is not blank."""
    lines = text.split("\n")
    width = _indentation(next((line for line in lines if trim(line)), ""))
    if not width:
        return trim(text)
    return trim("\n".join(line[min(width, _indentation(line)) :] for line in lines))


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
