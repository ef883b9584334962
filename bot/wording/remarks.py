"""What was found wrong in a file that could be read all the same, in words."""

from collections.abc import Mapping, Sequence

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from core.characters.fields import Problem, Remark, Shape

MOST = 10
SENTENCES: Mapping[Problem, str] = {
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
    lines = [f"- {sentence_about(remark)}" for remark in remarks[:MOST]]
    return "\n".join(["", heading, *lines])


def sentence_about(remark: Remark) -> str:
    """One remark in the current language."""
    found, expected = (
        _(SHAPES[text]) if isinstance(text, Shape) else shortened(text, 80)
        for text in (remark.found, remark.expected)
    )
    field = remark.field.replace("`", "'")
    facts = {"field": field, "found": found, "expected": expected, "limit": f"{remark.limit:,}"}
    return _(SENTENCES[remark.problem], **facts)
