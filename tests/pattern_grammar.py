"""Makes up JavaScript patterns, valid and broken ones, and texts to try them on."""

import random

LETTERS: list[str] = [*"abAB01_ -éÉßſKσςΣıİiIkKsS\n\r\u2028\t\u00a0", "😀", "😁"]
ESCAPES = [
    *(r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\B", r"\n", r"\t", r"\x41"),
    *(r"\u0041", r"\u{41}", r"\u{1F600}", r"\ud83d\ude00", r"\cA", r"\c", r"\0", r"\1"),
    *(r"\2", r"\12", r"\8", r"\-", r"\/", r"\.", r"\a", r"\k", r"\p{L}", r"\p{Lu}"),
    *(r"\p{Script=Greek}", r"\k<n>", r"\\", r"\x4", r"\u00", r"\377"),
]
RANGES = ["a-z", "A-Z", "0-9", "a-b", "-", "α-ω", "!-~", "b-a", r"\w-a", "😀-😁"]
QUANTIFIERS = ["*", "+", "?", "{2}", "{1,}", "{0,2}", "{,3}", "{2,1}", "*?", "+?", "??", "*+", "{"]
OPENINGS = ["(", "(", "(?:", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>", "(?<m>"]


class PatternGrammar:
    """The same seed makes up the same patterns."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def flags(self) -> str:
        """Some flags."""
        return "".join(flag for flag in "gimsu" if self._dice.random() < 0.3) + (
            "y" if self._dice.random() < 0.08 else ""
        )

    def subject(self) -> str:
        """A short text."""
        letters = LETTERS + ["a", "b", "a", "b", "A"] * 4
        return "".join(self._dice.choice(letters) for _ in range(self._dice.randint(0, 8)))

    def pattern(self, depth: int = 0) -> str:
        """A pattern; about a third of them JavaScript refuses."""
        options = self._dice.choice([1, 1, 1, 2])
        return "|".join(self._sequence(depth) for _ in range(options))

    def _sequence(self, depth: int) -> str:
        count = self._dice.randint(0, 3)
        return "".join(self._atom(depth) + self._quantifier() for _ in range(count))

    def _quantifier(self) -> str:
        return self._dice.choice(QUANTIFIERS) if self._dice.random() < 0.35 else ""

    def _atom(self, depth: int) -> str:
        roll = self._dice.random()
        if roll < 0.4 or (depth > 2 and roll >= 0.68):
            return self._dice.choice(LETTERS)
        if roll < 0.5:
            return self._dice.choice(ESCAPES)
        if roll < 0.6:
            return self._class()
        if roll < 0.65:
            return self._dice.choice([".", "^", "$"])
        if roll < 0.68:
            return self._dice.choice(["]", "}", "{", ")", "(", "|", "/"])
        return f"{self._dice.choice(OPENINGS)}{self.pattern(depth + 1)})"

    def _class(self) -> str:
        members = [
            self._dice.choice([*LETTERS, *LETTERS, *RANGES, *ESCAPES])
            for _ in range(self._dice.randint(0, 4))
        ]
        return f"[{self._dice.choice(['', '', '^'])}{''.join(members)}]"
