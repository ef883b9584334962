"""What was found wrong in a file that could be read all the same, in words."""

from collections.abc import Mapping, Sequence

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from core.characters.remarks import Problem, Remark

MOST = 10
SENTENCES: Mapping[Problem, str] = {
    Problem.DROPPED: N_("`{field}` should be {expected}, not {found}. It was left out."),
    Problem.CONVERTED: N_("`{field}` should be {expected}, not {found}. It was converted."),
    Problem.CUT: N_("`{field}` was longer than {limit} characters, so it was cut."),
    Problem.TOO_MANY: N_("`{field}` had more than {limit} items. The rest was left out."),
    Problem.OUT_OF_RANGE: N_("`{field}` was out of range, so it was set to {expected}."),
    Problem.CONTRADICTS: N_("`{field}` doesn't match {found}, so {expected} was used."),
    Problem.MISSING: N_("`{field}` was missing, so {expected} was used."),
    Problem.IGNORED: N_("`{field}` was ignored: {found}"),
}
WORDS = {
    "empty": N_("empty"),
    "a yes/no value": N_("yes or no"),
    "a number": N_("a number"),
    "a text": N_("a text"),
    "a list": N_("a list"),
    "a list of texts": N_("a list of texts"),
    "an object": N_("an object"),
    "something else": N_("something else"),
}
"""What the core calls things; anything else is a name or a value and stays as it is."""


def remark_lines(heading: str, remarks: Sequence[Remark]) -> str:
    """The heading with the first remarks as a list, to be added to a text; empty without any."""
    if not remarks:
        return ""
    lines = [f"- {_sentence(remark)}" for remark in remarks[:MOST]]
    return "\n".join(["", heading, *lines])


def _sentence(remark: Remark) -> str:
    found, expected = (
        _(WORDS[text]) if text in WORDS else shortened(text, 80)
        for text in (remark.found, remark.expected)
    )
    field = remark.field.replace("`", "'")
    facts = {"field": field, "found": found, "expected": expected, "limit": f"{remark.limit:,}"}
    return _(SENTENCES[remark.problem], **facts)
