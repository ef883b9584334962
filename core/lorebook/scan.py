"""Which entries wake, and where their text goes."""

from collections.abc import Callable, Iterator

from core.lorebook.activation import Activation as Loop
from core.lorebook.budget import Budget, Count, budget_size
from core.lorebook.candidate import Candidate
from core.lorebook.filters import Filters, Pass
from core.lorebook.group_competition import GroupCompetition
from core.lorebook.key_check import KeyCheck
from core.lorebook.lorebook import Entry, Position
from core.lorebook.order import OrderedBook, ordered_books
from core.lorebook.placement import Places, place
from core.lorebook.scan_input import Dice, ScanInput, TimedState
from core.lorebook.scan_result import Activation, Cause, Drop, ScanResult
from core.lorebook.scan_text import ScanText
from core.lorebook.timed import Identity, Timers
from core.patterns.matcher import Matcher


def scan(scan_input: ScanInput, count: Count, matcher: Matcher, dice: Dice) -> ScanResult:
    """Finds the entries that wake. Pure apart from the matcher's work and the dice's next numbers.

    Raises whatever `count` and `substitute` raise (`NeedCounts` with a remote tokenizer),
    nothing else.
    """
    books = ordered_books(scan_input.sources, scan_input.settings)
    timers = Timers(scan_input.timed, len(scan_input.lines), _finder(books))
    text = ScanText(scan_input)
    keys = KeyCheck(text, matcher)
    crowd = GroupCompetition(scan_input, books, text, keys, timers)
    budget = Budget(budget_size(scan_input.settings, scan_input.prompt_budget), count)
    loop = Loop(scan_input, books, crowd, keys, Filters(scan_input, timers), budget, dice)
    loop.run()
    timed = timers.after((identity, one.entry) for identity, one in loop.awake.items())
    return _result(loop, keys, budget, timed)


def _finder(books: list[OrderedBook]) -> Callable[[Identity], Entry | None]:
    by_id = {book.id: book.compiled.by_uid for book in books}

    def find(identity: Identity) -> Entry | None:
        compiled = by_id.get(identity[0], {}).get(identity[1])
        return compiled.entry if compiled is not None else None

    return find


def _result(loop: Loop, keys: KeyCheck, budget: Budget, timed: TimedState) -> ScanResult:
    activated = tuple(_activation(one, loop) for one in loop.awake.values())
    places = place(activated)
    return ScanResult(
        activated=activated,
        dropped=(*_held_back(loop, keys), *_misplaced(places)),
        before=places.joined(Position.BEFORE_CHARACTER),
        after=places.joined(Position.AFTER_CHARACTER),
        note_top=places.texts(Position.NOTE_TOP),
        note_bottom=places.texts(Position.NOTE_BOTTOM),
        examples_top=places.texts(Position.EXAMPLES_TOP),
        examples_bottom=places.texts(Position.EXAMPLES_BOTTOM),
        depths=places.by_depth(),
        outlets={name: "\n".join(texts) for name, texts in places.outlets.items()},
        timed=timed,
        stopped=keys.stopped,
        budget=budget.size,
        is_over_budget=budget.is_spent,
        is_cut_short=loop.is_cut_short,
    )


def _activation(one: Candidate, loop: Loop) -> Activation:
    key = one.fired if one.cause is Cause.KEY else ""
    step = loop.steps[one.identity]
    return Activation(one.book.id, one.entry, one.content, one.cause, key, step)


def _held_back(loop: Loop, keys: KeyCheck) -> Iterator[Drop]:
    """Entries that had a reason to wake; those a rule held back before their keys were asked
    for are told only where a plain key is in sight."""
    for one, (rule, detail) in loop.dropped.items():
        if one.identity in loop.awake:
            continue
        key = one.fired
        if not key and not (one.entry.constant or one.compiled.activate or one.is_sticky):
            seen = keys.plain(one, loop.view(one, Pass.RECURSION))
            if seen is None:
                continue
            key = seen.written
        yield Drop(one.book.id, one.entry, rule, key, detail)


def _misplaced(places: Places) -> Iterator[Drop]:
    for activation, rule in places.misplaced:
        yield Drop(activation.book, activation.entry, rule, activation.key)
