"""Pairs `{{name}}` with `{{/name}}`: what stands between becomes the last argument."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from core.macros.lexer import Node, Span


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
