"""Stop strings: those of a prompt in SillyTavern's order, and the JSON list that people write."""

import json

from core.errors import InvalidOption
from core.prompt.context import Purpose
from core.prompt.prompt_build import PromptBuild
from core.prompt.text.instruct import Instruct
from core.reasons import Reason

KEY = "stop.custom"
EXAMPLE = '["\\n\\n", "###"]'
MOST = 100
LONGEST = 500


def stop_strings(build: PromptBuild, instruct: Instruct | None) -> tuple[str, ...]:
    """All stop strings of a text prompt, empty ones and repetitions left out."""
    template = build.context.context_template
    stops: list[str] = ["\n"] if build.context.formatting.single_line else []
    if template.names_as_stop_strings:
        stops += _names(build)
    if instruct is not None:
        stops += instruct.stop_sequences()
    if template.use_stop_strings:
        for marker in (template.chat_start, template.example_separator):
            if marker:
                stops.append("\n" + build.expand(marker))
    stops += custom_stops(build)
    return tuple(dict.fromkeys(stop for stop in stops if stop))


def custom_stops(build: PromptBuild) -> list[str]:
    formatting = build.context.formatting
    own = [stop for stop in formatting.custom_stop if stop]
    return [build.expand(stop) for stop in own] if formatting.custom_stop_macros else own


def _names(build: PromptBuild) -> list[str]:
    context = build.context
    user, char = f"\n{build.user}:", f"\n{build.char}:"
    names = [char if context.purpose is Purpose.IMPERSONATE else user, user]
    if build.continues and build.chat and build.chat[-1].is_user:
        names.append(char)
    others = context.group.names(without=build.char) if context.group else ()
    return names + [f"\n{name}:" for name in others]


def read_stops(text: str) -> list[str]:
    """The strings of a JSON list. Raises InvalidOption (line, column, reason)."""
    try:
        # Forms have real line breaks, which strict JSON does not take.
        found = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        raise _fault(text, error.pos, Reason.STOP_LIST_SIGN) from None
    if not isinstance(found, list):
        raise _fault(text, len(text) - len(text.lstrip()), Reason.STOP_LIST_START)
    for number, item in enumerate(found, 1):
        if not isinstance(item, str) or not item or len(item) > LONGEST:
            place = _place_of(text, number)
            raise _fault(text, place, Reason.STOP_LIST_ITEM, number=number, most=LONGEST)
    if len(found) > MOST:
        raise _fault(text, _place_of(text, MOST + 1), Reason.TOO_MANY_PARTS, most=MOST)
    return list(dict.fromkeys(found))


def _fault(text: str, place: int, reason: Reason, **facts: object) -> InvalidOption:
    line, start = text.count("\n", 0, place) + 1, text.rfind("\n", 0, place) + 1
    return InvalidOption(
        reason,
        key=KEY,
        value=text[:80],
        line=line,
        column=place - start + 1,
        expected=EXAMPLE,
        **facts,
    )


def _place_of(text: str, number: int) -> int:
    """Where the item of that number begins in a valid list."""
    decoder, place = json.JSONDecoder(strict=False), text.index("[") + 1
    for _ in range(number - 1):
        place = decoder.raw_decode(text, _next(text, place))[1]
        place = _next(text, place) + 1
    return _next(text, place)


def _next(text: str, place: int) -> int:
    while text[place].isspace():
        place += 1
    return place
