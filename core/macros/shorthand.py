"""Variable shorthands: `{{.name}}`, `{{$name += 2}}` and the other operators."""

import math
from collections.abc import Callable

from core.macros.javascript import is_false, number
from core.macros.memory import Memory, text_of

Operand = Callable[[], str]
"""Gives the text behind the operator; called only when it is needed."""


def operate(memory: Memory, name: str, operator: str, operand: Operand) -> str:
    """What the shorthand gives; its write stays in `memory`."""
    match operator:
        case "":
            return text_of(memory.get(name))
        case "++" | "--":
            return text_of(memory.add(name, 1 if operator == "++" else -1))
        case "=":
            memory.set(name, operand())
            return ""
        case "+=" | "-=":
            _change(memory, name, operator, operand())
            return ""
        case "||" | "||=" | "??" | "??=":
            return _fallback(memory, name, operator, operand)
        case _:
            return "true" if _compare(memory, name, operator, operand()) else "false"


def _change(memory: Memory, name: str, operator: str, operand: str) -> None:
    if operator == "+=":
        memory.add(name, operand)
    elif not math.isnan(amount := number(operand)):
        memory.add(name, -amount)


def _fallback(memory: Memory, name: str, operator: str, operand: Operand) -> str:
    """`||` looks at the value, `??` at whether there is one; with `=` the fallback is kept."""
    value = memory.get(name)
    text = text_of(value)
    missing = not memory.has(name) if operator.startswith("??") else not value or is_false(text)
    if not missing:
        return text
    fallback = operand()
    if operator.endswith("="):
        memory.set(name, fallback)
    return fallback


def _compare(memory: Memory, name: str, operator: str, operand: str) -> bool:
    value = memory.get(name)
    if operator in ("==", "!="):
        return (text_of(value) == operand) == (operator == "==")
    left, right = number(text_of(value)), number(operand)
    if math.isnan(left) or math.isnan(right):
        return False
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[
        operator
    ]
