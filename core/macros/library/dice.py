"""Chance: `random` and `roll` anew for each reply, `pick` the same as long as the text stays."""

import re

from core.macros.javascript import trim
from core.macros.registry import MacroCall, macro
from core.macros.seeded_random import SeededRandom, text_hash

MAX_DICE = 1_000
MAX_SIDES = 10**9

_FORMULA = re.compile(r"([1-9][0-9]{0,9})?d([1-9][0-9]{0,9})([+-][0-9]{1,12})?", re.IGNORECASE)
_COMMA = re.compile(r"(?<!\\),")
_DIGITS = re.compile(r"[0-9]{1,10}")


@macro("random", "One of the texts given, anew for each reply.", takes="[choice…]")
def random(call: MacroCall) -> str:
    choices = _choices(call.arguments)
    return choices[call.state.random.below(len(choices))] if choices else ""


@macro("pick", "One of the texts given, always the same in this chat and place.", takes="[choice…]")
def pick(call: MacroCall) -> str:
    choices = _choices(call.arguments)
    if not choices:
        return ""
    environment = call.environment
    seed = f"{environment.chat_seed}-{call.expansion.hash}-{call.offset}"
    if environment.reroll_seed:
        seed += f"-{environment.reroll_seed}"
    return choices[SeededRandom(str(text_hash(seed))).below(len(choices))]


@macro("roll", "Dice, e.g. 1d20 or 3d6+4.", takes="dice")
def roll(call: MacroCall) -> str:
    formula = call.arguments[0]
    if _DIGITS.fullmatch(formula):
        formula = f"1d{formula}"
    dice = _FORMULA.fullmatch(formula)
    if not dice:
        return ""
    count, sides, bonus = int(dice[1] or 1), int(dice[2]), int(dice[3] or 0)
    if count > MAX_DICE or sides > MAX_SIDES or not call.state.may_roll(count):
        return ""
    return str(sum(call.state.random.below(sides) + 1 for _ in range(count)) + bonus)


def _choices(arguments: list[str]) -> list[str]:
    """The list; a single argument is split at `::`, else at commas that are not escaped."""
    if len(arguments) != 1:
        return arguments
    if "::" in arguments[0]:
        return [trim(choice) for choice in arguments[0].split("::")]
    return [trim(choice).replace("\\,", ",") for choice in _COMMA.split(arguments[0])]
