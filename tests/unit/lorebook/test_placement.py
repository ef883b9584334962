"""Where texts go, and which books they come from."""

from core.lorebook import (
    ActiveBook,
    EntryRole,
    Position,
    ScanInput,
    ScanSettings,
    Sources,
    Strategy,
)
from tests.unit.lorebook.scans import CHAT, book, entry, given, rules, run, woken


def test_lists_read_upwards_by_order() -> None:
    entries = [entry("b", order=1), entry("a", order=1), entry("c", order=2)]
    result = run(given(entries))
    assert result.before == "a\nb\nc"


def test_every_position() -> None:
    entries = [entry(position.name, position=position) for position in Position]
    entries[-1] = entry("OUTLET", position=Position.OUTLET, outlet="map")
    result = run(given(entries))
    assert result.before == "BEFORE_CHARACTER"
    assert result.after == "AFTER_CHARACTER"
    assert result.note_top == ("NOTE_TOP",)
    assert result.note_bottom == ("NOTE_BOTTOM",)
    assert result.examples_top == ("EXAMPLES_TOP",)
    assert result.examples_bottom == ("EXAMPLES_BOTTOM",)
    assert [(one.depth, one.text) for one in result.depths] == [(4, "AT_DEPTH")]
    assert result.outlets == {"map": "OUTLET"}


def test_depths_join_by_role_and_outlets_read_downwards() -> None:
    at = {"position": Position.AT_DEPTH, "depth": 1}
    outlet = {"position": Position.OUTLET, "outlet": "o"}
    entries = [
        entry("s1", order=1, **at),
        entry("s2", order=2, **at),
        entry("u", role=EntryRole.USER, **at),
        entry("o1", order=1, **outlet),
        entry("o2", order=2, **outlet),
    ]
    result = run(given(entries))
    assert {(one.depth, one.role, one.text) for one in result.depths} == {
        (1, EntryRole.SYSTEM, "s1\ns2"),
        (1, EntryRole.USER, "u"),
    }
    assert result.outlets == {"o": "o2\no1"}


def test_texts_without_a_place_are_told() -> None:
    entries = [entry(""), entry("lost", position=Position.OUTLET)]
    result = run(given(entries))
    assert woken(result) == ["", "lost"]
    assert rules(result) == {"": "empty", "lost": "no outlet"}


def test_sources_in_scan_order() -> None:
    def source(name: str, order: int = 100) -> tuple[ActiveBook, ...]:
        return (ActiveBook(name, book(entry(name, order=order))),)

    sources = Sources(
        chat=source("chat", 1),
        persona=source("persona", 2),
        character=source("character", 3),
        shared=source("shared", 4),
    )

    def names(strategy: Strategy) -> list[str]:
        settings = ScanSettings(strategy=strategy)
        return woken(run(ScanInput(sources, CHAT, 8_000, settings)))

    assert names(Strategy.CHARACTER_FIRST) == ["chat", "persona", "character", "shared"]
    assert names(Strategy.GLOBAL_FIRST) == ["chat", "persona", "shared", "character"]
    assert names(Strategy.EVENLY) == ["chat", "persona", "shared", "character"]


def test_a_book_is_scanned_once() -> None:
    same = ActiveBook("same", book(entry("x")))
    sources = Sources(chat=(same,), persona=(same,), character=(same,), shared=(same,))
    assert woken(run(ScanInput(sources, CHAT, 8_000))) == ["x"]


def test_two_books_may_number_their_entries_alike() -> None:
    text = book(entry("x"))
    sources = Sources(chat=(ActiveBook("1", text),), shared=(ActiveBook("2", text),))
    result = run(ScanInput(sources, CHAT, 8_000))
    assert [(one.book, one.content) for one in result.activated] == [("1", "x"), ("2", "x")]
