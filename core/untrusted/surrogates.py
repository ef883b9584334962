"""UTF-16 in text from strangers: halves of an emoji that arrived apart, and lengths counted in it.

JSON may hold half a character (`"\\ud83d"`), and streams cut emoji in two; neither a database nor
Discord takes a half.
"""

import re

_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_LONE = "\ufffd"


def utf16_length(text: str) -> int:
    """The length in UTF-16 units, as JavaScript and Discord count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def join_surrogates(text: str) -> str:
    """`text` with pairs of halves joined and lone ones replaced; itself where there are none."""
    if text.isascii() or not _HALVES.search(text):
        return text
    # A function for each: in between, other threads get their turn also under a large file.
    return _HALVES.sub(_joined, text)


def _joined(halves: re.Match[str]) -> str:
    if len(halves[0]) == 1:
        return _LONE
    return halves[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def clean_text(text: str) -> str:
    """`text` as databases take it: without NUL, and with whole characters only."""
    return join_surrogates(text.replace("\0", ""))


class SurrogateJoiner:
    """Joins halves that come in two pieces of a stream."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """The text so far without a half that may still find its other half."""
        if self._held:
            text, self._held = self._held + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return join_surrogates(text)

    def close(self) -> str:
        """What is left at the end: a replacement character for a lone half."""
        held, self._held = self._held, ""
        return _LONE if held else ""
