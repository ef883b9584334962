"""What a value may be, in words.

For refusals, which tell what would have been right, and for what was found wrong in a file that
could be read all the same.
"""

from collections.abc import Mapping, Sequence

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _, ngettext
from core.characters.fields import Problem, Remark, Shape
from core.options.table import OptionType
from core.samplers.sampler import Sampler, SamplerType
from core.validation import Bound, Side, ValueType

TYPES: Mapping[OptionType | SamplerType | ValueType, str] = {
    OptionType.SWITCH: N_("on or off"),
    OptionType.INTEGER: N_("a whole number"),
    OptionType.NUMBER: N_("a number"),
    OptionType.LINE: N_("a line of text"),
    OptionType.TEXT: N_("text"),
    OptionType.ZONE: N_("a time zone such as Europe/Berlin"),
    OptionType.LIST: N_("a list"),
    OptionType.TABLE: N_("a table"),
    ValueType.SWITCH: N_("on or off"),
    ValueType.WHOLE_NUMBER: N_("a whole number"),
    ValueType.NUMBER: N_("a number"),
    ValueType.TEXT: N_("text"),
    ValueType.FILLED_TEXT: N_("a text that isn't empty"),
    ValueType.LIST: N_("a list"),
    ValueType.GROUP: N_("a group of keys"),
    SamplerType.SWITCH: N_("on or off"),
    SamplerType.TEXT: N_("text"),
    SamplerType.LIST: N_("a list"),
    SamplerType.MAP: N_("a table"),
}
SIDES: Mapping[Side, str] = {
    Side.AT_LEAST: N_("{number} or more"),
    Side.ABOVE: N_("a number above {number}"),
    Side.NO_LONGER_THAN: N_("a text of at most {number} characters"),
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


def joined(parts: Sequence[str]) -> str:
    """“a, b and c”."""
    *first, last = parts or ("",)
    if not first:
        return last
    return _("{first} and {last}", first=", ".join(first), last=last)


def between(low: float, high: float) -> str:
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
    if any(isinstance(value, str | Bound) for value in what):
        return ", ".join(_form(value) for value in what)
    return between(*what) if what else ""


def _form(value: object) -> str:
    if isinstance(value, Bound):
        return _(SIDES[value.side], number=number(value.number))
    return _(TYPES[value]) if isinstance(value, ValueType) else f"`{value}`"


MOST_REMARKS = 10
REMARKS: Mapping[Problem, str] = {
    Problem.DROPPED: N_("`{field}` should be {expected}, not {found}. It was left out."),
    Problem.CONVERTED: N_("`{field}` should be {expected}, not {found}. It was converted."),
    Problem.DEFAULTED: N_("`{field}` was {found}, so {expected} was used."),
    Problem.CUT: N_("`{field}` was longer than {limit} characters, so it was cut."),
    Problem.TOO_MANY: N_("`{field}` had more than {limit} items. The rest was left out."),
    Problem.KEY_TOO_LONG: N_(
        "`{field}` had a key longer than {limit} characters. The key was left out."
    ),
    Problem.OUT_OF_RANGE: N_("`{field}` was out of range, so it was set to {expected}."),
    Problem.CONTRADICTS: N_("`{field}` doesn't match {found}, so {expected} was used."),
    Problem.MISSING: N_("`{field}` was missing, so {expected} was used."),
    Problem.UNREADABLE: N_("`{field}` can't be read, so it was left out."),
    Problem.NO_PICTURE: N_("`{field}` isn't a PNG, JPEG, WebP or GIF. It was left out."),
    Problem.TOO_WIDE: N_(
        "`{field}` has {found} pixels, more than {limit} × {limit}. It was left out."
    ),
    Problem.OTHER_MAKER: N_("The file was made by {found}; its fields were matched to ours."),
    Problem.UNUSED: N_("`{field}` has no counterpart here, so it isn't used."),
    Problem.MODEL_SETTINGS: N_(
        "The file also has settings for the model ({found}). They aren't part of a card."
    ),
    Problem.NO_STORY: N_(
        "`{field}` holds a story ({limit}). Stories aren't part of a card, so it was left out."
    ),
    Problem.FIRST_ONLY: N_("`{field}` names {limit} characters. Only the first one was taken."),
    Problem.BAD_PATTERN: N_(
        "`{field}` has a key that isn't a valid regular expression, so it's taken as plain words: "
        "{found}"
    ),
    Problem.NO_ENTRIES: N_("There are no entries in it."),
    Problem.ENCODING: N_("The file isn't UTF-8; it was read as {found}."),
    Problem.DAMAGED_TEXT: N_("{limit} characters of the file are damaged; they show as �."),
    Problem.MORE_FILES: N_("`{field}`: {limit} more files in the archive aren't used."),
}
SHAPES: Mapping[Shape, str] = {
    Shape.EMPTY: N_("empty"),
    Shape.SWITCH: N_("yes or no"),
    Shape.NUMBER: N_("a number"),
    Shape.WHOLE_NUMBER: N_("a whole number"),
    Shape.WORDS: N_("a text"),
    Shape.ITEMS: N_("a list"),
    Shape.LIST_OF_WORDS: N_("a list of texts"),
    Shape.OBJECT: N_("an object"),
    Shape.OTHER: N_("something else"),
}


def remark_lines(heading: str, remarks: Sequence[Remark]) -> str:
    """The heading with the first remarks as a list, to be added to a text; empty without any."""
    if not remarks:
        return ""
    lines = [f"- {sentence_about(remark)}" for remark in remarks[:MOST_REMARKS]]
    if (more := len(remarks) - MOST_REMARKS) > 0:
        lines.append(ngettext("- and {number} more", "- and {number} more", more))
    return "\n".join(["", heading, *lines])


def sentence_about(remark: Remark) -> str:
    found, expected = (
        _(SHAPES[text]) if isinstance(text, Shape) else shortened(text, 80)
        for text in (remark.found, remark.expected)
    )
    field = remark.field.replace("`", "'")
    facts = {"field": field, "found": found, "expected": expected, "limit": f"{remark.limit:,}"}
    return _(REMARKS[remark.problem], **facts)


def file_size(size: int) -> str:
    """A number of bytes as people read it: 25 MiB, 1.5 MiB, 500 KiB, 900 bytes."""
    for unit, name in ((2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{round(size / unit, 1):g} {name}"
    return f"{size} bytes"
