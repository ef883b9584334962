"""How models mark their thoughts in plain text, family by family, and how they are told apart."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex


@dataclass(frozen=True, slots=True)
class ThoughtFamily:
    """The marks of one family of models, as patterns that are searched in any letter case.

    `frames` may stand around the answer and is taken away. `words`: the opening is plain words,
    which mean something only at the very beginning of a reply. `alone`: a closing mark means
    something without an opening.
    """

    opens: str
    closes: str
    frames: str = ""
    words: bool = False
    alone: bool = True


_NAMES = r"(?:\w{1,12}[:_])?(?:think|thinking|thoughts?|reasoning)"
_ANSWERS = r"(?:answer|response|output)"
_HEAD = r"<\|(?:start|channel|message)\|>"
HARMONY = ThoughtFamily(
    r"<\|channel\|>\s*(?:analysis|commentary)[^<]{0,80}<\|message\|>", r"<\|(?:end|return|call)\|>"
)
"""Messages with a channel in their head: `<|start|>assistant<|channel|>analysis<|message|>…`."""
FAMILIES = (
    # DeepSeek, Qwen, GLM, MiniMax, Hunyuan, Ernie, Exaone, Seed and most others.
    ThoughtFamily(rf"<{_NAMES}(?:\s[^<>]{{0,64}})?>", rf"</{_NAMES}\s?>", rf"</?{_ANSWERS}>"),
    ThoughtFamily(r"<\|think(?:ing)?\|>", r"<\|/think(?:ing)?\|>|</\|think(?:ing)?\|>"),
    ThoughtFamily(r"<reflection>", r"</reflection>", rf"</?{_ANSWERS}>"),
    # Magistral.
    ThoughtFamily(r"\[THINK\]", r"\[/THINK\]"),
    # Kimi.
    ThoughtFamily(r"◁think▷", r"◁/think▷"),
    # OpenThinker, Sky-T1, Marco.
    ThoughtFamily(r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>|<\|begin_of_solution\|>",
                  r"<\|end_of_solution\|>"),
    # MiniCPM.
    ThoughtFamily(r"<\|thought_start\|>", r"<\|thought_end\|>"),
    # Command A.
    ThoughtFamily(r"<\|START_THINKING\|>", r"<\|END_THINKING\|>|<\|START_(?:RESPONSE|TEXT)\|>",
                  r"<\|END_(?:RESPONSE|TEXT)\|>"),
    # Gemma 4.
    ThoughtFamily(r"<\|channel>\s*(?:thought|thinking|analysis)\b", r"<channel\|>",
                  r"<\|channel>\s*(?:final|answer|response)\b"),
    # MedGemma.
    ThoughtFamily(r"<unused94>(?:thought\b)?", r"<unused95>"),
    # Apertus.
    ThoughtFamily(r"<\|inner_prefix\|>", r"<\|inner_suffix\|>"),
    # Granite.
    ThoughtFamily(r"here is my thought process:", r"here is my response:", words=True,
                  alone=False),
    # Apriel.
    ThoughtFamily(r"here are my reasoning steps:", r"\[BEGIN FINAL RESPONSE\]",
                  r"\[END FINAL RESPONSE\]", words=True),
    # gpt-oss behind a server that leaves out the special tokens and keeps the words.
    ThoughtFamily(r"(?-i:analysis(?=[^\W\d_a-z]))", r"(?-i:assistant\s?final)", words=True,
                  alone=False),
    HARMONY,
)  # fmt: skip
"""Every family that is known."""
ANY = ThoughtFamily(r"(?!)", "|".join(family.closes for family in FAMILIES if family.alone))
"""A thought that ends with whichever mark comes."""
_QUOTES = {"`": "`", '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“", "「": "」"}
_SPEECH = (("“", "”"), ("«", "»"), ("「", "」"))
_GOES_ON = regex.compile(r" \p{Ll}|[,;:?!)]|\.\s")
"""How a sentence goes on behind a word."""
_MOST_HEAD = 200
"""Characters of a head that never ends; then it was none."""
_TOKEN = regex.compile(r"<\|(?P<token>start|channel|message|end|return|call)\|>", regex.IGNORECASE)
_PEOPLE = ("user", "system", "developer")


def family_of(opening: str, closing: str) -> ThoughtFamily:
    """The family that somebody's own marks belong to, a known one where they are its own."""
    for family in FAMILIES:
        if regex.search(family.opens, opening, regex.IGNORECASE):
            return family
    return ThoughtFamily(regex.escape(opening), regex.escape(closing))


def opened_by(text: str, families: Sequence[ThoughtFamily]) -> ThoughtFamily | None:
    """The family whose opening mark ends a prompt; behind it the model thinks."""
    return next((one for one in families if _opening_at_end(one, text) is not None), None)


def without_opening(text: str, families: Sequence[ThoughtFamily]) -> str:
    """The text without an opening mark at its end."""
    family = opened_by(text, families)
    place = _opening_at_end(family, text) if family else None
    return text if place is None else text[:place]


def _opening_at_end(family: ThoughtFamily, text: str) -> int | None:
    if family.words:
        return None
    tail = text[-_MOST_HEAD:]
    found = regex.search(rf"(?:{family.opens})\s*\Z", tail, regex.IGNORECASE)
    return len(text) - len(tail) + found.start() if found else None


def is_quoted(before: str, after: str) -> bool:
    """Whether a mark that stands between the two is only spoken of."""
    if before and after and _QUOTES.get(before[-1]) == after[0]:
        return True
    line = before[before.rfind("\n") + 1 :]
    return before.count("```") % 2 == 1 or line.replace("```", "").count("`") % 2 == 1


def may_be_quoted(before: str) -> bool:
    """Whether only what follows a mark tells if it is spoken of."""
    return before[-1:] in _QUOTES


def is_in_speech(before: str) -> bool:
    """Whether what follows on the same line stands within quotation marks."""
    line = before[before.rfind("\n") + 1 :]
    return line.count('"') % 2 == 1 or any(line.count(a) > line.count(b) for a, b in _SPEECH)


@functools.lru_cache(maxsize=64)
def _outside(families: tuple[ThoughtFamily, ...], at_start: bool) -> "regex.Pattern[str]":
    """What has a meaning while the model speaks."""
    rows = []
    for number, family in enumerate(families):
        if family is HARMONY:
            continue
        if at_start or not family.words:
            start = r"\A\s*" if family.words else ""
            rows.append(rf"(?P<o{number}>{start}(?:{family.opens}))")
        if family.alone:
            rows.append(rf"(?P<c{number}>{family.closes})")
        if family.frames:
            rows.append(rf"(?P<f{number}>{family.frames})")
    if HARMONY in families:
        rows.append(rf"(?P<head>{_HEAD})")
        rows.append(rf"(?P<next>{HARMONY.closes}(?=\s*<\|start\|>))")
    return regex.compile("|".join(rows) or r"(?!)", regex.IGNORECASE)


@functools.lru_cache(maxsize=64)
def _inside(family: ThoughtFamily) -> "regex.Pattern[str]":
    """What has a meaning while the model thinks."""
    if family is HARMONY:
        return _TOKEN
    return regex.compile(rf"(?P<close>{family.closes})|(?P<open>{family.opens})", regex.IGNORECASE)


class ThoughtReader:
    """Tells the words of a reply from the thoughts in it, in whatever pieces it comes.

    A closing mark without an opening shows that all before it, back to the last thought, was
    one, unless it is a word of a sentence itself: in somebody's speech, or where marks are spoken
    of. A thought that never closes is one all the same, unless its mark stood in the middle of a
    sentence as a word. `opened`: the prompt itself opened the thought.
    """

    def __init__(
        self, families: Sequence[ThoughtFamily] = FAMILIES, opened: ThoughtFamily | None = None
    ) -> None:
        self.said = ""
        self.thoughts = ""
        self.known = False
        """Whether the reply is known to hold a thought, or to have had one."""
        self.unopened = False
        """Whether a thought came whose opening mark was lost."""
        self.over = False
        """Whether the model went on with somebody else's turn."""
        self._families = tuple(families)
        self._in = opened
        self._by_prompt = opened is not None
        self._head: str | None = None
        self._pending = ""
        self._since = 0
        """Where in `said` the words after the last thought begin."""
        self._gap: str | None = None
        """White space after a thought, until the words that follow it."""
        self._spoken_of = False
        """Whether the words after the last thought speak of an opening mark."""
        self._framed = False
        self._opening = ""
        self._thought = ""
        self._lone = ""
        """Words before a closing mark alone, which nothing has followed yet."""
        self._final = False

    @property
    def inside(self) -> bool:
        """Whether the model thinks at this moment."""
        return self._in is not None or self._head is not None

    @property
    def all_thoughts(self) -> str:
        """Every thought so far, one that is still open included."""
        return "\n\n".join(filter(None, (self.thoughts, self._thought.strip())))

    def thinks_elsewhere(self) -> None:
        """Thoughts came in a field of their own; the text is words until it says otherwise."""
        self.known = True
        if self._by_prompt and not self._thought.strip():
            self._in, self._by_prompt = None, False

    def feed(self, text: str) -> Iterator[None]:
        """Takes a piece; stops after each step that may have changed `said`."""
        self._pending += text
        yield from self._steps(final=False)

    def finish(self) -> Iterator[None]:
        """The stream is over: nothing is held back any more."""
        yield from self._steps(final=True)
        if self._lone and not self.said[self._since :].strip():
            self.said = self.said[: self._since] + self._lone
            self.thoughts = self.thoughts.removesuffix(self._lone.strip()).rstrip()
        elif self._head is not None:
            self._close_head("message" if "final" in self._head else "end")
        elif self._in is not None and self._is_word():
            self._in, opening = None, self._opening
            self.said += opening + self._thought
        self._end_thought()
        yield

    def _steps(self, *, final: bool) -> Iterator[None]:
        while self._pending and not self.over:
            pattern = self._pattern()
            found = pattern.search(self._pending, partial=not final)
            if found is None or found.partial:
                end = found.start() if found else len(self._pending)
                self._take(self._pending[:end])
                self._pending = self._pending[end:]
                yield
                break
            before, after = self._context(found.start()), self._pending[found.end() :]
            speaks = self._head is None and self._in is None
            is_word = self._head is None and self._is_spoken_of(before, found)
            self._take(self._pending[: found.start()])
            self._pending = self._pending[found.start() :]
            yield
            if may_be_quoted(before) and not after and not final:
                break
            group = found.lastgroup or ""
            if speaks and not is_word and group.startswith("c") and self._may_be_word():
                if len(after) < 2 and "\n" not in after and not final:
                    break
                is_word = self._is_word_of_sentence(after)
            self._pending = after
            if is_word:
                self._take(found[0])
                self._spoken_of |= speaks and group.startswith("o")
            else:
                self._turn(found)
            yield

    def _pattern(self) -> "regex.Pattern[str]":
        if self._head is not None:
            return _TOKEN
        if self._in is not None:
            return _inside(self._in)
        return _outside(self._families, not self.said.strip())

    def _context(self, end: int) -> str:
        return (self._thought if self._in else self.said) + self._pending[:end]

    def _is_spoken_of(self, before: str, found: "regex.Match[str]") -> bool:
        after = self._pending[found.end() : found.end() + 1]
        if self._in is None:
            return is_quoted(before, after)
        return bool(after) and _QUOTES.get(before[-1:]) == after

    def _may_be_word(self) -> bool:
        """Whether a closing mark at this place may be a word like any other."""
        return self._gap is None and (self._spoken_of or is_in_speech(self.said))

    def _is_word_of_sentence(self, after: str) -> bool:
        if self._spoken_of and is_in_speech(self.said):
            return after[:1] not in ("", "\n")
        last = self.said.rstrip(" ")[-1:]
        return (last.isalnum() or last in tuple(",;:")) and bool(_GOES_ON.match(after))

    def _take(self, text: str) -> None:
        if not text:
            return
        if self._head is not None:
            self._head += text
            if len(self._head) > _MOST_HEAD:
                self._close_head("message")
        elif self._in is not None:
            self._thought += text
        else:
            self._say(text)

    def _say(self, text: str) -> None:
        if self._gap is not None:
            rest = text.lstrip()
            self._gap += text[: len(text) - len(rest)]
            if not rest:
                return
            text, self._gap = _joint(self.said, self._gap) + rest, None
            self.said = self.said.rstrip() if self.said.strip() else self.said
        self.said += text
        if text.strip():
            self._lone = ""

    def _turn(self, found: "regex.Match[str]") -> None:
        """What a mark changes."""
        group = found.lastgroup or ""
        if self._head is not None or (self._in is HARMONY and group == "token"):
            self._close_head(str(found["token"]).lower())
        elif self._in is not None:
            if group == "close":
                self._end_thought()
            else:
                self._thought += found[0]
        elif group == "head":
            self._open_head(found[0].lower())
        elif group.startswith("o"):
            self._begin_thought(self._families[int(group[1:])], found[0])
        elif group.startswith("c"):
            self._close_alone()
        elif group.startswith("f"):
            self._frame(found[0])

    def _begin_thought(self, family: ThoughtFamily, opening: str = "") -> None:
        self._in, self._opening, self._by_prompt = family, opening, False
        self.known = True

    def _end_thought(self) -> None:
        if self._in is not None:
            self.known, self._in = True, None
            self._keep_thought(self._thought)
        self._thought = self._opening = ""
        self._since, self._by_prompt, self._spoken_of = len(self.said), False, False
        self._gap = self._gap or ""

    def _keep_thought(self, thought: str) -> None:
        if thought.strip():
            self.thoughts += ("\n\n" if self.thoughts else "") + thought.strip()

    def _close_alone(self) -> None:
        """The opening was part of the template, or lost: what stands before it was a thought."""
        tail = self.said[self._since :]
        if tail.strip():
            self._keep_thought(tail)
            self._lone = tail if self.known else ""
            self.unopened = self.unopened or not self.known
            self.said = self.said[: self._since]
        self.known, self._spoken_of = True, False
        self._gap = self._gap or ""

    def _frame(self, mark: str) -> None:
        is_word = mark.startswith(("<", "</")) and "|" not in mark
        if is_word and mark.startswith("</") and not self._framed:
            self._say(mark)
        elif is_word and not mark.startswith("</"):
            if self.known and not self.said[self._since :].strip():
                self._framed = True
            else:
                self._say(mark)

    # Harmony's heads

    def _open_head(self, mark: str) -> None:
        tail = self.said[self._since :]
        head = _Head.of(tail) if mark == "<|message|>" else None
        if head is not None and head.channel:
            self.said = self.said[: self._since]
            self._head = tail
            self._close_head("message")
        else:
            self._head = ""
            if mark == "<|channel|>":
                self._head = "\0"
            elif mark == "<|message|>":
                self._close_head("message")

    def _close_head(self, token: str) -> None:
        """A token while the model thinks, or in a head."""
        if self._head is None:
            self._end_thought()
            self._head = {"start": "", "channel": "\0"}.get(token)
            return
        if token in ("start", "channel"):
            self._head += "\0" if token == "channel" else ""
            return
        text, self._head = self._head, None
        head = _Head.of(text)
        if token != "message":
            return
        if head.role in _PEOPLE:
            self.over = True
        elif head.thinks:
            self._begin_thought(HARMONY)
        else:
            if head.channel == "final" and not self._final:
                self._close_alone()
            self._final |= head.channel == "final"
            if head.rest:
                self._say(head.rest)

    def _is_word(self) -> bool:
        """Whether an opening mark that never closed stood in a sentence like any other word."""
        before = self.said.rstrip(" ")
        in_sentence = bool(before) and (before[-1].isalnum() or before[-1] in ",;-–")
        after = self._thought[:1]
        return in_sentence and bool(after) and after != "\n" and not after.isalnum()


@dataclass(frozen=True, slots=True)
class _Head:
    """What a head of Harmony says of its message."""

    role: str
    channel: str
    rest: str

    @property
    def thinks(self) -> bool:
        return self.channel in ("analysis", "commentary")

    @classmethod
    def of(cls, text: str) -> "_Head":
        found = regex.match(
            r"\s*(?P<role>assistant|user|system|developer)?(?:\s+to=\S+)?\s*\0?\s*"
            r"(?P<channel>analysis|commentary|final)?(?:\s+to=\S+)?(?:\s*<\|constrain\|>\s*\w+)?",
            text,
            regex.IGNORECASE,
        )
        assert found is not None  # everything in it may be missing
        channel = (found["channel"] or "").lower()
        rest = text[found.end() :] if len(text) > _MOST_HEAD else ""
        return cls((found["role"] or "").lower(), channel, rest.replace("\0", ""))


def _joint(said: str, gap: str) -> str:
    """The white space between words that a thought stood between."""
    if not said.strip():
        return gap
    trail = said[len(said.rstrip()) :]
    lines = max(trail.count("\n"), gap.count("\n"))
    return "\n" * min(lines, 2) if lines else " " if trail or gap else ""
