"""What of a model's stream is shown: stops cut, names stripped, thoughts kept apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import regex

from core.backends.end_marks import HEADER, LONGEST, end_mark
from core.backends.thoughts import ANY, FAMILIES, ThoughtFamily, ThoughtReader
from core.characters.names import has_ink
from core.reply.adverts import without_adverts
from core.reply.echo import behind
from core.reply.speaker_line import others_line, without_label
from core.untrusted.surrogates import SurrogateJoiner

ANSWER_LIMIT = 65_536
"""Characters of one answer that are kept: a server must not flood us."""


@dataclass(frozen=True, slots=True)
class OutputRules:
    """How one reply's raw text becomes visible text.

    `stop`: strings that end the reply; one that begins with a newline also counts at the very
    start. `others`: a line that one of these names speaks ends it. `names`: speaker names that
    are dropped from the beginning. `keeps`: text that stands before the reply (continue); then
    nothing is stripped in front.
    """

    stop: Sequence[str] = ()
    others: Sequence[str] = ()
    names: Sequence[str] = ()
    keeps: str = ""
    begins_anew: str = ""
    """Words of `keeps` behind which the model could not simply go on; it may repeat them."""
    joins: str = ""
    """Line breaks that stand between `keeps` and the words of a continuation."""
    single_line: bool = False
    trim_sentences: bool = False
    families: Sequence[ThoughtFamily] = FAMILIES
    """Whose marks of thoughts are known."""
    opened: ThoughtFamily | None = None
    """The family whose thought the prompt itself opened."""
    presumed: bool = False
    """The model's thoughts are known to come without an opening: words wait for the end."""
    adverts: Sequence[str] = ()
    """Patterns of paragraphs that the service writes for itself."""
    keeps_adverts: bool = False
    """They stay, but without links that work."""


@dataclass(slots=True)
class OutputFilter:
    """Takes the pieces of a stream and says at any moment what may be shown."""

    rules: OutputRules
    stopped_by: str | None = None
    cut_speaker: bool = False
    """Whether what ended the reply was another speaker's line."""
    full: bool = False
    _body: str = ""
    _field: str = ""
    _searched: int = 0
    _ended: bool = False
    _reader: ThoughtReader = field(init=False, repr=False)
    _joiner: SurrogateJoiner = field(default_factory=SurrogateJoiner, repr=False)

    def __post_init__(self) -> None:
        self._reader = ThoughtReader(self.rules.families, self.rules.opened)

    def begin(self, rules: OutputRules) -> None:
        """Other rules for a stream of which nothing has come yet; thoughts so far are dropped."""
        self.rules, self._field = rules, ""
        self._reader = ThoughtReader(rules.families, rules.opened)

    def feed(self, text: str, reasoning: str = "") -> None:
        """Adds a piece of the answer; ignored once a stop was met."""
        if reasoning:
            self._field += reasoning
            self._reader.thinks_elsewhere()
        if not self.over and text:
            for _ in self._reader.feed(self._joiner.feed(text).replace("\r", "").replace("\0", "")):
                if self._grown():
                    break

    def finish(self) -> None:
        """The stream is over: nothing is held back any more."""
        self._ended = True
        if self.over:
            return
        for _ in self._reader.feed(self._joiner.close()):
            if self._grown():
                return
        for _ in self._reader.finish():
            if self._grown():
                return
        if not self._body.strip() and self._field:
            self._read_field()

    @property
    def over(self) -> bool:
        """Whether the rest of the stream is of no interest."""
        return self.stopped_by is not None or self.full

    @property
    def has_words(self) -> bool:
        """Whether there is anything to be seen besides what stood before the reply."""
        return has_ink(self.text.removeprefix(self.rules.keeps))

    @property
    def cut_at_start(self) -> bool:
        """Whether a stop string ended the reply before its first word."""
        return self.stopped_by in self.rules.stop and not self._body.strip()

    @property
    def unopened(self) -> bool:
        """Whether a thought came whose opening mark was lost."""
        return self._reader.unopened

    @property
    def reasoning(self) -> str:
        """What the model thought, once, however often it was sent."""
        told, read = self._field.strip(), self._reader.all_thoughts
        if not told or told in read:
            return read
        return told if not read or read in told else f"{told}\n\n{read}"

    @property
    def text(self) -> str:
        """What may be shown now, what stood before the reply included."""
        return self.finished(self.written)

    @property
    def written(self) -> str:
        """What was written so far, before it is shortened at its end."""
        final = self._ended or self.stopped_by is not None
        body = self._body if final else self._settled()
        if not has_ink(body):
            return self.rules.keeps
        if not self.rules.keeps or self.rules.begins_anew:
            said = body.lstrip()
            told = without_label(said, self.rules.names, final=final) or ""
            body = body if self.rules.keeps and told == said else told
        if self.rules.begins_anew:
            body = behind(self.rules.begins_anew, body, ended=final)
        elif not self.rules.keeps:
            body = body.lstrip()
        if self.rules.joins and not self.rules.keeps.endswith((" ", "\n")) and has_ink(body):
            body = self.rules.joins + body.lstrip()
        return self.rules.keeps + without_adverts(
            body, self.rules.adverts, keep=self.rules.keeps_adverts, final=final
        )

    def finished(self, text: str) -> str:
        """What was written, perhaps changed since, as the rules for its end leave it."""
        starts = (self.rules.keeps + self.rules.joins, self.rules.keeps)
        keeps = next((start for start in starts if text.startswith(start)), "")
        body = text[len(keeps) :]
        if self.rules.single_line:
            body = body.split("\n", 1)[0]
        if self._ended or self.stopped_by is not None:
            body = body.rstrip()
            if self.rules.trim_sentences:
                body = trim_unfinished(body)
        return keeps + body

    def _read_field(self) -> None:
        """Some servers put the whole answer into the field of its thoughts, marks and all."""
        reader = ThoughtReader(self.rules.families, ANY)
        for _ in (*reader.feed(self._field), *reader.finish()):
            self._body = reader.said
        if self._body.strip():
            self._field, self._searched = reader.thoughts, 0
            self._cut()

    def _grown(self) -> bool:
        """Takes over what the reader knows now; whether the reply is over by that."""
        said = self._reader.said
        header = HEADER.match(said, partial=not self._ended)
        if header is not None and header.end():
            said = "" if header.partial else said[header.end() :]
        self._searched = min(self._searched, len(said))
        self._body = said
        if self._reader.known or self._ended or not self.rules.presumed:
            self._cut()
        if self.stopped_by is None and self._reader.over:
            self.stopped_by, self.cut_speaker = "turn", True
        if len(self._body) > ANSWER_LIMIT:
            self._body, self.full = self._body[:ANSWER_LIMIT], True
        return self.over

    # Where it ends

    def _cut(self) -> None:
        """Ends the reply at the first of everything that ends it."""
        body, start = self._body, self._searched
        found: list[tuple[int, str, bool]] = [
            (place, stop, self._is_others(stop))
            for stop in self.rules.stop
            if stop and (place := self._place_of(stop, start)) >= 0
        ]
        mark = end_mark(body, max(0, start - LONGEST), final=self._ended)
        if mark is not None and mark[1]:
            found.append((*mark, False))
        line = self._line(start)
        if line is not None and not line.partial:
            found.append((line.start(), line[0], True))
        if found:
            place, self.stopped_by, self.cut_speaker = min(found)
            self._body = body[:place]
        self._searched = len(self._body)

    def _place_of(self, stop: str, start: int) -> int:
        if self._starts_with(stop):
            return 0
        return self._body.find(stop, max(0, start - len(stop)))

    def _line(self, start: int) -> "regex.Match[str] | None":
        """The first line that another speaks, from the one on in which `start` stands."""
        body, names = self._body, tuple(self.rules.others)
        place = body.rfind("\n", 0, start)
        first, other = others_line(names, True), others_line(names, False)
        if first is None or other is None:
            return None
        found = None
        if place < 0 and not self.rules.keeps:
            found = first.match(body, partial=not self._ended)
        place = max(0, place)
        while found is None and (place := body.find("\n", place)) >= 0:
            found = other.match(body, place, partial=not self._ended)
            place += 1
        return found

    def _is_others(self, stop: str) -> bool:
        pattern = others_line(tuple(self.rules.others), True)
        return pattern is not None and pattern.fullmatch(stop.strip()) is not None

    def _settled(self) -> str:
        """The words that nothing that may still come takes away."""
        body = self._body
        waits = self.rules.presumed and not self._reader.known
        if waits or any(self._may_start_with(stop) for stop in self.rules.stop):
            return ""
        keep = len(body) - held_back(body, self.rules.stop)
        mark = end_mark(body, max(0, len(body) - LONGEST), final=False)
        line = self._line(len(body))
        places = [mark[0] if mark else keep, line.start() if line else keep]
        return body[: min(keep, *places)]

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


def held_back(text: str, ends: Iterable[str]) -> int:
    """How many characters at the end of `text` could be the beginning of one of `ends`."""
    most = 0
    for end in ends:
        for size in range(min(len(end) - 1, len(text)), most, -1):
            if text.endswith(end[:size]):
                most = size
                break
    return most


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
