"""Lines at the top of an entry's content that force it awake or asleep."""

from dataclasses import dataclass

ACTIVATE = "@@activate"
FORBID = "@@dont_activate"
_KNOWN = (ACTIVATE, FORBID)


@dataclass(frozen=True, slots=True)
class Decorated:
    """A content without its decorator lines, and what they said."""

    content: str
    activate: bool = False
    forbid: bool = False


def read_decorators(content: str) -> Decorated:
    """Takes the leading `@@` lines off. `@@@known` counts only after an unknown `@@` line.

    Content of nothing but such lines stays whole, as in SillyTavern.
    """
    if not content.startswith("@@"):
        return Decorated(content)
    said: set[str] = set()
    may_fall_back = False
    lines = content.split("\n")
    for number, line in enumerate(lines):
        if not line.startswith("@@"):
            content = "\n".join(lines[number:])
            break
        if line.startswith("@@@"):
            if not may_fall_back:
                continue
            line = line[1:]
        may_fall_back = not line.startswith(_KNOWN)
        if not may_fall_back:
            said.add(line)
    return Decorated(content, ACTIVATE in said, FORBID in said)
