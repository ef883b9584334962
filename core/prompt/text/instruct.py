"""Instruct mode: the sequences around messages, the reply's opening, the stop sequences."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.macros.javascript import WHITE, trim
from core.prompt.templates import InstructTemplate, NamesBehavior

_NAME = re.compile(r"\{\{name\}\}", re.IGNORECASE)
_STEADY = re.compile(r"\{\{(?:name|user|char|group)\}\}", re.IGNORECASE)


class Variant(StrEnum):
    """Which sequence opens a message."""

    NORMAL = "normal"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Speech:
    """A message to be formatted. A name that is missing is never shown."""

    name: str
    text: str
    is_user: bool = False
    narrator: bool = False
    borrowed_name: bool = False
    named: bool = False
    """Several people speak: the name is shown whatever the template says."""


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
        self._frames: dict[tuple[str, str, str], tuple[str, str]] = {}

    def message(self, speech: Speech, variant: Variant = Variant.NORMAL) -> str:
        """The message between its sequences."""
        prefix, suffix = self._frame(speech, variant)
        shown = speech.name and self._shows_name(speech)
        text = f"{speech.name}: {speech.text}" if shown else speech.text
        return self.wrap.join(piece for piece in (prefix, text + suffix) if piece)

    def message_until_text(self, speech: Speech) -> str:
        """The message to be continued: opened as the last one, cut right behind its text."""
        prefix, _ = self._frame(speech, Variant.LAST)
        shown = speech.name and self._shows_name(speech)
        text = f"{speech.name}: {speech.text}" if shown else speech.text
        return prefix + self.wrap + text if prefix else text

    def _shows_name(self, speech: Speech) -> bool:
        if speech.narrator:
            return False
        behavior = self.template.names_behavior
        if behavior is NamesBehavior.ALWAYS or (speech.named and speech.is_user):
            return True
        other = speech.name != self.user
        return behavior is NamesBehavior.FORCE and other and (self.grouped or speech.borrowed_name)

    def _frame(self, speech: Speech, variant: Variant) -> tuple[str, str]:
        prefix, suffix = self._sequences(speech, variant)
        if not self.template.macro:
            return prefix, suffix or self.wrap
        key = (prefix, suffix, speech.name)
        frame = self._frames.get(key)
        if frame is None:
            frame = (self._filled(prefix, speech.name), self._filled(suffix, speech.name))
            # Sequences are expanded for every message; only plain names come out the same.
            if "{{" not in _STEADY.sub("", prefix + suffix):
                self._frames[key] = frame
        return frame[0], frame[1] or self.wrap

    @property
    def frames(self) -> tuple[str | bool, ...] | None:
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

    def _sequences(self, speech: Speech, variant: Variant) -> tuple[str, str]:
        template = self.template
        if speech.narrator:
            if template.system_same_as_user:
                return template.input_sequence, template.input_suffix
            return template.system_sequence, template.system_suffix
        if speech.is_user:
            special = {
                Variant.FIRST: template.first_input_sequence,
                Variant.LAST: template.last_input_sequence,
            }
            return special.get(variant) or template.input_sequence, template.input_suffix
        special = {
            Variant.FIRST: template.first_output_sequence,
            Variant.LAST: template.last_output_sequence,
        }
        return special.get(variant) or template.output_sequence, template.output_suffix

    def _filled(self, sequence: str, name: str) -> str:
        return _NAME.sub(lambda found: name or "System", self._expand(sequence))

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
        """The template's own stop strings, in order."""
        template = self.template
        lines = [template.stop_sequence]
        if template.sequences_as_stop_strings:
            lines += [
                _NAME.sub(lambda found: self.user, template.input_sequence),
                _NAME.sub(lambda found: self.char, template.output_sequence),
                _NAME.sub(lambda found: self.char, template.first_output_sequence),
                _NAME.sub(lambda found: self.char, template.last_output_sequence),
                _NAME.sub(lambda found: "System", template.system_sequence),
                _NAME.sub(lambda found: "System", template.last_system_sequence),
            ]
        single = dict.fromkeys("\n".join(lines).split("\n"))
        stops = [self.wrap + line for line in single if trim(line)]
        return [self._expand(stop) for stop in stops] if template.macro else stops
