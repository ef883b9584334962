"""What people change in a template: only keys and values that exist.

A file keeps what nobody here knows, since another program may; what is typed is a slip.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import Enum
from typing import Any

from core.errors import InvalidPreset, InvalidTemplate
from core.presets.preset import Preset, PresetKind, read_preset, whole_document
from core.presets.templates import (
    ChatPrompt,
    OrderedPrompt,
    PresetDocument,
    PromptOrder,
    PromptRole,
)
from core.reasons import Reason

_NESTED: Mapping[str, type[PresetDocument]] = {
    "prompts": ChatPrompt,
    "prompt_order": PromptOrder,
    "order": OrderedPrompt,
}
_ROLES = tuple(role.wire for role in PromptRole)


def changed(kind: PresetKind, before: Preset, changes: Mapping[str, Any]) -> Preset:
    """The preset with the changes.

    Raises InvalidTemplate that names the field by its path, such as `prompts.2.role`.
    """
    document = whole_document(before)
    _check(changes, document, type(before))
    try:
        return read_preset(kind, {**document, **changes, "name": before.name})
    except InvalidPreset as error:
        raise error.turned_into(InvalidTemplate) from error


def _check(
    changes: Mapping[str, Any],
    known: Mapping[str, Any],
    model: type[PresetDocument],
    path: str = "",
) -> None:
    keys = {*model.model_fields, *known}
    for key, value in changes.items():
        place = f"{path}{key}"
        if key not in keys:
            close = get_close_matches(str(key), [str(one) for one in keys], 1)
            raise InvalidTemplate(
                Reason.UNKNOWN_KEY, field=place, close=close[0] if close else None
            )
        if key in _NESTED:
            # An entry may have any key that one of its kind has already.
            others = {name: None for one in _objects(known.get(key)) for name in one}
            inner = {**others, **_lists_in(known, key)}
            for number, one in enumerate(value if isinstance(value, list) else ()):
                if isinstance(one, Mapping):
                    _check(one, inner, _NESTED[key], f"{place}.{number}.")
        _check_word(place, value, _words(model, key))


def _lists_in(known: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What is known of the lists inside of a list's entries, by their keys."""
    inner: dict[str, list[Any]] = {}
    for one in _objects(known.get(key)):
        for name, value in one.items():
            if name in _NESTED and isinstance(value, list):
                inner.setdefault(name, []).extend(value)
    return inner


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in value if isinstance(value, list | tuple) else ():
        if isinstance(one, Mapping):
            yield one


def _words(model: type[PresetDocument], key: str) -> tuple[str, ...]:
    """The values of a field that has only a few; empty for any other."""
    if model is ChatPrompt and key == "role":
        return _ROLES
    field = model.model_fields.get(key)
    if field is None or not isinstance(field.default, Enum):
        return ()
    return tuple(str(one.value) for one in type(field.default))


def _check_word(place: str, value: Any, words: tuple[str, ...]) -> None:
    if not words or value in (None, ""):
        return
    if isinstance(value, bool) or str(value).strip() not in words:
        raise InvalidTemplate(Reason.FIELD_WRONG, field=place, expected=words)
