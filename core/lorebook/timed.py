"""Sticky entries and cooldowns, counted in messages of the chat."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from core.lorebook.compiled import CompiledEntry
from core.lorebook.lorebook import Entry
from core.lorebook.scan_types import Identity, TimedEffect, TimedState

Books = Mapping[str, Mapping[int, CompiledEntry]]
"""The entries in reach by book id and uid."""


def entry_hash(entry: Entry) -> str:
    """Names the entry as it is now; an edited entry has another one."""
    return blake2b(entry.model_dump_json().encode("utf-8"), digest_size=12).hexdigest()


class Timers:
    """The effects of one scan: checked at its start, extended at its end."""

    def __init__(self, state: TimedState, length: int, books: Books) -> None:
        self._length = length
        self._books = books
        self._stored = {"sticky": dict(state.sticky), "cooldown": dict(state.cooldown)}
        self.sticky = self._check("sticky")
        self.cooldown = self._check("cooldown")

    def _check(self, kind: str) -> frozenset[Identity]:
        """Ends what is over; returns the entries the effect holds for."""
        active: set[Identity] = set()
        stored = self._stored[kind]
        for identity, effect in list(stored.items()):
            if self._is_over(kind, identity, effect):
                del stored[identity]
            elif self._entry(identity, effect) is not None:
                active.add(identity)
        return frozenset(active)

    def _is_over(self, kind: str, identity: Identity, effect: TimedEffect) -> bool:
        if self._length <= effect.start and not effect.protected:
            return True  # the chat did not advance since: the reply is made anew
        entry = self._entry(identity, effect)
        if entry is not None and not getattr(entry, kind):
            return True
        if self._length < effect.end:
            return False
        if kind == "sticky" and entry is not None and entry.cooldown:
            self._start("cooldown", identity, entry, protected=True)
        return True

    def _entry(self, identity: Identity, effect: TimedEffect) -> Entry | None:
        """The entry, if it is in reach and was not edited; otherwise the effect just waits."""
        compiled = self._books.get(identity[0], {}).get(identity[1])
        if compiled is None or entry_hash(compiled.entry) != effect.hash:
            return None
        return compiled.entry

    def _start(self, kind: str, identity: Identity, entry: Entry, protected: bool) -> None:
        end = self._length + int(getattr(entry, kind))
        self._stored[kind][identity] = TimedEffect(self._length, end, entry_hash(entry), protected)

    def after(self, activated: Iterable[tuple[Identity, Entry]]) -> TimedState:
        """The state to store: entries that woke start the effects they ask for."""
        for identity, entry in activated:
            for kind in ("sticky", "cooldown"):
                if getattr(entry, kind) and identity not in self._stored[kind]:
                    self._start(kind, identity, entry, protected=False)
        return TimedState(self._stored["sticky"], self._stored["cooldown"])
