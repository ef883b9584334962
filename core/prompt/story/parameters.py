"""Which of a card's texts a story string sends."""

import re

_BLOCK = re.compile(r"\{\{\s*[#/^][^{}]*\}\}|\{\{\s*else\s*\}\}")
"""Conditions and their ends; a name in them is asked about, not sent."""
_NAME = re.compile(r"\{\{\{?[&~\s]*([A-Za-z]+)[~\s]*\}?\}\}")

PARAMETERS = (
    ("system",),
    ("description",),
    ("personality",),
    ("scenario",),
    ("persona",),
    ("wiBefore", "loreBefore"),
    ("wiAfter", "loreAfter"),
)
"""What is lost without its place in the template; names that mean the same stand together."""


def missing_parameters(template: str) -> list[str]:
    """The parameters that stand nowhere in a story string, so that their texts are not sent."""
    named = {name.lower() for name in _NAME.findall(_BLOCK.sub("", template))}
    return [names[0] for names in PARAMETERS if not any(name.lower() in named for name in names)]
