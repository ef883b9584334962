"""Stop strings as people write them: a JSON list."""

import json

from core.errors import InvalidOption

KEY = "stop.custom"
EXAMPLE = '["\\n\\n", "###"]'
MOST = 100
LONGEST = 500


def read_stops(text: str) -> list[str]:
    """The strings of a JSON list. Raises InvalidOption (line, column, reason)."""
    try:
        # Forms have real line breaks, which strict JSON does not take.
        found = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:].removesuffix(" starting at")
        raise _fault(text, error.pos, reason) from None
    if not isinstance(found, list):
        raise _fault(text, len(text) - len(text.lstrip()), "it begins with no [")
    for number, item in enumerate(found, 1):
        if not isinstance(item, str) or not item or len(item) > LONGEST:
            reason = f"item {number} is no text of 1 to {LONGEST} characters"
            raise _fault(text, _place_of(text, number), reason)
    if len(found) > MOST:
        raise _fault(text, _place_of(text, MOST + 1), f"there are more than {MOST}")
    return list(dict.fromkeys(found))


def _fault(text: str, place: int, reason: str) -> InvalidOption:
    line, start = text.count("\n", 0, place) + 1, text.rfind("\n", 0, place) + 1
    return InvalidOption(
        f"line {line}, column {place - start + 1}: {reason}",
        key=KEY,
        value=text[:80],
        line=line,
        column=place - start + 1,
        reason=reason,
        expected=EXAMPLE,
    )


def _place_of(text: str, number: int) -> int:
    """Where the item of that number begins in a valid list."""
    decoder, place = json.JSONDecoder(strict=False), text.index("[") + 1
    for _ in range(number - 1):
        place = decoder.raw_decode(text, _next(text, place))[1]
        place = _next(text, place) + 1
    return _next(text, place)


def _next(text: str, place: int) -> int:
    """The next place that is not white."""
    while text[place].isspace():
        place += 1
    return place
