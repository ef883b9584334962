"""Rules for things that go wrong on purpose, in requests and in gateway events."""

import random
import re
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count as counting

from bot.playground.rules.errors import Json


class Action(StrEnum):
    """What a rule does to what it matches.

    Requests ("METHOD /path"): `limit` (429, `scope` user, global or shared), `edge` (429 of a
    front server: HTML without Via), `error` (`status` and Discord `code`), `delay` (`seconds`
    before it takes effect), `lag` (`seconds` before the answer), `drop` (connection closed before
    any effect), `drop_after` (closed after the effect).
    `delay` and `lag` take up to `jitter` seconds more.
    Events ("EVENT NAME"): `repeat` (sent `copies` more times), `reorder` (after the next one),
    `lose`, `malform` (sent without its fields), `delay` (`seconds`).
    """

    LIMIT = "limit"
    EDGE = "edge"
    ERROR = "error"
    DELAY = "delay"
    LAG = "lag"
    DROP = "drop"
    DROP_AFTER = "drop_after"
    REPEAT = "repeat"
    REORDER = "reorder"
    LOSE = "lose"
    MALFORM = "malform"


AFTER = frozenset({Action.LAG, Action.DROP_AFTER})


@dataclass(slots=True)
class Fault:
    """One rule; `count` is how often it still works (None: without end)."""

    id: int
    match: str
    action: Action
    count: int | None = 1
    skip: int = 0
    chance: float = 1.0
    status: int = 500
    code: int = 0
    message: str = ""
    scope: str = "user"
    retry_after: float = 1.0
    seconds: float = 1.0
    jitter: float = 0.0
    copies: int = 1
    hits: int = 0

    def describe(self) -> Json:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Faults:
    """The rules in force, asked in the order they were added; a seed makes chances repeatable."""

    seed: int = 0
    rules: list[Fault] = field(default_factory=list)
    _ids: "counting[int]" = field(default_factory=lambda: counting(1))
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def add(self, match: str, action: str, **details: object) -> Fault:
        """Adds a rule. Raises ValueError or TypeError for one that cannot be."""
        try:
            re.compile(match)
        except re.error as wrong:
            raise ValueError(f"not a pattern: {wrong}") from wrong
        fault = Fault(next(self._ids), match, Action(action), **details)  # type: ignore[arg-type]
        self.rules.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        """Removes one rule, or all."""
        self.rules = [each for each in self.rules if fault_id not in (None, each.id)]

    def find(self, subject: str, *, after: bool = False) -> Fault | None:
        """The rule that strikes now, its count used up by one."""
        for fault in self.rules:
            if (fault.action in AFTER) is after and self._strikes(fault, subject):
                return fault
        return None

    def _strikes(self, fault: Fault, subject: str) -> bool:
        if fault.count == 0 or not re.search(fault.match, subject):
            return False
        if fault.skip > 0:
            fault.skip -= 1
            return False
        if fault.chance < 1 and self._dice.random() >= fault.chance:
            return False
        fault.hits += 1
        if fault.count is not None:
            fault.count -= 1
        return True

    def wait(self, fault: Fault) -> float:
        """How long a delaying rule delays this time, in seconds."""
        return fault.seconds + self._dice.random() * fault.jitter

    def mix(self, seed: int, chance: float) -> list[Fault]:
        """A seeded blend of the usual troubles, for soak runs that can be repeated."""
        self._dice = random.Random(seed)
        anything = "^(POST|PATCH|PUT|DELETE|GET) /(channels|webhooks)"
        return [
            self.add(anything, Action.LIMIT, count=None, chance=chance, retry_after=0.3),
            self.add(anything, Action.ERROR, count=None, chance=chance, status=502),
            self.add("^(PATCH|DELETE) ", Action.DROP, count=None, chance=chance / 2),
            self.add(anything, Action.LAG, count=None, chance=chance, seconds=0.2),
            self.add("^EVENT MESSAGE_", Action.REPEAT, count=None, chance=chance),
            self.add("^EVENT MESSAGE_", Action.REORDER, count=None, chance=chance),
        ]
