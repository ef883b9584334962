"""Dialogue examples: the card's and those of lore, as blocks, as messages and formatted."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.kind import Kind
from core.lorebook import ScanResult
from core.macros.javascript import trim
from core.presets.templates import InstructTemplate, NamesBehavior
from core.prompt.card import finish_field
from core.prompt.prompt_build import PromptBuild
from core.prompt.text.instruct import with_name

HEADING = "<START>\n"

_START = re.compile("<START>", re.IGNORECASE)
_HEADING = re.compile(r"<START>\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Speakers:
    """Whose lines are looked for. `members` is empty outside of groups."""

    user: str
    char: str
    members: tuple[str, ...] = ()
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class ExampleMessage:
    """What one speaker says in a block; in groups the text begins with the speaker's name."""

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


def example_messages(block: str, speakers: Speakers, named: bool) -> list[ExampleMessage]:
    """What is said in a block without its heading line. `named`: groups keep the names."""
    return _BlockReader(speakers, named).read(block.split("\n")[1:])


class _BlockReader:
    """Reads line by line; a message is closed only when the other side begins to speak."""

    def __init__(self, speakers: Speakers, named: bool) -> None:
        self._speakers = speakers
        self._named = named and speakers.grouped
        self._bot = speakers.char
        self._lines: list[str] = []
        self._messages: list[ExampleMessage] = []

    def read(self, lines: Sequence[str]) -> list[ExampleMessage]:
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
        return self._messages

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
        self._messages.append(ExampleMessage(is_user, f"{name}: {text}" if self._named else text))
        self._lines = []


def format_instruct(
    parsed: Sequence[str],
    template: InstructTemplate,
    speakers: Speakers,
    separator: str,
    expand: Callable[[str], str],
) -> list[str]:
    """Blocks as elements in instruct form: the separator, then one element a message.

    `separator` stands between blocks, expanded and with its line end; it may be empty.
    """
    plain = [_HEADING.sub(lambda found: separator, block, count=1) for block in parsed]
    if template.skip_examples:
        return plain
    behavior = template.names_behavior
    named = speakers.grouped and behavior is not NamesBehavior.NONE
    # Forced names are the user's only; SillyTavern 1.19.0 leaves the character's out.
    shown = {
        True: not named and behavior is not NamesBehavior.NONE,
        False: not named and behavior is NamesBehavior.ALWAYS,
    }
    wrap = "\n" if template.wrap else ""

    def around(prefix: str, suffix: str, name: str) -> tuple[str, str, str]:
        if template.macro:
            prefix, suffix = (with_name(expand(sequence), name) for sequence in (prefix, suffix))
            suffix = suffix or wrap
        return prefix, suffix, name

    # First and last variants of the sequences are never used here.
    sides = {
        True: around(template.input_sequence, template.input_suffix, speakers.user),
        False: around(template.output_sequence, template.output_suffix, speakers.char),
    }
    elements: list[str] = []
    for block in parsed:
        block = _START.sub("", block, count=1).replace("\r", "")
        found = example_messages(block, speakers, named)
        if found and separator:
            elements.append(separator)
        for message in found:
            prefix, suffix, name = sides[message.is_user]
            text = f"{name}: {message.text}" if shown[message.is_user] else message.text
            elements.append(wrap.join(piece for piece in (prefix, text + suffix) if piece))
    return elements or plain


def speakers(build: PromptBuild) -> Speakers:
    """Whose lines dialogue examples are searched for."""
    group, names = build.context.group, build.macros.environment.names
    return Speakers(
        names.user, build.char, tuple(group.names()) if group else (), group is not None
    )


def separator(build: PromptBuild) -> str:
    """What stands between example blocks, with its line end."""
    text = build.context.context_template.example_separator
    return build.macros.expand(text) + "\n" if text else ""


def example_blocks(build: PromptBuild, lore: ScanResult, heading: str) -> list[str]:
    """The card's blocks with lore around them; entries for the top are put in front one by one.

    Shielded text in them is not yet revealed.
    """
    parsed = blocks(build.card.examples, heading)
    for text in lore.examples_top:
        parsed = blocks(text, heading) + parsed
    for text in lore.examples_bottom:
        parsed = parsed + blocks(text, heading)
    return parsed


def finished_examples(build: PromptBuild, lore: ScanResult) -> ScanResult:
    """The scan's result with the macros of its examples resolved, which is before outlets are."""
    top, bottom = (
        tuple(finish_field(build.context, build.macros, text) for text in texts)
        for texts in (lore.examples_top, lore.examples_bottom)
    )
    return replace(lore, examples_top=top, examples_bottom=bottom)


def example_formatter(build: PromptBuild) -> Callable[[str], str]:
    """What `{{mesExamples}}` makes of the card's examples in this prompt."""

    def formatted(text: str) -> str:
        between, instruct = separator(build), build.context.instruct
        if instruct is None:
            return "".join(blocks(text, HEADING if build.context.kind is Kind.CHAT else between))
        parsed = blocks(text, HEADING)
        return "".join(
            format_instruct(parsed, instruct, speakers(build), between, build.macros.expand)
        )

    return formatted
