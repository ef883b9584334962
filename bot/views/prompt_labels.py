"""What the parts of a prompt are called, in the reader's language."""

import re
from collections.abc import Mapping

from bot.i18n import N_, _
from bot.views.fonts import font_with
from core.prompt.prompt import PartKind

LABELS = {
    PartKind.SYSTEM: N_("System prompt"),
    PartKind.STORY: N_("Template"),
    PartKind.LORE: N_("Lore"),
    PartKind.PERSONA: N_("Persona"),
    PartKind.CARD: N_("Card"),
    PartKind.EXAMPLE: N_("Examples"),
    PartKind.SEPARATOR: N_("Separator"),
    PartKind.HISTORY: N_("History"),
    PartKind.NOTE: N_("Note"),
    PartKind.INSTRUCTIONS: N_("Instructions"),
    PartKind.UTILITY: N_("Helper line"),
    PartKind.REPLY_START: N_("Start of the reply"),
}
PLAIN = ("system prompt", "context template", "dialogue examples", "persona", "start of the reply")
"""Sources that say no more than the label before them."""
SOURCES: Mapping[str, str] = {
    text: text
    for text in (
        N_("main prompt"),
        N_("the card's main prompt"),
        N_("auxiliary prompt"),
        N_("post-history instructions"),
        N_("the card's post-history instructions"),
        N_("enhance definitions"),
        N_("lore before the character"),
        N_("lore after the character"),
        N_("description"),
        N_("personality"),
        N_("scenario"),
        N_("persona"),
        N_("author's note"),
        N_("character's note"),
        N_("story string"),
        N_("impersonation prompt"),
        N_("quiet prompt"),
        N_("group nudge"),
        N_("continue nudge"),
        N_("chat start"),
        N_("example start"),
        N_("user alignment message"),
        N_("the message that is continued"),
        N_("start of the answer"),
        N_("line sent for an empty input"),
    )
}
"""The core's own words for where a part comes from; all others are names that people gave."""
_DEPTH = re.compile(r"lore at depth (\d+)")


def label_of(kind: PartKind) -> str:
    return _(LABELS[kind])


def source_words(source: str) -> str:
    """Where a part comes from; empty where the label says it already."""
    return "" if source in PLAIN else ", ".join(map(_translated, source.split(", ")))


def drawable(text: str) -> str:
    """The text in the reader's language where a font of this machine has its letters."""
    translated = _(text)
    return translated if font_with(translated, 12) is not None else text


def _translated(source: str) -> str:
    if found := _DEPTH.fullmatch(source):
        return _("lore at depth {depth}", depth=found[1])
    return _(SOURCES[source]) if source in SOURCES else source
