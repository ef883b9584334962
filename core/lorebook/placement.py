"""Where the texts of the entries that woke go, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.lorebook.lorebook import EntryRole, Position
from core.lorebook.scan_result import Activation, DepthLore, Rule


@dataclass(slots=True)
class Places:
    """The texts by place, and the entries that turned out to have none."""

    lists: dict[Position, list[str]] = field(default_factory=dict)
    depths: dict[tuple[int, EntryRole], list[str]] = field(default_factory=dict)
    outlets: dict[str, list[str]] = field(default_factory=dict)
    misplaced: list[tuple[Activation, Rule]] = field(default_factory=list)

    def joined(self, position: Position) -> str:
        """The texts of one place, a line each."""
        return "\n".join(self.lists.get(position, ()))

    def texts(self, position: Position) -> tuple[str, ...]:
        """The texts of one place."""
        return tuple(self.lists.get(position, ()))

    def by_depth(self) -> tuple[DepthLore, ...]:
        """One block for each depth and role."""
        return tuple(
            DepthLore(depth, role, "\n".join(texts)) for (depth, role), texts in self.depths.items()
        )


def place(activated: Sequence[Activation]) -> Places:
    """Puts each entry in FRONT of its list, highest order first.

    So lists read upwards by order, and entries of equal order stand in reverse order of
    activation. Outlets alone read downwards.
    """
    places = Places()
    for activation in sorted(activated, key=lambda one: -one.entry.order):
        entry = activation.entry
        if not activation.content:
            places.misplaced.append((activation, Rule.EMPTY))
        elif entry.position is Position.AT_DEPTH:
            block = places.depths.setdefault((entry.depth, entry.role), [])
            block.insert(0, activation.content)
        elif entry.position is not Position.OUTLET:
            places.lists.setdefault(entry.position, []).insert(0, activation.content)
        elif entry.outlet:
            places.outlets.setdefault(entry.outlet, []).append(activation.content)
        else:
            places.misplaced.append((activation, Rule.NO_OUTLET))
    return places
