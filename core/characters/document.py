"""The document in a text file: JSON, or the YAML of a character, by whomever it was made."""

import re
from typing import Any

import yaml

from core.characters.fields import Remark, remarks_about
from core.characters.makers import risu, translated
from core.reasons import Reason
from core.untrusted import json as untrusted_json
from core.untrusted.json import MAX_NESTING, MAX_VALUES, NotPlain
from core.untrusted.text import FileText, decode

MAX_YAML = 1_000_000
"""Characters; a character in YAML has a few thousand."""
_YAML = re.compile(r"^(?:name|bot|char_name|context|greeting|char_persona)[ \t]*:", re.MULTILINE)


def read_document(data: bytes, limit: int = MAX_VALUES) -> tuple[Any, tuple[Remark, ...]]:
    """The document in our own form, and what is to be known about the file.

    Raises `NotPlain`.
    """
    if risu.is_packed(data):
        raise NotPlain(Reason.RISU_PACKED)
    written = decode(data)
    remarks = list(remarks_about(written))
    return translated(parsed(written, limit), remarks), tuple(remarks)


def parsed(written: FileText, limit: int = MAX_VALUES) -> Any:
    """The document as it stands in the file. Raises `NotPlain`."""
    text = written.text.lstrip("\ufeff \t\r\n")
    if not text.startswith(("{", "[")) and len(text) <= MAX_YAML and _YAML.search(text):
        return _parsed_yaml(text, limit)
    return untrusted_json.parse(written.text, limit)


def _parsed_yaml(text: str, limit: int) -> Any:
    """YAML without its own types and references: every value is a text, a list or an object."""
    try:
        _check_shape(text, limit)
        document = yaml.load(text, yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise NotPlain(Reason.NOT_YAML, line=line, column=column) from error
    except yaml.YAMLError as error:
        raise NotPlain(Reason.NOT_YAML, line=1, column=1) from error
    return untrusted_json.clean(document)


def _check_shape(text: str, limit: int) -> None:
    """Counted before it is built: references could make much out of little."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, yaml.BaseLoader)):
        if isinstance(event, yaml.AliasEvent) or number > limit:
            raise NotPlain(Reason.TOO_MANY_PARTS, most=limit)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTING:
            raise NotPlain(Reason.TOO_DEEP, most=MAX_NESTING)
