"""Random story strings, from the grammar that is allowed and from what people get wrong."""

import random

from core.prompt.handlebars.template import VARIABLES

NAMES = [*sorted(VARIABLES), "nosuch", "random::a::b", "lastMessageId", "this"]
BLANKS = ["", "", "", " ", "  ", "\n", "\n\n", " \n", "\n  ", "\t", "\r\n"]
WORDS = ["Story:", "[", "]", "<b>", "&", "end", "---", "it's", '"q"', "日本", "{", "}", "\\"]


class Grammar:
    """Makes templates; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def template(self) -> str:
        """A whole template."""
        return self._body(self.random.randint(1, 4))

    def values(self) -> dict[str, str]:
        """Values for all variables, some of them empty."""
        texts = ["", "", "text", "two\nlines", "{{user}}", "<i>&amp;</i>", " blank "]
        return {name: self.random.choice(texts) for name in sorted(VARIABLES)}

    def _pick(self, choices: list[str]) -> str:
        return self.random.choice(choices)

    def _strip(self) -> str:
        return "~" if self.random.random() < 0.1 else ""

    def _body(self, depth: int) -> str:
        count = self.random.randint(0, 4)
        return "".join(self._statement(depth) for _ in range(count))

    def _statement(self, depth: int) -> str:
        roll = self.random.random()
        blanks = self._pick(BLANKS), self._pick(BLANKS)
        if roll < 0.3 or depth == 0:
            return blanks[0] + self._pick(WORDS) + blanks[1]
        if roll < 0.6:
            return blanks[0] + self._name() + blanks[1]
        if roll < 0.66:
            return blanks[0] + self._comment() + blanks[1]
        return blanks[0] + self._block(depth) + blanks[1]

    def _name(self) -> str:
        name = self._pick([*NAMES, "trim"])
        left, right = self._strip(), self._strip()
        form = self._pick(["{%s}", "&%s", "%s", "%s", "%s", " %s "])
        escaped = "\\" if self.random.random() < 0.03 else ""
        return escaped + "{{" + left + form.replace("%s", name) + right + "}}"

    def _comment(self) -> str:
        inside = self._pick(["! note ", "!-- {{user}} --", "!", "!-- x\ny --"])
        return "{{" + self._strip() + inside + self._strip() + "}}"

    def _tag(self, inside: str) -> str:
        return "{{" + self._strip() + inside + self._strip() + "}}"

    def _block(self, depth: int) -> str:
        kind = self._pick(["if", "if", "if", "unless", "with", "each", "section", "inverted"])
        name = self._pick([one for one in NAMES if one != "this"])
        if kind in ("section", "inverted"):
            open_tag = self._tag(("#" if kind == "section" else "^") + name)
            close_tag = self._tag("/" + name)
        else:
            if self.random.random() < 0.1 and kind != "each":
                name = "this"
            sign = "^" if self.random.random() < 0.1 else "#"
            open_tag, close_tag = self._tag(f"{sign}{kind} {name}"), self._tag(f"/{kind}")
            kind = "inverted" if sign == "^" else kind
        return (
            open_tag
            + self._line()
            + self._body(depth - 1)
            + self._alternative(depth, kind == "inverted")
            + self._line()
            + close_tag
        )

    def _line(self) -> str:
        return self._pick(["", "\n", "\n", " "])

    def _alternative(self, depth: int, inverted: bool) -> str:
        chain = ""
        while not inverted and self.random.random() < 0.2:
            word = self._pick(["if ", "if ", "unless ", "with ", ""])
            name = self._pick([one for one in NAMES if one != "this"])
            chain += self._tag(f"else {word}{name}") + self._line() + self._body(depth - 1)
        if self.random.random() < 0.4:
            chain += self._tag(self._pick(["else", "^", " else "])) + self._line()
            chain += self._body(depth - 1)
        return chain
