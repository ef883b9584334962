"""Writes `tests/golden/patterns.json`: what JavaScript makes of patterns of ours.

`python -m tests.patterns_golden`, with node on the path.
"""

import json
import subprocess
from pathlib import Path

from tests.pattern_grammar import PatternGrammar

ORACLE = Path(__file__).with_name("patterns_oracle.js")
GOLDEN = Path(__file__).parent / "golden" / "patterns.json"

Case = tuple[str, str, str]

CHOSEN: list[Case] = [
    ("caf\\b", "", "café"),
    ("^b", "", "a\nb"),
    ("^b", "m", "a\nb"),
    ("a.b", "", "a\nb"),
    ("a.b", "s", "a\nb"),
    ("a.b", "", "a\u2028b"),
    ("^.$", "", "😀"),
    ("^.$", "u", "😀"),
    ("[^\\w]", "iu", "ſ"),
    ("k", "i", "K"),
    ("k", "iu", "K"),
    ("ß", "i", "ẞ"),
    ("(?<year>\\d{4})-\\k<year>", "", "2024-2024"),
    ("(?<=\\$)\\d+", "", "cost $42"),
    ("(?<!\\$)\\b\\d+", "", "$42"),
    ("\\u{61}", "u", "a"),
    ("\\u{3}", "", "uuu"),
    ("[]", "", "a"),
    ("[^]", "", "\n"),
    ("a{,2}", "", "a{,2}"),
    ("(a)|b\\1c", "", "bc"),
    ("\\cJ", "", "\n"),
    ("x*+", "", "x"),
    ("(?:", "", ""),
    ("a", "gg", "a"),
    ("b", "y", "ab"),
    ("[\\d-x]", "", "-"),
    ("[\\d-x]", "u", "-"),
    ("\\p{Script=Greek}+$", "u", "αβγ"),
    ("\\p{L}", "", "p{L}"),
    ("(?=a)*b", "", "b"),
    ("(?<=a)*b", "", "b"),
]


def ask(cases: list[Case]) -> list[bool | None]:
    """JavaScript's answers: whether the pattern matches, None where it is refused."""
    done = subprocess.run(
        ["node", str(ORACLE)],
        input="".join(json.dumps(case) + "\n" for case in cases),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def made_up(seed: int, number: int) -> list[Case]:
    """Cases of the grammar."""
    grammar = PatternGrammar(seed)
    return [(grammar.pattern(), grammar.flags(), grammar.subject()) for _ in range(number)]


def main() -> None:
    """Asks for all cases and writes the file."""
    cases = [*CHOSEN, *made_up(2026, 700)]
    rows = [[*case, answer] for case, answer in zip(cases, ask(cases), strict=True)]
    lines = ",\n".join(json.dumps(row) for row in rows)
    GOLDEN.write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
