"""Names that Discord takes for a webhook and that pass for nobody else."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

import discord
import regex
from cachetools import LRUCache

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
_MOST_MODERATORS = 200

# Letters of other scripts and signs that read as a Latin letter in most typefaces. From Unicode's
# list of confusables, the part that people use for passing as somebody else.
_GROUPS = {
    "a": "аαạɑ@4", "b": "ьвβЬƅ8", "c": "сϲⅽ¢ꮯ", "d": "ԁⅾժ", "e": "еєεҽ3℮", "f": "ғϝſ", "g": "ɡցԍ9",
    "h": "нһհӊ", "i": "іιıΙӏlI1|!ⅰ׀ǀ", "j": "јϳ", "k": "кκ", "m": "мⅿ", "n": "ոռпη", "o": "оοօ0ӧ°ഠ",
    "p": "рρ", "q": "ԛգ", "r": "гꭇⲅ", "s": "ѕʂ5$ꜱ", "t": "тτ7+", "u": "υսцʋ", "v": "ѵνⅴ",
    "w": "ԝшωɯ", "x": "хχ×ⅹ", "y": "уγү", "z": "ᴢ2",
}  # fmt: skip
_TABLE = {ord(sign): latin for latin, signs in _GROUPS.items() for sign in signs}


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


def folded(name: str) -> str:
    """A key that is equal for names a reader would take for the same, so that `Аdmin` with a
    Cyrillic letter is `admin`."""
    plain = unicodedata.normalize("NFKD", name.replace("rn", "m")).casefold()
    letters = (
        sign for sign in plain.translate(_TABLE) if unicodedata.category(sign)[0] not in "MZCP"
    )
    return "".join(letters).translate(_TABLE)


class Impersonation:
    """Learns of moderators as they speak: the list of members needs a privileged intent."""

    def __init__(self, user: discord.ClientUser) -> None:
        self.user = user
        self._moderators: defaultdict[int, LRUCache[int, str]] = defaultdict(
            lambda: LRUCache(_MOST_MODERATORS)
        )

    def note(self, person: discord.abc.User) -> None:
        """Remembers a member who may manage the server or its messages."""
        if isinstance(person, discord.Member) and _moderates(person):
            self._moderators[person.guild.id][person.id] = person.display_name

    def names(self, room: object, *, but: int | None = None) -> set[str]:
        """Names that nobody may pass under, `but` that person's own."""
        guild = getattr(room, "guild", None)
        if guild is None:
            return {self.user.name, self.user.display_name}
        names = {guild.me.name, guild.me.global_name or guild.me.name}
        known = dict(self._moderators[guild.id])
        known |= {person.id: person.display_name for person in guild.members if _moderates(person)}
        names.update(name for id_, name in known.items() if id_ != but)
        return names


def _moderates(person: discord.Member) -> bool:
    rights = person.guild_permissions
    return person.bot is False and (rights.manage_guild or rights.manage_messages)
