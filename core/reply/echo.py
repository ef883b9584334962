"""Joining a reply to the words that stand in front of it, where the model began anew.

A model that cannot go on in the middle of a message is told in words how its reply begins; some
then repeat those words, some do not.
"""

_WIDE = 0x2E80
"""Chinese, Japanese and Korean letters begin here; they are written without spaces."""
_OPENING = "([{“‘«„—-–/"


def behind(start: str, body: str, *, ended: bool) -> str:
    """What of a model's text follows `start`: without a repetition of it, and set off from it.

    Until the text has `ended`, what may still turn out to be the repetition is held back.
    """
    said, wanted = body.lstrip(), start.strip()
    if said.startswith(wanted):
        rest = said[len(wanted) :]
        return rest.lstrip() if start[-1:].isspace() else rest
    if not ended and wanted.startswith(said):
        return ""
    if start[-1:].isspace():
        return said
    return body if body != said or not _needs_space(start, said) else f" {body}"


def _needs_space(start: str, said: str) -> bool:
    last, first = start[-1:], said[:1]
    if not last or not first or last in _OPENING or max(ord(last), ord(first)) >= _WIDE:
        return False
    is_open = last in '*"_' and start.count(last) % 2 == 1
    return not is_open and (first.isalnum() or first in '*"_“‘«(')
