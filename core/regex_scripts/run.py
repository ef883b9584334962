"""Runs scripts on texts. A script that is stopped leaves the text as it was."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.errors import InvalidRegex
from core.macros.engine import Macros
from core.macros.environment import MacroNames
from core.macros.variables import VariableWrite
from core.patterns.characters import to_units
from core.patterns.finder import Finder, Match, Matches
from core.patterns.pattern import Pattern
from core.regex_scripts.script import (
    PatternMacros,
    Placement,
    RegexScript,
    Target,
    pattern_of,
)
from core.untrusted.surrogates import join_surrogates, utf16_length

MAX_RESULT = 262_144
"""Characters that a text may grow to; a script that makes more of it is stopped."""

_WHOLE = re.compile(r"\{\{match\}\}", re.IGNORECASE)
_GROUP = re.compile(r"\$([0-9]+)|\$<([^>]+)>")
_SPECIAL = re.compile(r"[\n\r\t\v\f\0.^$*+?{}\[\]\\/|()]")
_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\f": "\\f", "\0": "\\0"}

# What was found is a model's or person's text: its braces, old markers and separators must not
# work as macros. They are held as noncharacters until the macros of the script are resolved.
_SHIELD = str.maketrans({"{": "\ufdd0", "}": "\ufdd1", "<": "\ufdd2", ":": "\ufdd3"})
_REVEAL = str.maketrans({"\ufdd0": "{", "\ufdd1": "}", "\ufdd2": "<", "\ufdd3": ":"})
_HELD = re.compile("[\ufdd0-\ufdd3]")
_MACRO = re.compile("\ufdd0(?=\ufdd0)|\ufdd2(?=user|bot|char|group)", re.IGNORECASE)
_BREAK = "\u200b"
"""Between braces it makes them plain text that can still be read."""


class ScriptMacros(Protocol):
    """What macros in scripts give."""

    def pattern(self, text: str, *, escaped: bool) -> str:
        """A pattern with its macros resolved, perhaps so that their texts are found as they are."""

    def replacement(self, text: str) -> str:
        """A replacement with its macros resolved."""

    def trim(self, text: str, speaker: str | None) -> str:
        """A text to be taken out; `speaker` is {{char}} where that is another than usual."""


@dataclass(slots=True)
class NoMacros(ScriptMacros):
    """Macros stay as they are written."""

    def pattern(self, text: str, *, escaped: bool) -> str:
        return text

    def replacement(self, text: str) -> str:
        return text

    def trim(self, text: str, speaker: str | None) -> str:
        return text


@dataclass(slots=True)
class PromptMacros(ScriptMacros):
    """The macros of a prompt or reply, on the texts of scripts."""

    macros: Macros

    def pattern(self, text: str, *, escaped: bool) -> str:
        return _revealed(self.macros.expand(text, each=_escaped if escaped else None))

    def replacement(self, text: str) -> str:
        return self.macros.expand(text)

    def trim(self, text: str, speaker: str | None) -> str:
        names: MacroNames | None = None
        if speaker is not None:
            usual = self.macros.environment.names
            names = MacroNames(
                usual.user, speaker, usual.group, usual.group_not_muted, usual.not_char
            )
        return _revealed(self.macros.expand(text, names=names))

    @property
    def effects(self) -> tuple[VariableWrite, ...]:
        """What macros of scripts have set."""
        return tuple(
            replace(one, value=_inert(one.value)) if isinstance(one.value, str) else one
            for one in self.macros.effects
        )


def _escaped(value: str) -> str:
    """A macro's text so that a pattern finds it as it is."""
    return _SPECIAL.sub(lambda found: _CONTROLS.get(found[0], "\\" + found[0]), _revealed(value))


def _inert(value: str) -> str:
    """A variable's value: what was found stays no macro wherever the value is read."""
    return _revealed(_MACRO.sub(lambda found: found[0] + _BREAK, value))


def _revealed(text: str) -> str:
    return text.translate(_REVEAL) if _HELD.search(text) else text


HOLD_SECONDS = 2.0


@dataclass(slots=True)
class Holds:
    """How long text behind each opening has been held back."""

    clock: Callable[[], float] = time.monotonic
    since: dict[tuple[str, int], float] = field(default_factory=dict)

    def keeps(self, script: RegexScript, place: int) -> bool:
        """Whether text from this place on is held back now."""
        begun = self.since.setdefault((script.digest, place), self.clock())
        return self.clock() - begun < HOLD_SECONDS

    @property
    def left(self) -> float | None:
        """Seconds until some of what is held back may be shown; None: nothing is held back."""
        now = self.clock()
        waits = [begun + HOLD_SECONDS - now for begun in self.since.values()]
        return min((wait for wait in waits if wait > 0), default=None)


@dataclass(slots=True)
class ScriptRunner:
    """Runs scripts with the macros of one moment; `stopped` are those that had to be stopped."""

    finder: Finder
    macros: ScriptMacros = field(default_factory=NoMacros)
    report: Callable[[RegexScript], None] | None = None
    """Hears of a script that had to be stopped."""
    stopped: list[RegexScript] = field(default_factory=list)

    def run(self, scripts: Sequence[RegexScript], text: str, *, speaker: str | None = None) -> str:
        """One text through scripts, in their order."""
        for script in scripts:
            (text,) = self.run_on(script, [text], speaker=speaker)
        return text

    def run_on(
        self, script: RegexScript, texts: Sequence[str], *, speaker: str | None = None
    ) -> list[str]:
        """Several texts through one script."""
        result = list(texts)
        pattern = self._pattern(script)
        if pattern is None:
            return result
        asked = [index for index, text in enumerate(texts) if text]
        if not asked:
            return result
        found = self.finder.find(pattern, [texts[index] for index in asked])
        for index, matches in zip(asked, found, strict=True):
            replaced = None
            if not matches.stopped:
                replaced = self._replaced(script, pattern, matches, texts[index], speaker)
            if replaced is None:
                self._stop(script)
            else:
                result[index] = replaced
        return result

    def run_growing(
        self, scripts: Sequence[RegexScript], text: str, holds: Holds, *, speaker: str | None = None
    ) -> str:
        """A text that is still growing: behind an opening that a hiding script could still match
        it is held back, for as long as `holds` allows.
        """
        for script in scripts:
            tail = 0
            pattern = self._pattern(script) if script.hides else None
            if pattern is not None and text:
                (found,) = self.finder.find(pattern, [text])
                place = self.finder.opening(pattern, found)
                if place is not None and holds.keeps(script, place):
                    tail = len(_with_pairs(found.text[place:]))
            text = self.run([script], text, speaker=speaker)
            text = text[: len(text) - tail]
        return text

    def _pattern(self, script: RegexScript) -> Pattern | None:
        """None where SillyTavern would leave the text alone too: the pattern is none."""
        written = script.pattern
        if script.pattern_macros is not PatternMacros.NONE:
            escaped = script.pattern_macros is PatternMacros.ESCAPED
            written = self.macros.pattern(written, escaped=escaped)
        try:
            return pattern_of(written)
        except InvalidRegex:
            return None

    def _replaced(
        self,
        script: RegexScript,
        pattern: Pattern,
        matches: Matches,
        text: str,
        speaker: str | None,
    ) -> str | None:
        """The text with every match replaced; None where it grows beyond the limit."""
        if not matches.ends:
            return text
        replacement = _Replacement(script, pattern, matches.text, self.macros, speaker)
        pieces: list[str] = []
        size = cursor = 0
        for match in matches.ends:
            pieces += [matches.text[cursor : match[0]], replacement.of(match)]
            size += len(pieces[-1]) + len(pieces[-2])
            cursor = match[1]
            if size > MAX_RESULT:
                return None
        pieces.append(matches.text[cursor:])
        return join_surrogates("".join(pieces))

    def _stop(self, script: RegexScript) -> None:
        if script not in self.stopped:
            self.stopped.append(script)
            if self.report is not None:
                self.report(script)


@dataclass(frozen=True, slots=True)
class ScriptSet:
    """The scripts at work somewhere, in their order, and what runs them."""

    scripts: tuple[RegexScript, ...]
    finder: Finder
    report: Callable[[RegexScript], None] | None = None

    @property
    def minds_depth(self) -> bool:
        """Whether what is sent of a message changes with its depth."""
        return any(
            Target.PROMPT in one.targets and (one.least_depth, one.most_depth) != (None, None)
            for one in self.scripts
        )

    def runner(self, macros: ScriptMacros) -> ScriptRunner:
        return ScriptRunner(self.finder, macros, self.report)

    def for_text(
        self,
        placement: Placement,
        target: Target,
        *,
        depth: int | None = None,
        edited: bool = False,
    ) -> list[RegexScript]:
        """Those that run on such a text."""
        return [
            script
            for script in self.scripts
            if script.is_for(placement, target, depth=depth, edited=edited)
        ]


class _Replacement:
    """What a script puts in the place of matches in one text."""

    def __init__(
        self,
        script: RegexScript,
        pattern: Pattern,
        text: str,
        macros: ScriptMacros,
        speaker: str | None,
    ) -> None:
        self._template = _WHOLE.sub("$0", script.replacement)
        self._names = dict(pattern.names)
        self._by_units = pattern.by_units
        self._text = text
        self._macros = macros
        self._trims = [macros.trim(trim, speaker) for trim in script.trims]
        if pattern.by_units:
            self._trims = [to_units(trim) for trim in self._trims]

    def of(self, match: Match) -> str:
        """Groups first, then the macros, as SillyTavern does."""
        filled = _GROUP.sub(lambda found: self._group(match, found), self._template)
        given = self._macros.replacement(_with_pairs(filled) if self._by_units else filled)
        return to_units(_revealed(given)) if self._by_units else _revealed(given)

    def _group(self, match: Match, found: re.Match[str]) -> str:
        """A group's text without what is to be taken out; nothing where it took no part.

        `$&` and `$$` mean nothing here. Behind the groups' numbers come the place of the match
        and the whole text, as JavaScript hands them over.
        """
        digits = found[1].lstrip("0")[:6] or "0" if found[1] else ""
        number = int(digits) if digits else self._names.get(found[2], -1)
        groups = len(match) // 2
        if number < 0:
            return ""
        if number >= groups:
            return self._beyond(match, number - groups)
        start, end = match[2 * number : 2 * number + 2]
        return self._trimmed(self._text[start:end] if start >= 0 else "")

    def _beyond(self, match: Match, further: int) -> str:
        if further == 1:
            return self._trimmed(self._text)
        place = self._text[: match[0]]
        offset = len(place) if self._by_units else utf16_length(place)
        return str(offset) if further == 0 and offset and not self._trims else ""

    def _trimmed(self, value: str) -> str:
        for trim in self._trims:
            value = value.replace(trim, "") if trim else value
        return _HELD.sub("", value).translate(_SHIELD)


def _with_pairs(text: str) -> str:
    """The text with halves of characters joined where both are there."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
