"""What a free service puts into its replies for itself."""

from collections.abc import Sequence

import regex

_LINK = regex.compile(r"\[([^\]\n]{1,200})\]\([^)\s]{1,2000}\)")
_ADDRESS = regex.compile(r"http(s?)://", regex.IGNORECASE)
_RULE = regex.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*")


def without_adverts(text: str, patterns: Sequence[str], *, keep: bool, final: bool) -> str:
    """`text` without its adverts, or with adverts whose links cannot be followed.

    An advert begins with a line and ends with its paragraph. While the text grows, a paragraph
    that may become one is left out.
    """
    if not patterns:
        return text
    lines = text.split("\n")
    kept: list[str] = []
    number, found = 0, False
    while number < len(lines):
        end = next((at for at in range(number, len(lines)) if not lines[at].strip()), len(lines))
        paragraph = "\n".join(lines[number:end])
        verdict = _is_advert(paragraph, patterns, final=final or end < len(lines))
        if verdict is None:
            break
        if not verdict:
            kept.append(lines[number])
            number += 1
            continue
        found = True
        if keep:
            kept += without_links(paragraph).split("\n")
        else:
            _drop_rules(kept)
        number = end
        if not keep:
            number = _after_rules(lines, number)
    waits = not final and not keep and number >= len(lines)
    if waits or (found and not keep):
        _drop_rules(kept)
    return "\n".join(kept)


def _is_advert(paragraph: str, patterns: Sequence[str], *, final: bool) -> bool | None:
    if not paragraph.strip():
        return False
    flags = regex.IGNORECASE | regex.DOTALL
    found = [regex.fullmatch(one, paragraph, flags, partial=not final) for one in patterns]
    if any(one is not None and not one.partial for one in found):
        return True if final else None
    return None if any(found) else False


def _drop_rules(lines: list[str]) -> None:
    """Takes the lines that divide a text off its end."""
    kept = len(lines)
    while kept and (not lines[kept - 1].strip() or _RULE.fullmatch(lines[kept - 1])):
        kept -= 1
    if any(_RULE.fullmatch(line) for line in lines[kept:]):
        del lines[kept:]


def _after_rules(lines: Sequence[str], number: int) -> int:
    """The line behind those that divide a text."""
    after = number
    while after < len(lines) and (not lines[after].strip() or _RULE.fullmatch(lines[after])):
        after += 1
    return after if any(_RULE.fullmatch(line) for line in lines[number:after]) else number


def without_links(text: str) -> str:
    """`text` whose links cannot be followed."""
    return _ADDRESS.sub(r"hxxp\1://", _LINK.sub(r"\1", text))
