"""What a story string never sends, found by rendering it: words alone tell too little."""

from collections.abc import Mapping, Sequence

from core.errors import InvalidTemplate
from core.prompt.handlebars.template import read_template

PARAMETERS = (
    ("system",),
    ("description", "charDescription"),
    ("personality", "charPersonality"),
    ("scenario", "charScenario"),
    ("persona",),
    ("wiBefore", "loreBefore"),
    ("wiAfter", "loreAfter"),
)
"""What is lost without its place in the template; names that mean the same stand together."""


def unsent_parameters(template: str, notes: Sequence[str] = ()) -> list[str]:
    """The parameters whose texts reach no prompt by this story string.

    `notes`: further names that are needed, such as the place of an author's note. What stands in
    a comment or in a branch that is never taken is not sent; what a block opens with
    (`{{#with description}}{{this}}`) is. A template that cannot be read has other faults.
    """
    groups = [*PARAMETERS, *((name,) for name in notes)]
    values = {name.casefold(): f"\u2063{number}\u2063" for number, group in enumerate(groups)
              for name in group}  # fmt: skip
    try:
        whole = _rendered(template, values)
        missing = [
            group
            for group in groups
            if values[group[0].casefold()] not in whole
            and values[group[0].casefold()]
            not in _rendered(template, {name.casefold(): values[name.casefold()] for name in group})
        ]
    except InvalidTemplate:
        return []
    return [group[0] for group in missing]


def _rendered(template: str, values: Mapping[str, str]) -> str:
    """The story string with these values, for variables and macros alike."""
    given = {name: values.get(name.casefold(), "") for group in PARAMETERS for name in group}
    given |= {name: values.get(name.casefold(), "") for name in ("anchorBefore", "anchorAfter")}

    def macro(text: str) -> str:
        name = text.strip("{}~ \n")
        return values.get(name.casefold(), "")

    return read_template(template).render(given, macro)
