"""Conditions: `{{if …}}…{{else}}…{{/if}}`."""

import re

from core.macros.call import Call
from core.macros.engine import STRAY_ELSE, dedent
from core.macros.javascript import WHITE, is_false, trim
from core.macros.lexer import parse
from core.macros.registry import macro, registry

_VARIABLE = re.compile(r"[.$][a-zA-Z](?:[\w-]*\w)?", re.ASCII)


@macro(
    "if",
    "Gives the content if the condition holds, else what stands behind {{else}}.",
    required=2,
    delayed=True,
)
def condition(call: Call) -> str:
    wanted, unwanted = _branches(call.arguments[1])
    chosen = wanted if _holds(call, call.arguments[0]) else unwanted
    result = call.nested(chosen)
    return result if call.node.keeps_space else dedent(result)


@macro("else", "Parts the two branches of {{if}}.")
def otherwise(call: Call) -> str:
    return STRAY_ELSE


def _holds(call: Call, text: str) -> bool:
    bare = text.lstrip(WHITE)
    inverted = bare.startswith("!")
    value = call.nested(bare[1:].lstrip(WHITE) if inverted else text)
    named = registry().get(trim(value).lower())
    if _VARIABLE.fullmatch(value) or (named is not None and named.required == 0):
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
