"""Which of our instruct templates fits a model, told by its chat template or its name."""

import re

from core.presets import stock
from core.presets.kinds import PresetKind

_SLASHED = re.compile(r"/(?P<pattern>.*)/(?P<flags>[a-z]*)", re.DOTALL)


def propose(chat_template: str) -> str | None:
    """The stock instruct template whose turn markers occur in a server's Jinja chat template.

    The one with the most markers wins; None when no template is known by its markers.
    """
    best, most = None, 0
    for name in stock.names(PresetKind.INSTRUCT):
        marks = stock.detection(name)
        wanted = marks.get("has", [])
        fits = all(mark in chat_template for mark in wanted)
        spoiled = any(mark in chat_template for mark in marks.get("lacks", []))
        if fits and not spoiled and len(wanted) > most:
            best, most = name, len(wanted)
    return best


def for_model(model: str) -> str | None:
    """The stock instruct template whose activation pattern matches a model's name; None if none."""
    for name in stock.names(PresetKind.INSTRUCT):
        pattern = stock.document(PresetKind.INSTRUCT, name).get("activation_regex", "")
        found = _SLASHED.fullmatch(pattern)
        if found and re.search(found["pattern"], model, re.IGNORECASE):
            return name
    return None
