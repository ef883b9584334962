"""Where scripts stand in files: alone, in lists, in cards, presets and settings."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.regex_scripts.script import RegexScript

MAX_SCRIPTS = 200
"""Scripts of one card, preset or list."""

_PATHS = (
    ("extensions", "regex_scripts"),
    ("data", "extensions", "regex_scripts"),
    ("extension_settings", "regex"),
    ("regex_scripts",),
)


def scripts_of_file(document: object) -> list[RegexScript]:
    """The scripts of a script's file, a list, a card, a preset or SillyTavern's settings."""
    if is_script(document):
        assert isinstance(document, Mapping)
        return [RegexScript.of(document)]
    if isinstance(document, list):
        return [script for item in document for script in scripts_of_file(item)][:MAX_SCRIPTS]
    for path in _PATHS:
        found = _at(document, path)
        if isinstance(found, list):
            return scripts_in(found)
    return []


def scripts_of_extensions(extensions: Mapping[str, Any]) -> list[RegexScript]:
    """The scripts that stand among a card's or preset's extensions."""
    return scripts_in(extensions.get("regex_scripts"))


def scripts_in(value: object) -> list[RegexScript]:
    """Those of a list; what is none is passed over."""
    listed: Sequence[Any] = value if isinstance(value, list) else ()
    return [RegexScript.of(one) for one in listed if is_script(one)][:MAX_SCRIPTS]


def is_script(document: object) -> bool:
    """Whether it is a script, perhaps one that does nothing."""
    return isinstance(document, Mapping) and any(
        isinstance(document.get(key), str) for key in ("findRegex", "scriptName")
    )


def _at(document: object, path: Sequence[str]) -> object:
    for step in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(step)
    return document
