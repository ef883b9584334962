"""Indices as runs of neighbours, so that a long window costs no list."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import overload


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring messages: `length` from index `start` on, the newest of them at `end - 1` in
    the sums; a message by itself has its own `count` instead."""

    start: int
    length: int = 1
    end: int = 0
    count: int | None = None


class Spans(Sequence[int]):
    """The indices of runs, ascending."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs

    @cached_property
    def _ranges(self) -> list[range]:
        return [range(run.start, run.start + run.length) for run in in_order(self._runs)]

    def __len__(self) -> int:
        return sum(run.length for run in self._runs)

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self._ranges)

    def __reversed__(self) -> Iterator[int]:
        return chain.from_iterable(map(reversed, reversed(self._ranges)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if index == 0 and self._ranges:
            return self._ranges[0][0]
        return list(self)[index]


class RunCounts(Mapping[int, int]):
    """Tokens by index, looked up in the sums where they are asked for."""

    def __init__(self, runs: Sequence[Run], counts: Sequence[int]) -> None:
        self._runs = runs
        self._counts = counts

    @cached_property
    def _sorted(self) -> list[Run]:
        return in_order(self._runs)

    def __getitem__(self, index: int) -> int:
        place = bisect_right(self._sorted, index, key=lambda run: run.start) - 1
        run = self._sorted[place] if place >= 0 else None
        if run is None or index >= run.start + run.length:
            raise KeyError(index)
        return self._counts[run.end - 1 - index + run.start] if run.count is None else run.count

    def __iter__(self) -> Iterator[int]:
        return iter(Spans(self._runs))

    def __len__(self) -> int:
        return sum(run.length for run in self._runs)


def in_order(runs: Sequence[Run]) -> list[Run]:
    """The runs by their first index."""
    return sorted(runs, key=lambda run: run.start)
