"""Text and numbers as JavaScript sees them, where that shows in a prompt."""

import math
import re

from core.patterns.characters import WHITE

_NUMBER = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity)")
_PREFIXED = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_MAX_DIGITS = 400
"""A double holds no number of more digits; longer ones are infinite anyway."""


def trim(text: str) -> str:
    return text.strip(WHITE)


def number(text: str) -> float:
    """`Number(text)`; not a number = NaN."""
    text = trim(text)
    if not text:
        return 0.0
    if _PREFIXED.fullmatch(text):
        return float(int(text, 0)) if len(text) < _MAX_DIGITS else math.inf
    if _NUMBER.fullmatch(text):
        return float(text.replace("Infinity", "inf"))
    return math.nan


def number_text(value: float) -> str:
    """`String(value)`: shortest digits, exponent from 1e21 up and below 1e-6."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    digits, exponent = _digits(abs(value))
    sign = "-" if value < 0 else ""
    if -7 < exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    if 0 <= exponent < 21:
        return f"{sign}{digits[: exponent + 1]}.{digits[exponent + 1 :]}"
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{'+' if exponent > 0 else '-'}{abs(exponent)}"


def _digits(value: float) -> tuple[str, int]:
    """The shortest digits that name `value`, and the power of ten of the first one."""
    mantissa, _, exponent = f"{value!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    power = int(exponent or 0) + len(whole) - 1
    if whole == "0":
        power -= len(fraction) - len(fraction.lstrip("0")) + 1
    return digits.rstrip("0") or "0", power


def is_false(text: str) -> bool:
    """Whether a condition counts as switched off by its words."""
    return trim(text).lower() in {"off", "false", "0"}
