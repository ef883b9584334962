"""Which of Discord's markdown marks are open at a place in a text."""

from dataclasses import dataclass

import regex

FENCE = "```"

_token = regex.compile(
    r"(?P<skip>\\.|https?://[^\s<>]+|<[^<>\s]{1,100}>)"
    r"|(?P<fence>```(?:(?P<language>[\w+\-.#]+)(?=\n))?)"
    r"|(?P<mark>`+|\|\||\*\*|\*|__|_|~~)"
    r"|(?P<gap>\n[^\S\n]*\n)",
    regex.DOTALL,
)
# Discord lets these run over a blank line only by accident; there they are taken as plain signs.
_SHORT = frozenset("*_`")


@dataclass(frozen=True, slots=True)
class OpenMarkup:
    """Open marks, outermost first; a code block carries its language."""

    open: tuple[str, ...] = ()

    @property
    def fenced(self) -> bool:
        return bool(self.open) and self.open[-1].startswith(FENCE)

    def after(self, text: str) -> "OpenMarkup":
        """The marks that are open behind `text`, which follows on from here."""
        stack = list(self.open)
        for match in _token.finditer(text):
            if match["skip"] is not None:
                continue
            if match["fence"] is not None:
                _fence(stack, match["language"] or "")
            elif stack and stack[-1].startswith(FENCE):
                continue
            elif match["gap"] is not None:
                stack = [mark for mark in stack if not _ends_at_gap(mark)]
            else:
                _mark(stack, match["mark"], text, match.start())
        return OpenMarkup(tuple(stack))


def closed(marks: tuple[str, ...]) -> str:
    """What closes these marks at the end of a message."""
    return "".join(f"\n{FENCE}" if mark.startswith(FENCE) else mark for mark in reversed(marks))


def reopened(marks: tuple[str, ...]) -> str:
    """What opens them again at the start of the next message."""
    return "".join(f"{mark}\n" if mark.startswith(FENCE) else mark for mark in marks)


def _ends_at_gap(mark: str) -> bool:
    return mark in _SHORT or set(mark) == {"`"}


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
