"""What a value may be, in words: for refusals that tell what would have been right."""

from collections.abc import Mapping

from bot.i18n import N_, _
from core.options.option import OptionType
from core.samplers.sampler import Sampler, SamplerType

TYPES: Mapping[OptionType | SamplerType, str] = {
    OptionType.SWITCH: N_("on or off"),
    OptionType.INTEGER: N_("a whole number"),
    OptionType.NUMBER: N_("a number"),
    OptionType.LINE: N_("a line of text"),
    OptionType.TEXT: N_("text"),
    OptionType.ZONE: N_("a time zone such as Europe/Berlin"),
    OptionType.LIST: N_("a list"),
    OptionType.TABLE: N_("a table"),
    SamplerType.SWITCH: N_("on or off"),
    SamplerType.TEXT: N_("text"),
    SamplerType.LIST: N_("a list"),
    SamplerType.MAP: N_("a table"),
}
NAMES: Mapping[str, str] = {
    "context_size": N_("the context size"),
    "reply_length": N_("the length of replies"),
    "token_padding": N_("the token padding"),
    "stop.custom": N_("stop strings"),
    "format.reply_start": N_("the start of replies"),
    "multigen.first": N_("the first batch"),
    "multigen.next": N_("the further batches"),
    "tokenizer": N_("the tokenizer"),
    "kind": N_("the kind of completion"),
    "fallback": N_("the stand-in"),
    "order": N_("the order"),
    "region": N_("the region"),
    "account": N_("the account"),
    "key": N_("the key"),
    "name": N_("the name"),
}
"""What people call an option; others are called by their key."""


def number(value: float) -> str:
    """A number as people read it: whole ones in full, with commas."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:g}"


def between(low: float, high: float) -> str:
    """A range of numbers."""
    return f"{number(low)} … {number(high)}"


def span(row: Sampler) -> str:
    """Which values a sampler takes."""
    return between(*row.range) if row.range is not None else _(TYPES[row.type])


def called(key: str) -> str:
    """An option or sampler as people call it."""
    return _(NAMES[key]) if key in NAMES else f"`{key}`"


def expected(what: object) -> str:
    """What a value may be: anything of a type, a range of numbers, some words, or an example."""
    if isinstance(what, OptionType | SamplerType):
        return _(TYPES[what])
    if not isinstance(what, tuple):
        return str(what or "")
    if any(isinstance(value, str) for value in what):
        return ", ".join(f"`{value}`" for value in what)
    return between(*what) if what else ""
