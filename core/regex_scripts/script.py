"""One script: the document as it came, and what it says."""

import hashlib
import json
import math
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Any, Self

from core.errors import InvalidRegex
from core.macros.javascript import number
from core.patterns.pattern import Pattern, parse_pattern
from core.reasons import Reason

_OLD_DISPLAY = 0
_OLD_SEND_AS = 4
_NO_CONTENT = ("id", "disabled")
"""Keys that say nothing of what a script does."""


class Placement(IntEnum):
    """Which texts a script is for. 4 was once `/sendas`."""

    USER_INPUT = 1
    AI_OUTPUT = 2
    SLASH_COMMAND = 3
    WORLD_INFO = 5
    REASONING = 6


class Target(StrEnum):
    """What of a text is rewritten: what is kept of it, what is shown of it, what is sent of it."""

    STORED = "stored"
    SHOWN = "shown"
    PROMPT = "prompt"


class PatternMacros(IntEnum):
    """What macros in the pattern become: nothing, their text, or their text to be found as it is"""

    NONE = 0
    RAW = 1
    ESCAPED = 2


@dataclass(frozen=True, slots=True)
class RegexScript:
    """A script of a SillyTavern file. `document` holds it with every key it came with.

    `display_only` and `prompt_only` may both be set; with neither the stored text is rewritten.
    Depths count messages from the newest, which is 0; None or infinite: no limit.
    """

    document: Mapping[str, Any] = field(repr=False)
    id: str
    name: str
    pattern: str
    replacement: str
    trims: tuple[str, ...]
    placements: frozenset[Placement]
    disabled: bool
    display_only: bool
    prompt_only: bool
    on_edit: bool
    pattern_macros: PatternMacros
    least_depth: float | None
    most_depth: float | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Reads a document; what is missing or of a wrong type counts as not set."""
        placements = _numbers(document.get("placement"))
        was_display = _OLD_DISPLAY in placements
        return cls(
            document=document,
            id=_text(document.get("id")),
            name=_text(document.get("scriptName")),
            pattern=_text(document.get("findRegex")),
            replacement=_text(document.get("replaceString")),
            trims=tuple(map(_text, _items(document.get("trimStrings")))),
            placements=_placements(placements),
            disabled=bool(document.get("disabled")),
            display_only=bool(document.get("markdownOnly")) or was_display,
            prompt_only=bool(document.get("promptOnly")) or was_display,
            on_edit=bool(document.get("runOnEdit")),
            pattern_macros=_pattern_macros(document.get("substituteRegex")),
            least_depth=_depth(document.get("minDepth"), -1),
            most_depth=_depth(document.get("maxDepth"), 0),
        )

    def changed(self, **values: Any) -> "RegexScript":
        """The script with other values, by the names of the document."""
        return RegexScript.of({**self.document, **values})

    @property
    def digest(self) -> str:
        """The same for scripts that do the same, switched on or not."""
        said = {key: value for key, value in self.document.items() if key not in _NO_CONTENT}
        written = json.dumps(said, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(written.encode()).hexdigest()

    @property
    def hides(self) -> bool:
        """Whether nothing of what it finds stays to be seen."""
        return not _GROUP.search(self.replacement)

    def is_for(
        self,
        placement: Placement,
        target: Target,
        *,
        depth: int | None = None,
        edited: bool = False,
    ) -> bool:
        """Whether it runs on such a text; `depth` None: limits of depth do not count."""
        if self.disabled or not self.pattern or placement not in self.placements:
            return False
        if target not in self.targets or (edited and not self.on_edit):
            return False
        if depth is None:
            return True
        too_near = self.least_depth is not None and depth < self.least_depth
        return not too_near and not (self.most_depth is not None and depth > self.most_depth)

    @property
    def targets(self) -> frozenset[Target]:
        """What of a text it rewrites."""
        flags = ((self.display_only, Target.SHOWN), (self.prompt_only, Target.PROMPT))
        return frozenset(target for flag, target in flags if flag) or frozenset({Target.STORED})


def new_script(**values: Any) -> RegexScript:
    """A script as SillyTavern's own form would save it, with these values."""
    return RegexScript.of(
        {
            "id": str(uuid.uuid4()),
            "scriptName": "",
            "findRegex": "",
            "replaceString": "",
            "trimStrings": [],
            "placement": [int(Placement.AI_OUTPUT)],
            "disabled": False,
            "markdownOnly": False,
            "promptOnly": False,
            "runOnEdit": True,
            "substituteRegex": int(PatternMacros.NONE),
            "minDepth": None,
            "maxDepth": None,
            **values,
        }
    )


# The rules by which SillyTavern reads a pattern: an opening slash is no must, the last slash of
# the first line closes, and what is behind the flags does not count.
_WRITTEN = re.compile("(/?)([^\n\r\u2028\u2029]+)\\1([A-Za-z]*)")
_FLAGS = re.compile("[gmixXsuUAJ]+")
_GROUP = re.compile(r"\$[0-9<]|\{\{match\}\}", re.IGNORECASE)


@lru_cache(maxsize=512)
def pattern_of(written: str) -> Pattern:
    """The pattern as SillyTavern understands it.

    With flags that are none, also `y`, the whole text is the pattern. Raises InvalidRegex.
    """
    found = _WRITTEN.search(written)
    source, flags = (found[2], found[3]) if found else ("", "")
    if flags and (len(set(flags)) < len(flags) or not _FLAGS.fullmatch(flags)):
        return parse_pattern(written, "")
    if not found:
        raise InvalidRegex(Reason.PATTERN_EMPTY)
    return parse_pattern(source, flags)


def digest_of(scripts: Sequence[RegexScript]) -> str:
    """The same for lists of the same scripts."""
    return hashlib.sha256("".join(one.digest for one in scripts).encode()).hexdigest()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _items(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _numbers(value: object) -> list[int]:
    return [int(one) for one in _items(value) if isinstance(one, int | float) and one == int(one)]


def _placements(given: Sequence[int]) -> frozenset[Placement]:
    """Two numbers of old files stand for others when they stand alone."""
    if list(given) == [_OLD_DISPLAY]:
        return frozenset(Placement)
    if list(given) == [_OLD_SEND_AS]:
        return frozenset({Placement.SLASH_COMMAND})
    known = {int(one) for one in Placement}
    return frozenset(Placement(one) for one in given if one in known)


def _pattern_macros(value: object) -> PatternMacros:
    wanted = _number(value)
    known = {int(one): one for one in PatternMacros}
    return known.get(int(wanted), PatternMacros.NONE) if wanted is not None else PatternMacros.NONE


def _depth(value: object, least: int) -> float | None:
    """A limit; anything below `least` is none."""
    limit = None if value is None else _number(value)
    return None if limit is None or limit < least else limit


def _number(value: object) -> float | None:
    """As JavaScript's `Number`; None for what is no number."""
    if isinstance(value, bool | int | float):
        return None if math.isnan(value) or math.isinf(value) else float(value)
    if not isinstance(value, str):
        return None
    read = number(value)
    return None if math.isnan(read) or math.isinf(read) else read
