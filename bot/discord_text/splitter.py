"""Cuts a long reply into messages that Discord takes, at places a reader would choose."""

from dataclasses import dataclass

import regex

from core.untrusted.surrogates import utf16_length

FENCE = "```"

_token = regex.compile(
    r"(?P<skip>\\.|https?://[^\s<>]+|<[^<>\s]{1,100}>)"
    r"|(?P<fence>```(?:(?P<language>[\w+\-.#]+)(?=\n))?)"
    r"|(?P<mark>`+|\|\||\*\*|\*|__|_|~~)"
    r"|(?P<newline>\n(?P<gap>[^\S\n]*\n)?)",
    regex.DOTALL,
)
# What makes a whole line, or all that follows it, look different: quotes, headings, small print.
_line_marks = regex.compile(r" *(?P<quote>>>> |> )? *(?P<head>#{1,3} |-# )?")
# Signs that mean something at the beginning of a line only.
_means_a_line = regex.compile(r" *(?:>>> |> |#{1,3} |-# |[-*] )")
# Discord lets these run over a blank line only by accident; there they are taken as plain signs.
_SHORT = frozenset("*_`")


LIMIT = 2000
"""Discord's limit for a message, in UTF-16 units."""

# Room kept for marks that have to be closed at the end of a part; all kinds open at once need 17.
_CLOSERS = 18
# A cut is looked for in the last half of a part: shorter parts read worse than a cut at a comma.
_SHORTEST = 0.5
# Above this an address or a cluster is cut like any other text, or no part could hold it.
_LONGEST_WHOLE = 1500

_BLANK = r"[\s\u200b\u2060\ufeff]"
_blank_run = regex.compile(rf"{_BLANK}*")
_blank_end = regex.compile(rf"{_BLANK}+\Z")
_newlines = regex.compile(r"\n*")
_whole = regex.compile(
    r"<(?:@[!&]?|#|a?:\w+:|t:-?|id:)\w+(?::\w)?>|</[^>\n]{1,100}:\d+>"
    r"|\[[^\[\]\n]{1,300}\]\(<?https?://[^\s<>()]+>?\)|https?://[^\s<>]+|(?P<marks>[*_~|`\\]+)"
)
_cluster = regex.compile(r"\X")

# From the best place to cut to the worst; each matches up to the cut.
_PLACES = tuple(
    regex.compile(pattern)
    for pattern in (
        r"\n[^\S\n]*\n",
        r"\n",
        r"[.!?…][\"'”’»)\]*_~|]*\s+|[。！？…][」』”’）]*",
        r"[,;:，；：、—–-]\s*",
        r"\s+",
    )
)


@dataclass(frozen=True, slots=True)
class OpenMarkup:
    """What holds at a place in a text. `open`: open marks, outermost first; a code block carries
    its language."""

    open: tuple[str, ...] = ()
    quote: str = ""
    """`> ` within a line, `>>> ` to the end of the message."""
    head: str = ""
    """The line is a heading or small print."""
    begins_line: bool = True

    @property
    def fenced(self) -> bool:
        return bool(self.open) and self.open[-1].startswith(FENCE)

    def after(self, text: str) -> "OpenMarkup":
        """What holds behind `text`, which follows on from here."""
        stack, quote, head = list(self.open), self.quote, self.head
        if text and self.begins_line and not self.fenced:
            quote, head = _line(text, 0, quote)
        for match in _token.finditer(text):
            fenced = bool(stack) and stack[-1].startswith(FENCE)
            if match["fence"] is not None:
                _fence(stack, match["language"] or "")
            elif match["skip"] is not None or fenced:
                continue
            elif match["newline"] is None:
                _mark(stack, match["mark"], text, match.start())
            else:
                quote, head = _line(text, match.end(), quote)
                if match["gap"] is not None:
                    stack = [mark for mark in stack if mark not in _SHORT and set(mark) != {"`"}]
        _before, newline, last = text.rpartition("\n")
        begins_line = is_blank(last) and (bool(newline) or self.begins_line)
        return OpenMarkup(tuple(stack), quote, head, begins_line)

    @property
    def closing(self) -> str:
        """What closes the marks at the end of a message."""
        fence = f"\n{'> ' if self.quote == '> ' else ''}{FENCE}"
        return "".join(fence if mark.startswith(FENCE) else mark for mark in reversed(self.open))

    def opening(self, text: str) -> tuple[str, int]:
        """What opens them again at the start of the next message, which goes on with `text`, and
        how many signs of the text stand in it already."""
        marks = "".join(self.open)
        if self.fenced:
            # The lines of a quoted code block bring their own signs, but for one that was cut.
            again = self.quote if self.quote == "> " and not self.begins_line else ""
            return f"{self.quote}{marks}\n{again}", 0
        if not self.begins_line:
            # A sign in the middle of its line would mean something at the beginning of one.
            guard = "\\" if not marks and _means_a_line.match(text) else ""
            return self.quote + self.head + guard + marks, 0
        quote, head = _line(text, 0, self.quote)
        if not marks:
            return (quote if quote == ">>> " and quote == self.quote else ""), 0
        own = 0 if quote == self.quote == ">>> " else len(quote)
        return quote + head + marks, own + len(head)


def _line(text: str, at: int, quote: str) -> tuple[str, str]:
    """The marks of the line that begins at `at`; what a `>>> ` has opened goes on."""
    match = _line_marks.match(text, at)
    assert match is not None
    if quote == ">>> ":
        return quote, match["head"] or "" if match["quote"] is None else ""
    return match["quote"] or "", match["head"] or ""


def _fence(stack: list[str], language: str) -> None:
    if stack and stack[-1].startswith(FENCE):
        stack.pop()
    else:
        stack.append(FENCE + language)


def _mark(stack: list[str], mark: str, text: str, at: int) -> None:
    code = bool(stack) and set(stack[-1]) == {"`"}
    if code or mark[0] == "`":
        if code and stack[-1] == mark:
            stack.pop()
        elif not code:
            stack.append(mark)
        return
    before = text[at - 1] if at else " "
    following = text[at + len(mark) : at + len(mark) + 1] or " "
    if mark in stack:
        if not (mark == "*" and before.isspace()) and not (mark == "_" and following.isalnum()):
            stack.remove(mark)
    elif not following.isspace() and not (mark == "_" and before.isalnum()):
        stack.append(mark)


@dataclass(frozen=True, slots=True)
class MessagePart:
    """One message. `body` is the text itself; `lead` and `tail` are marks put around it."""

    lead: str
    body: str
    tail: str
    repeated: int = 0
    """Signs at the beginning of the body that stand in the lead already."""

    @property
    def shown(self) -> str:
        body = _blank_end.sub("", self.body)[self.repeated :]
        return self.lead + (body if self.lead else _blank_run.sub("", body, 1)) + self.tail


def is_blank(text: str) -> bool:
    """Whether Discord would call it an empty message."""
    return _blank_run.fullmatch(text) is not None


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Messages of at most `limit` units, none blank; parts already full stay as text grows."""
    return [part.shown for part in cut(text, limit)]


def cut(text: str, limit: int = LIMIT) -> list[MessagePart]:
    """The parts with their marks kept apart: joined, the bodies are the text again."""
    if is_blank(text):
        return []
    parts: list[MessagePart] = []
    marks = OpenMarkup()
    start = 0
    while start < len(text):
        lead, repeated = marks.opening(text[start : start + limit])
        visible = _skip_blank(text, start, fenced=bool(lead))
        end = _end(text, visible, limit - utf16_length(lead), marks)
        body = text[start:end]
        marks = marks.after(body)
        closing = marks.closing if end < len(text) else ""
        parts.append(MessagePart(lead, body, closing, repeated))
        start = end
    return parts


def _end(text: str, start: int, room: int, marks: OpenMarkup) -> int:
    """Where the part that begins at `start` ends, with the white space that follows it."""
    edge = _reach(text, start, room)
    if edge == len(text) or is_blank(text[edge:]):
        return len(text)
    edge = _reach(text, start, room - _CLOSERS)
    place = _place(text, start, edge)
    return _skip_blank(text, place, fenced=marks.after(text[start:place]).fenced)


def _reach(text: str, start: int, room: int) -> int:
    """The furthest index so that text[start:index] has at most `room` units."""
    end = min(len(text), start + room)
    while (over := utf16_length(text[start:end]) - room) > 0:
        end -= (over + 1) // 2
    return end


def _place(text: str, start: int, edge: int) -> int:
    earliest = start + int((edge - start) * _SHORTEST)
    spans = _unbreakable(text, start, edge)
    for pattern in _PLACES:
        found = [match.end() for match in pattern.finditer(text, earliest, edge)]
        for index in reversed(found):
            if not any(low < index < high for low, high in spans):
                return index
    return _hard_place(text, start, edge, spans)


def _unbreakable(text: str, start: int, edge: int) -> list[tuple[int, int]]:
    spans = []
    for match in _whole.finditer(text, start, min(len(text), edge + LIMIT)):
        low, high = match.span()
        # A mark belongs to the word behind it; cut off from it, it would open nothing.
        high += match["marks"] is not None and not text[high : high + 1].isspace()
        if low < edge and high - low <= _LONGEST_WHOLE:
            spans.append((low, high))
    return spans


def _hard_place(text: str, start: int, edge: int, spans: list[tuple[int, int]]) -> int:
    """The last boundary between two clusters that breaks nothing, or `edge` where there is none."""
    best = edge
    for match in _cluster.finditer(text, start):
        if match.end() > edge:
            best = match.start()
            break
        best = match.end()
    for low, high in spans:
        if low < best < high and low > start:
            best = low
    return best if best > start else edge


def _skip_blank(text: str, place: int, *, fenced: bool) -> int:
    blank = _blank_run.match(text, place)
    newlines = _newlines.match(text, place)
    assert blank is not None
    assert newlines is not None
    # Inside a code block the spaces after the break are indentation.
    return newlines.end() if fenced and blank.end() - place < LIMIT // 5 else blank.end()
