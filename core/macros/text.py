"""Blanks, comments and other small change."""

from core.macros.call import Call
from core.macros.registry import Unresolved, macro


@macro("newline", "A line end, or as many as you say.", optional=1, whole=(0,))
def newline(call: Call) -> str:
    return _repeated(call, "\n")


@macro("space", "A blank, or as many as you say.", optional=1, whole=(0,))
def space(call: Call) -> str:
    return _repeated(call, " ")


@macro("noop", "Nothing.")
def noop(call: Call) -> str:
    return ""


@macro("trim", "Removes the line ends around itself, or the blanks around its content.", optional=1)
def trim(call: Call) -> str:
    # Standing alone it acts on its neighbours, after everything else is expanded.
    return call.argument(0) if call.scoped else "{{trim}}"


@macro("reverse", "The text backwards.", required=1)
def reverse(call: Call) -> str:
    return call.arguments[0][::-1]


@macro("//", "A comment: gives nothing.", "comment", required=1)
def comment(call: Call) -> str:
    return ""


@macro("banned", "A word the model is not to use; gives nothing.", required=1)
def banned(call: Call) -> str:
    return ""


@macro("outlet", "Lore that is filed under this outlet.", required=1)
def outlet(call: Call) -> str:
    return call.environment.outlets.get(call.arguments[0], "")


def _repeated(call: Call, character: str) -> str:
    count = call.argument(0, "1").strip()
    if count.startswith("-") and count.strip("-0"):
        raise Unresolved
    wanted = int(count) if len(count) < 10 else call.macros.room
    return character * min(wanted, call.macros.room)
