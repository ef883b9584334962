"""Blanks, comments and conditions."""

import re

from core.macros.javascript import is_false
from core.macros.javascript import trim as trimmed
from core.macros.parser import dedent, parse
from core.macros.registry import STRAY_ELSE, Macro, MacroCall, Unresolved, macro, registry
from core.patterns.characters import WHITE

_VARIABLE = re.compile(r"[.$][a-zA-Z](?:[\w-]*\w)?", re.ASCII)

MACROS = [
    Macro("noop", "Gives nothing.", lambda call: ""),
    Macro(
        "reverse",
        "The text backwards.",
        lambda call: call.arguments[0][::-1],
        arguments=("text",),
    ),
    Macro("//", "A comment: gives nothing.", lambda call: "", ("comment",), ("text",)),
    Macro("banned", "Gives nothing, and bans no word here.", lambda call: "", arguments=("word",)),
    Macro(
        "outlet",
        "Lore that is filed under this outlet.",
        lambda call: call.environment.outlets.get(call.arguments[0], ""),
        arguments=("name",),
    ),
    Macro("else", "Parts the two branches of {{if}}.", lambda call: STRAY_ELSE),
]


@macro("newline", "A line end, or as many as you say.", takes="[count]")
def newline(call: MacroCall) -> str:
    return _repeated(call, "\n")


@macro("space", "A blank, or as many as you say.", takes="[count]")
def space(call: MacroCall) -> str:
    return _repeated(call, " ")


def _repeated(call: MacroCall, character: str) -> str:
    count = call.whole_number(0, "1")
    if count.startswith("-") and count.strip("-0"):
        raise Unresolved
    wanted = int(count) if len(count) < 10 else call.state.room
    return character * min(wanted, call.state.room)


@macro(
    "trim",
    "Removes the line ends around itself, or the blanks around its content.",
    takes="[content]",
)
def trim(call: MacroCall) -> str:
    # Standing alone it acts on its neighbours, after everything else is expanded.
    return call.argument(0) if call.scoped else "{{trim}}"


@macro(
    "if",
    "Gives the content if the condition holds, else what stands behind {{else}}.",
    takes="condition content",
    delayed=True,
)
def condition(call: MacroCall) -> str:
    wanted, unwanted = _branches(call.arguments[1])
    result = call.nested(wanted if _holds(call, call.arguments[0]) else unwanted)
    return result if call.node.keeps_space else dedent(result)


def _holds(call: MacroCall, text: str) -> bool:
    bare = text.lstrip(WHITE)
    inverted = bare.startswith("!")
    value = call.nested(bare[1:].lstrip(WHITE) if inverted else text)
    named = registry().get(trimmed(value).lower())
    if _VARIABLE.fullmatch(value) or (named is not None and named.least == 0):
        value = call.nested("{{" + value + "}}")
    return (value != "" and not is_false(value)) != inverted


def _branches(content: str) -> tuple[str, str]:
    """The texts before and behind the `{{else}}` of this `if`, not of one inside.

    Only lower-case names count here, and an open macro hides what follows, unlike everywhere
    else (SillyTavern 1.19.0).
    """
    depth = 0
    for node in parse(content, within_open=False):
        match node.name:
            case "if" if node.closes:
                depth -= 1
            case "if" if len(node.arguments) == 1:
                depth += 1
            case "else" if depth == 0 and not node.closes:
                return content[: node.start], content[node.end :]
    return content, ""
