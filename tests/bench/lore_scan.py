"""Figures for the lorebook scan: `python -m tests.bench.lore_scan`.

4,000 tokens of text (16 kB), three keys an entry, about twenty entries awake, recursion on. "Cold"
searches every message anew, "next turn" only the message that is new. CPU time, best of several
rounds, so that other work on the machine does not show. The usual way, one regular expression for
each key, is measured beside it. "Substrings" are plain keys without the rule of whole words.
"""

import random
import re
import sys
import time
from collections.abc import Callable

from core.lorebook import ActiveBook, Entry, Lorebook, ScanInput, ScanLine, ScanSettings, Sources
from core.lorebook.compiled import compile_book
from core.lorebook.scan import scan
from core.patterns.matcher import SafeMatcher
from core.tokenizers.tokenizer import Estimate

SIZES = (10, 1_000, 10_000)
CHARACTERS = 16_000
MESSAGES = 40
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(dice: random.Random) -> str:
    """A made-up word."""
    return "".join(dice.choice(LETTERS) for _ in range(dice.randint(4, 9)))


def make_key(dice: random.Random, kind: str, inside: str | None) -> str:
    """A key of a kind; `inside` is a word of the text that it shall hold."""
    first = inside or word(dice)
    if kind == "phrases":
        return f"{first} {word(dice)}" if inside is None else first
    if kind == "cyrillic":
        return first.translate(str.maketrans(LETTERS, "абвгдежзийклмнопрстуфхцчшщ"))
    return first


def make_book(dice: random.Random, entries: int, kind: str, words: list[str]) -> Lorebook:
    """A book in which twenty entries have a key that occurs."""
    every = max(1, entries // 20)
    return Lorebook(
        name="Bench",
        entries=tuple(
            Entry(
                uid=uid,
                keys=(
                    make_key(dice, kind, dice.choice(words) if uid % every == 0 else None),
                    make_key(dice, kind, None),
                    make_key(dice, kind, None),
                ),
                content=f"Fact {uid} about a {word(dice)}.",
                match_whole_words=kind != "substrings",
            )
            for uid in range(entries)
        ),
    )


def make_lines(dice: random.Random, words: list[str]) -> tuple[ScanLine, ...]:
    """The chat."""
    lines = []
    for number in range(MESSAGES):
        text = ""
        while len(text) < CHARACTERS // MESSAGES:
            text += dice.choice(words) + dice.choice([" ", " ", ", ", ". "])
        lines.append(ScanLine("Mira" if number % 2 else "Tobin", text))
    return tuple(lines)


def cpu(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of processor time for one round, the best of several."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


def per_key(book: Lorebook, text: str) -> int:
    """The usual way: one search for each key."""
    re.purge()
    return sum(
        any(re.search(rf"(?:^|\W){re.escape(key)}(?:$|\W)", text, re.I | re.A) for key in one.keys)
        for one in book.entries
    )


def measure(entries: int, kind: str, with_naive: bool) -> dict[str, float]:
    """Milliseconds by name."""
    dice = random.Random(entries)
    words = [word(dice) for _ in range(2_000)]
    book = make_book(dice, entries, kind, words)
    lines = make_lines(dice, words)
    settings = ScanSettings(depth=MESSAGES, budget_percent=100)
    sources = Sources(shared=(ActiveBook("bench", book),))
    count = Estimate().count
    figures: dict[str, float] = {}
    start = time.process_time()
    index = compile_book(book, False, True).index
    figures["build"] = (time.process_time() - start) * 1000
    with SafeMatcher() as matcher:

        def run(seen: tuple[ScanLine, ...]) -> object:
            given = ScanInput(sources, seen, prompt_budget=8_000, settings=settings)
            return scan(given, count, matcher, random.Random(1))

        def cold() -> object:
            index.find.cache_clear()
            return run(lines)

        def next_turn() -> object:
            fresh = ScanLine("Tobin", f"{dice.random()} {dice.choice(words)} " * 20)
            return run((*lines[1:], fresh))

        figures["cold"] = cpu(cold, 5)
        figures["next turn"] = cpu(next_turn, 5)
    if with_naive:
        text = "\n".join(line.text for line in lines)
        figures["re per key"] = cpu(lambda: per_key(book, text), 1)
    return figures


def main() -> int:
    """Prints the table; the status is 1 where a goal is missed."""
    goals = {1_000: 5.0, 10_000: 10.0}
    missed = False
    print(f"{'keys':11} {'entries':>7} {'build':>8} {'cold':>8} {'next turn':>10} {'ratio':>8}")
    for kind in ("words", "phrases", "cyrillic", "substrings"):
        for entries in SIZES:
            figures = measure(entries, kind, with_naive=kind == "words" and entries <= 1_000)
            naive = figures.get("re per key")
            ratio = f"{naive / figures['cold']:7.0f}x" if naive else ""
            print(
                f"{kind:11} {entries:7} {figures['build']:8.2f} {figures['cold']:8.2f} "
                f"{figures['next turn']:10.2f} {ratio:>8}"
            )
            missed |= figures["cold"] > goals.get(entries, float("inf"))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
