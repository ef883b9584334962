"""Instruct mode: the sequences around messages, the reply's opening, the stop sequences."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.macros.javascript import trim
from core.patterns.characters import WHITE
from core.presets.templates import InstructTemplate, NamesBehavior

_NAME = re.compile(r"\{\{name\}\}", re.IGNORECASE)
_STEADY = re.compile(r"\{\{(?:name|user|char|group)\}\}", re.IGNORECASE)


class SequenceVariant(StrEnum):
    NORMAL = "normal"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class InstructMessage:
    """A message to be formatted. A name that is missing is never shown."""

    name: str
    text: str
    is_user: bool = False
    narrator: bool = False
    borrowed_name: bool = False
    named: bool = False
    """Several people speak: the name is shown whatever the template says."""


def with_name(sequence: str, name: str) -> str:
    return _NAME.sub(lambda found: name, sequence)


class Instruct:
    """An instruct template at work in one prompt."""

    def __init__(
        self,
        template: InstructTemplate,
        user: str,
        char: str,
        grouped: bool,
        expand: Callable[[str], str],
    ) -> None:
        self.template = template
        self.user = user
        self.char = char
        self.grouped = grouped
        self._expand = expand
        self.wrap = "\n" if template.wrap else ""
        self._known: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._special = {
            (True, SequenceVariant.FIRST): template.first_input_sequence,
            (True, SequenceVariant.LAST): template.last_input_sequence,
            (False, SequenceVariant.FIRST): template.first_output_sequence,
            (False, SequenceVariant.LAST): template.last_output_sequence,
        }

    def message(
        self, message: InstructMessage, variant: SequenceVariant = SequenceVariant.NORMAL
    ) -> str:
        prefix, suffix = self._around(message, variant)
        text = self._named(message) + suffix
        return self.wrap.join(piece for piece in (prefix, text) if piece)

    def message_until_text(self, message: InstructMessage) -> str:
        """The message to be continued: opened as the last one, cut right behind its text."""
        prefix, _ = self._around(message, SequenceVariant.LAST)
        text = self._named(message)
        return prefix + self.wrap + text if prefix else text

    def _named(self, message: InstructMessage) -> str:
        shown = message.name and self._shows_name(message)
        return f"{message.name}: {message.text}" if shown else message.text

    def _shows_name(self, message: InstructMessage) -> bool:
        if message.narrator:
            return False
        behavior = self.template.names_behavior
        if behavior is NamesBehavior.ALWAYS or (message.named and message.is_user):
            return True
        other = message.name != self.user
        return behavior is NamesBehavior.FORCE and other and (self.grouped or message.borrowed_name)

    def _around(self, message: InstructMessage, variant: SequenceVariant) -> tuple[str, str]:
        prefix, suffix = self._sequences(message, variant)
        if not self.template.macro:
            return prefix, suffix or self.wrap
        key = (prefix, suffix, message.name)
        known = self._known.get(key)
        if known is None:
            known = (self._filled(prefix, message.name), self._filled(suffix, message.name))
            # Sequences are expanded for every message; only plain names come out the same.
            if "{{" not in _STEADY.sub("", prefix + suffix):
                self._known[key] = known
        return known[0], known[1] or self.wrap

    @property
    def format_key(self) -> tuple[str | bool, ...] | None:
        """What stands around usual messages; None where it may differ from one to the next."""
        template = self.template
        around = "\0".join(
            (
                *(template.input_sequence, template.input_suffix),
                *(template.output_sequence, template.output_suffix),
                *(template.system_sequence, template.system_suffix),
            )
        )
        if template.macro and "{{" in around and "{{" in _STEADY.sub("", around):
            return None
        switches = (template.wrap, template.macro, template.system_same_as_user, self.grouped)
        return (around, self.user, self.char, template.names_behavior, *switches)

    def _sequences(self, message: InstructMessage, variant: SequenceVariant) -> tuple[str, str]:
        template = self.template
        if message.narrator and template.system_same_as_user:
            return template.input_sequence, template.input_suffix
        if message.narrator:
            return template.system_sequence, template.system_suffix
        special = self._special.get((message.is_user, variant))
        if message.is_user:
            return special or template.input_sequence, template.input_suffix
        return special or template.output_sequence, template.output_suffix

    def _filled(self, sequence: str, name: str) -> str:
        return with_name(self._expand(sequence), name or "System")

    def story(self, story: str) -> str:
        """The story string between its prefix and suffix; an empty one gets neither."""
        if not story:
            return ""
        template = self.template
        if template.story_string_prefix:
            story = self._filled(template.story_string_prefix, "") + self.wrap + story
        return story + self._expand(template.story_string_suffix)

    def opening(self, impersonates: bool, quiet: bool, reply_start: str) -> str:
        """What opens the reply: the sequence and, where names are shown, the name."""
        template = self.template
        name = "System" if quiet else self.user if impersonates else self.char
        shown = self._opens_with_name() and not quiet and name != ""
        sequence = self._opening_sequence(impersonates, quiet)
        filler = self._filler(sequence) if shown else ""
        if template.macro:
            sequence = self._filled(sequence, name)
        text = self.wrap + sequence
        if shown:
            text += f"{self.wrap}{filler}{name}:"
        if quiet:
            # The quiet prompt ends with a line end of its own.
            text = text.removeprefix(self.wrap)
        if reply_start and not impersonates:
            text += reply_start if shown else self.wrap + reply_start.lstrip(WHITE)
        if template.wrap:
            text = text.rstrip(WHITE)
        return text if shown else text + self.wrap

    def _opens_with_name(self) -> bool:
        behavior = self.template.names_behavior
        forced = behavior is NamesBehavior.FORCE and self.grouped
        return behavior is NamesBehavior.ALWAYS or forced

    def _opening_sequence(self, impersonates: bool, quiet: bool) -> str:
        template = self.template
        if impersonates:
            return template.last_input_sequence or template.input_sequence
        if quiet:
            return template.last_system_sequence or template.output_sequence
        return template.last_output_sequence or template.output_sequence

    def _filler(self, sequence: str) -> str:
        """The white space that ends the usual sequence where the last variant lacks it."""
        usual, last = self.template.output_sequence, self.template.last_output_sequence
        takes = last and usual and sequence == last
        return usual[-1] if takes and usual[-1] in WHITE and last[-1] not in WHITE else ""

    def stop_sequences(self) -> list[str]:
        template = self.template
        lines = [template.stop_sequence]
        if template.sequences_as_stop_strings:
            named = (
                (template.input_sequence, self.user),
                (template.output_sequence, self.char),
                (template.first_output_sequence, self.char),
                (template.last_output_sequence, self.char),
                (template.system_sequence, "System"),
                (template.last_system_sequence, "System"),
            )
            lines += [with_name(sequence, name) for sequence, name in named]
        single = dict.fromkeys("\n".join(lines).split("\n"))
        stops = [self.wrap + line for line in single if trim(line)]
        return [self._expand(stop) for stop in stops] if template.macro else stops
