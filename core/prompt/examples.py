"""Dialogue examples: blocks, the turns inside of a block, and their form in instruct mode."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.macros.javascript import trim
from core.prompt.templates import InstructTemplate, NamesBehavior

HEADING = "<START>\n"

_START = re.compile("<START>", re.IGNORECASE)
_HEADING = re.compile(r"<START>\n", re.IGNORECASE)
_NAME = re.compile(r"\{\{name\}\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Speakers:
    """Whose lines are looked for. `members` is empty outside of groups."""

    user: str
    char: str
    members: tuple[str, ...] = ()
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a block; in groups the text begins with the speaker's name."""

    is_user: bool
    text: str


def blocks(text: str, heading: str) -> list[str]:
    """The blocks of an examples field, each under `heading`."""
    if not text or text == "<START>":
        return []
    if not text.startswith("<START>"):
        text = HEADING + trim(text)
    # What stands before the first <START>, in whatever case, is dropped.
    return [f"{heading}{trim(block)}\n" for block in _START.split(text)[1:]]


def turns(block: str, speakers: Speakers, named: bool) -> list[Turn]:
    """The turns of a block without its heading line. `named`: groups keep the names."""
    return _Reader(speakers, named).read(block.split("\n")[1:])


class _Reader:
    """Reads line by line; a turn is closed only when the other side begins to speak."""

    def __init__(self, speakers: Speakers, named: bool) -> None:
        self._speakers = speakers
        self._named = named and speakers.grouped
        self._bot = speakers.char
        self._lines: list[str] = []
        self._turns: list[Turn] = []

    def read(self, lines: Sequence[str]) -> list[Turn]:
        user_speaks: bool | None = None
        for line in lines:
            speaker = self._speaker(line)
            if speaker is not None:
                if user_speaks is not None and speaker != user_speaks:
                    self._close(user_speaks)
                user_speaks = speaker
            self._lines.append(line)
        if user_speaks is not None:
            self._close(user_speaks)
        return self._turns

    def _speaker(self, line: str) -> bool | None:
        """True: the user begins to speak; False: the bot; None: the line goes on."""
        if line.startswith(f"{self._speakers.user}:"):
            return True
        if line.startswith(f"{self._speakers.char}:"):
            return False
        if any(line.startswith(f"{name}:") for name in self._speakers.members):
            self._bot = line.partition(":")[0]
            return False
        return None

    def _close(self, is_user: bool) -> None:
        name = self._speakers.user if is_user else self._bot
        text = trim("\n".join(self._lines).replace(f"{name}:", "", 1))
        self._turns.append(Turn(is_user, f"{name}: {text}" if self._named else text))
        self._lines = []


def format_instruct(
    parsed: Sequence[str],
    template: InstructTemplate,
    speakers: Speakers,
    separator: str,
    expand: Callable[[str], str],
) -> list[str]:
    """Blocks as elements in instruct form: the separator, then one element a turn.

    `separator` stands between blocks, expanded and with its line end; it may be empty.
    """
    plain = [_HEADING.sub(lambda found: separator, block, count=1) for block in parsed]
    if template.skip_examples:
        return plain
    form = _Form(template, speakers, expand)
    elements: list[str] = []
    for block in parsed:
        found = turns(_START.sub("", block, count=1).replace("\r", ""), speakers, form.grouped)
        if found and separator:
            elements.append(separator)
        elements.extend(form.element(turn) for turn in found)
    return elements or plain


class _Form:
    """The sequences around example turns; first and last variants are never used here."""

    def __init__(
        self, template: InstructTemplate, speakers: Speakers, expand: Callable[[str], str]
    ) -> None:
        behavior = template.names_behavior
        self.grouped = speakers.grouped and behavior is not NamesBehavior.NONE
        self._always = behavior is NamesBehavior.ALWAYS
        # Forced names are the user's only; the character's stay out (SEMANTICS 15).
        self._forced = behavior is NamesBehavior.FORCE
        self._template = template
        self._speakers = speakers
        self._wrap = "\n" if template.wrap else ""
        self._user = self._around(template.input_sequence, template.input_suffix, True, expand)
        self._char = self._around(template.output_sequence, template.output_suffix, False, expand)

    def _around(
        self, prefix: str, suffix: str, is_user: bool, expand: Callable[[str], str]
    ) -> tuple[str, str]:
        if not self._template.macro:
            return prefix, suffix
        name = self._speakers.user if is_user else self._speakers.char
        prefix, suffix = (
            _NAME.sub(lambda found: name, expand(sequence)) for sequence in (prefix, suffix)
        )
        return prefix, suffix or self._wrap

    def element(self, turn: Turn) -> str:
        prefix, suffix = self._user if turn.is_user else self._char
        name = self._speakers.user if turn.is_user else self._speakers.char
        shown = not self.grouped and (self._always or (self._forced and turn.is_user))
        text = f"{name}: {turn.text}" if shown else turn.text
        return self._wrap.join(piece for piece in (prefix, text + suffix) if piece)
