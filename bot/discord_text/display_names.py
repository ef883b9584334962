"""Names that Discord takes for a webhook and that pass for nobody else."""

from collections.abc import Iterable

import regex

from bot.discord_text.confusables import folded
from core.untrusted.surrogates import join_surrogates, utf16_length

LIMIT = 80
"""Discord's limit for a webhook's name, in UTF-16 units."""

NOBODY = "Character"
"""Stands in where nothing visible is left of a name."""

# Discord refuses webhook names with these; a hair space inside lets them pass unseen.
_HAIR_SPACE = "\u200a"
_reserved = regex.compile(
    r"(?P<first>c)(?P<rest>lyde)|(?P<first>d)(?P<rest>iscord)"
    r"|\b(?P<first>e)(?P<rest>veryone)\b|\b(?P<first>h)(?P<rest>ere)\b|(?P<first>`)(?P<rest>``)",
    regex.IGNORECASE,
)
# Control, bidi, tag and lone surrogate characters, and letters that show nothing at all.
_invisible = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufff9-\ufffd]"
    r"|(?!\u200d)\p{Cf}"
)
_space = regex.compile(r"[\s\p{Z}]+")
_loose_joiner = regex.compile(r"(?<!\p{Emoji}\ufe0f?)\u200d|\u200d(?!\p{Emoji})")
_marks = regex.compile(r"(\p{M}{4})\p{M}+")
_visible = regex.compile(r"[^\s\p{M}\p{Z}\u200d]")


def display(name: str) -> str:
    """The name as a webhook may carry it: 1 to 80 units, visible, no reserved words."""
    plain = regex.sub(r"[\t\n\r\v\f\x85\u2028\u2029]", " ", join_surrogates(name))
    plain = _loose_joiner.sub("", _invisible.sub("", plain))
    plain = _space.sub(" ", _marks.sub(r"\1", plain)).strip()
    if not _visible.search(plain):
        return NOBODY
    guarded = _reserved.sub(lambda found: found["first"] + _HAIR_SPACE + found["rest"], plain)
    return shortened(guarded, LIMIT)


def shortened(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, with an ellipsis where something is missing."""
    if utf16_length(text) <= limit:
        return text
    kept, used = "", 1
    for cluster in regex.findall(r"\X", text):
        used += utf16_length(cluster)
        if used > limit:
            break
        kept += cluster
    return (kept.rstrip() or text[: limit // 2]) + "…"


def distinct(name: str, taken: Iterable[str], suffix: str) -> str:
    """`name`, with `suffix` behind it where it reads like one of the `taken` names."""
    key = folded(name)
    if all(folded(other) != key for other in taken):
        return name
    return shortened(name, LIMIT - utf16_length(suffix) - 1) + f" {suffix}"
