"""What of a model's stream is shown: stops cut, names stripped, reasoning kept apart."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.untrusted.surrogates import SurrogateJoiner

_LINK = re.compile(r"\[([^\]\n]{1,200})\]\([^)\s]{1,2000}\)")
_ADDRESS = re.compile(r"http(s?)://", re.IGNORECASE)

OPEN_TAGS = ("<think>", "<thinking>", "<reasoning>")
CLOSE_TAGS = ("</think>", "</thinking>", "</reasoning>")
ANSWER_LIMIT = 65_536
"""Characters of one answer that are kept: a server must not flood us."""


@dataclass(frozen=True, slots=True)
class OutputRules:
    """How one reply's raw text becomes visible text.

    `stop`: strings that end the reply; one that begins with a newline also counts at the very
    start. `names`: speaker names whose `Name:` is dropped from the beginning.
    `keeps`: text that stands before the reply (continue); then nothing is stripped in front.
    """

    stop: Sequence[str] = ()
    names: Sequence[str] = ()
    keeps: str = ""
    single_line: bool = False
    trim_sentences: bool = False
    open_tags: Sequence[str] = OPEN_TAGS
    close_tags: Sequence[str] = CLOSE_TAGS
    adverts: Sequence[str] = ()
    """Beginnings of advertising that stays, but without links that work."""
    opened: bool = False
    """Whether the prompt itself already opened a reasoning block."""


@dataclass(slots=True)
class OutputFilter:
    """Takes the pieces of a stream and says at any moment what may be shown."""

    rules: OutputRules
    stopped_by: str | None = None
    full: bool = False
    _body: str = ""
    _reasoning: str = ""
    _pending: str = ""
    _inside: bool = False
    _closed: bool = False
    _searched: int = 0
    _ended: bool = False
    _joiner: SurrogateJoiner = field(default_factory=SurrogateJoiner, repr=False)

    def __post_init__(self) -> None:
        self._inside = self.rules.opened

    def begin(self, rules: OutputRules) -> None:
        """Other rules for a stream of which nothing has come yet; thoughts so far are dropped."""
        self.rules, self._inside, self._reasoning = rules, rules.opened, ""

    def feed(self, text: str, reasoning: str = "") -> None:
        """Adds a piece of the answer; ignored once a stop was met."""
        self._reasoning += reasoning
        self._closed = self._closed or bool(reasoning)
        if self.stopped_by is not None or self.full:
            return
        self._pending += self._joiner.feed(text).replace("\r", "").replace("\0", "")
        self._split_reasoning()
        self._cut_at_stop()
        if len(self._body) > ANSWER_LIMIT:
            self._body, self.full = self._body[:ANSWER_LIMIT], True

    def finish(self) -> None:
        """The stream is over: nothing is held back any more."""
        self._ended = True
        self._pending += self._joiner.close()
        if self.stopped_by is None:
            self._take(self._pending)
            self._pending = ""
            self._cut_at_stop()

    @property
    def over(self) -> bool:
        """Whether the rest of the stream is of no interest."""
        return self.stopped_by is not None or self.full

    @property
    def reasoning(self) -> str:
        return self._reasoning.strip()

    @property
    def text(self) -> str:
        """What may be shown now, what stood before the reply included."""
        body = self._body
        if not self._ended and self.stopped_by is None:
            body = body[: len(body) - held_back(body, self.rules.stop)]
            if any(self._may_start_with(stop) for stop in self.rules.stop):
                body = ""
        if not self.rules.keeps:
            body = self._without_name(body)
            body = body.lstrip()
        body = without_links(body, self.rules.adverts)
        if self.rules.single_line:
            body = body.split("\n", 1)[0]
        if self._ended or self.stopped_by is not None:
            body = body.rstrip()
            if self.rules.trim_sentences:
                body = trim_unfinished(body)
        return self.rules.keeps + body

    def _split_reasoning(self) -> None:
        """Moves pending text to the body or to the reasoning, tag by tag."""
        while self._pending:
            tags = self.rules.close_tags if self._inside else self._tags_outside()
            place, tag = first_of(self._pending, tags)
            if tag is None:
                keep = held_back(self._pending, tags)
                self._take(self._pending[: len(self._pending) - keep])
                self._pending = self._pending[len(self._pending) - keep :]
                return
            before, self._pending = self._pending[:place], self._pending[place + len(tag) :]
            if tag in self.rules.open_tags and not self._inside and before.strip():
                self._take(before + tag)
                continue
            self._take(before)
            self._cut_at_stop()
            if self.over:
                return
            self._turn(tag)

    def _tags_outside(self) -> Sequence[str]:
        """One block, at the very start; a lone closing tag shows that its opening was lost."""
        if self._closed:
            return ()
        if self._body.strip():
            return self.rules.close_tags
        return [*self.rules.open_tags, *self.rules.close_tags]

    def _turn(self, tag: str) -> None:
        if tag in self.rules.close_tags:
            if not self._inside:
                # The opening tag was part of the template: all so far was thinking.
                self._reasoning += self._body
                self._body, self._searched = "", 0
            self._inside, self._closed = False, True
        else:
            self._inside = True

    def _take(self, text: str) -> None:
        if self._inside:
            self._reasoning += text
        else:
            self._body += text

    def _cut_at_stop(self) -> None:
        longest = max((len(stop) for stop in self.rules.stop), default=0)
        start = max(0, self._searched - longest)
        best: tuple[int, str] | None = None
        for stop in self.rules.stop:
            if not stop:
                continue
            place = 0 if self._starts_with(stop) else self._body.find(stop, start)
            if place >= 0 and (best is None or place < best[0]):
                best = (place, stop)
        if best is not None:
            self._body, self.stopped_by = self._body[: best[0]], best[1]
        self._searched = len(self._body)

    def _starts_with(self, stop: str) -> bool:
        """`\\nAnn:` also ends a reply that begins with `Ann:`."""
        line = self._line_of(stop)
        return bool(line) and self._body.lstrip().startswith(line)

    def _may_start_with(self, stop: str) -> bool:
        line, body = self._line_of(stop), self._body.strip()
        return bool(line and body) and line.startswith(body)

    def _line_of(self, stop: str) -> str:
        """What of a stop string ends the reply when it stands at the very start."""
        line = stop.lstrip("\n")
        return "" if line == stop or self.rules.keeps else line.rstrip()

    def _without_name(self, body: str) -> str:
        shown = body.lstrip()
        for name in self.rules.names:
            label = f"{name}:"
            if shown.startswith(label):
                return shown[len(label) :]
            if not self._ended and self.stopped_by is None and label.startswith(shown):
                return ""
        return body


def first_of(text: str, tags: Iterable[str]) -> tuple[int, str | None]:
    found = [(text.find(tag), tag) for tag in tags if tag in text]
    return min(found) if found else (-1, None)


def held_back(text: str, ends: Iterable[str]) -> int:
    """How many characters at the end of `text` could be the beginning of one of `ends`."""
    most = 0
    for end in ends:
        for size in range(min(len(end) - 1, len(text)), most, -1):
            if text.endswith(end[:size]):
                most = size
                break
    return most


def without_links(text: str, marks: Iterable[str]) -> str:
    """`text` whose links after the first of `marks` cannot be followed."""
    place, mark = first_of(text, marks)
    if mark is None:
        return text
    advert = _LINK.sub(r"\1", text[place:])
    return text[:place] + _ADDRESS.sub(r"hxxp\1://", advert)


def trim_unfinished(text: str) -> str:
    """`text` without its last unfinished sentence; unchanged where no sentence ends."""
    closers = "\"')*_`}]”’»」』）"
    enders = ".!?…。！？~"
    for place in range(len(text) - 1, -1, -1):
        if text[place] in enders or (text[place] in closers and place > 0):
            if text[place] in closers and text[place - 1] in " \n":
                continue
            return text[: place + 1]
    return text
