"""Keeps people's and models' text from working as macro, speaker line or instruct marker.

Only guarded contexts use it; the offline `prompt` command builds exactly what SillyTavern would.
"""

import re
from collections.abc import Hashable, Iterable
from functools import lru_cache

from core.prompt.context import LONGEST_MESSAGE, Context, HistoryMessage

_SHIELD = str.maketrans({"{": "\ufdd0", "}": "\ufdd1", "<": "\ufdd2"})
"""Macro braces and legacy markers, held as noncharacters until all macros are resolved."""
_REVEAL = str.maketrans({"\ufdd0": "{", "\ufdd1": "}", "\ufdd2": "<"})
_HELD = re.compile("[\ufdd0-\ufdd2]")

BREAK = "\u200b"
"""Put into a marker so that it stays readable but opens nothing: a zero-width space."""

_TOKENS = (
    r"<\|[^<>|\n]{1,64}\|>",
    r"<｜[^<>｜\n]{1,64}｜>",
    r"\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS)\]",
    r"<</?SYS>>",
    r"</?s>",
    r"<(?:start|end)_of_turn>",
    r"<(?:bos|eos|pad|unk)>",
    r"\[gMASK\]|<sop>|<eop>",
)
"""Special tokens of usual model families, whatever template is in use."""
_MAX_NAMES = 64
SHORTENED = " […] "
"""Stands where the middle of a message was left out."""


class Guard:
    """The guard of one prompt: knows who speaks in it and which markers its template uses."""

    def __init__(self, context: Context) -> None:
        self.active = context.guarded
        self.longest = context.room.message if context.room is not None else LONGEST_MESSAGE
        """Characters of a message beyond which its middle is left out."""
        self._names = tuple(_speakers(context)) if self.active else ()
        self._markers = tuple(_markers(context)) if self.active else ()

    @property
    def format_key(self) -> Hashable:
        """What it does to a text depends on this."""
        return self.active, self._names, self._markers, self.longest

    def shield(self, text: str) -> str:
        """A value from people or models, in a form that the macro engine does not read."""
        if not self.active:
            return text
        return _HELD.sub("", text).translate(_SHIELD)

    def reveal(self, text: str) -> str:
        """The text with shielded characters as they were; the last step of every part."""
        return text.translate(_REVEAL) if self.active and _HELD.search(text) else text

    def name(self, name: str) -> str:
        """A person's name: one line, opens nothing."""
        if not self.active:
            return name
        return self.shield(self._without_tokens(" ".join(name.split())))

    def words(self, message: HistoryMessage) -> str:
        """A message's own words: of long pastes the beginning and the end."""
        if not self.active:
            return message.text
        text = message.text if message.trusted else _HELD.sub("", message.text)
        return shortened(text, self.longest)

    def message(self, message: HistoryMessage) -> str:
        """A message's text for a text prompt."""
        words = self.words(message)
        if not self.active or message.trusted:
            return words
        text = self._without_tokens(words)
        return _speaker_lines(self._names).sub(rf"\1{BREAK}:", text)

    def _without_tokens(self, text: str) -> str:
        pattern = _token_pattern(self._markers)
        return pattern.sub(lambda found: found[0][0] + BREAK + found[0][1:], text)


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters and the mark, its middle left out."""
    if len(text) <= most:
        return text
    front = (most + 1) // 2
    return text[:front].rstrip() + SHORTENED + text[len(text) - most + front :].lstrip()


def _speakers(context: Context) -> Iterable[str]:
    """Everyone whose name at a line's beginning would look like the next turn."""
    members = context.group.names() if context.group else ()
    names = [context.user_name, context.character.name, *members, "System"]
    recent = (message.name for message in context.history[-_MAX_NAMES:])
    return dict.fromkeys(name for name in (*names, *recent) if name.strip())


def _markers(context: Context) -> Iterable[str]:
    template = context.instruct
    if template is None:
        return ()
    sequences = (
        *(template.input_sequence, template.input_suffix, template.output_sequence),
        *(template.output_suffix, template.system_sequence, template.system_suffix),
        *(template.first_input_sequence, template.last_input_sequence, template.stop_sequence),
        *(template.first_output_sequence, template.last_output_sequence),
        *(template.last_system_sequence, template.story_string_prefix),
        template.story_string_suffix,
    )
    lines = (line.strip() for sequence in sequences for line in sequence.splitlines())
    return dict.fromkeys(line for line in lines if len(line) > 2 and "{{" not in line)


@lru_cache(maxsize=64)
def _token_pattern(markers: tuple[str, ...]) -> re.Pattern[str]:
    own = sorted((re.escape(marker) for marker in markers), key=len, reverse=True)
    return re.compile("|".join([*own, *_TOKENS]), re.IGNORECASE)


@lru_cache(maxsize=256)
def _speaker_lines(names: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(name) for name in names)
    return re.compile(rf"^([ \t]*(?:{alternatives}))[ \t]*:", re.IGNORECASE | re.MULTILINE)
