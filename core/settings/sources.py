"""Where settings come from: a YAML file, and environment variables over it."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from core.errors import SettingsError
from core.reasons import Reason
from core.secret import Secret

PREFIX = "TAVERN_"
RESERVED = frozenset({"KEY", "FULL", "SHARED", "TEST_POSTGRES"})
"""Variables with our prefix that are no configuration: `say`'s key and switches of the tests."""

Key = tuple[str, ...]


def from_file(path: Path) -> dict[str, Any]:
    """The file's mapping. Raises SettingsError when it cannot be read as one."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(Reason.FILE_UNREADABLE, error.strerror or "", path=path) from error
    except UnicodeDecodeError as error:
        raise SettingsError(Reason.NOT_UTF8, path=path) from error
    except yaml.YAMLError as error:
        raise SettingsError(Reason.NOT_YAML, **_where(error), path=path) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise SettingsError(Reason.NO_KEY_LINES, path=path)
    return document


def _where(error: yaml.YAMLError) -> dict[str, object]:
    # Only the place: the parser's own message quotes the line, which may hold the token.
    mark = getattr(error, "problem_mark", None)
    return {"line": mark.line + 1, "column": mark.column + 1} if mark else {}


def refused(reason: Reason) -> PydanticCustomError:
    """What a check of a setting raises; `explain` finds the reason in its type."""
    return PydanticCustomError(reason.value, "refused")


def fields(model: type[BaseModel], above: Key = ()) -> Iterator[tuple[Key, FieldInfo]]:
    """Every key of the configuration with its field, sections opened."""
    for key, field in _own_fields(model):
        path = (*above, key)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from fields(inner, path)
        else:
            yield path, field


def _own_fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield str(field.validation_alias or name), field


def from_environment(
    model: type[BaseModel], given: Mapping[str, Any], environment: Mapping[str, str]
) -> dict[str, Any]:
    """`given` with the values of `TAVERN_…` variables put over it; empty ones count as unset."""
    known = {"__".join(path).upper(): (path, field) for path, field in fields(model)}
    merged = {
        key: dict(value) if isinstance(value, Mapping) else value for key, value in given.items()
    }
    unknown = []
    for variable, value in environment.items():
        name = variable.upper().removeprefix(PREFIX)
        if not variable.upper().startswith(PREFIX) or name in RESERVED or not value:
            continue
        if name in known:
            path, field = known[name]
            _put(merged, path, _parsed(variable, field, value))
        else:
            unknown.append(variable)
    for variable in sorted(set(unknown) - _key_variables(merged)):
        raise _unknown(variable, [PREFIX + name for name in known])
    return merged


def _key_variables(merged: Mapping[str, Any]) -> set[str]:
    """Variables that hold keys of the connections on offer."""
    connections = merged.get("connections")
    listed = connections if isinstance(connections, list) else []
    return {str(entry.get("key_env")) for entry in listed if isinstance(entry, Mapping)}


def _put(merged: dict[str, Any], path: Key, value: object) -> None:
    for name in path[:-1]:
        if merged.get(name) is None:
            merged[name] = {}
        if not isinstance(merged[name], dict):
            raise SettingsError(Reason.NOT_A_SECTION, key=name)
        merged = merged[name]
    merged[path[-1]] = value


def _parsed(variable: str, field: FieldInfo, value: str) -> object:
    """Texts as they are (a token may look like a number), everything else as YAML."""
    kinds = {field.annotation, *get_args(field.annotation)}
    if kinds <= {str, Secret, Path, type(None)}:
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise SettingsError(Reason.NOT_YAML, **_where(error), path=variable) from None


def _unknown(name: str, known: Collection[str]) -> SettingsError:
    folded = {candidate.casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return SettingsError(Reason.SETTING_UNKNOWN, key=name, near=folded[near[0]] if near else "")


def explain(model: type[BaseModel], error: ValidationError) -> SettingsError:
    """The first fault as one line with its path. Values are left out: one may be the token."""
    faults = error.errors(include_input=False, include_url=False)
    # A misspelt key often leaves the one that was meant missing: the spelling explains both.
    faults.sort(key=lambda fault: fault["type"] != "extra_forbidden")
    path, section = _known_path(model, faults[0]["loc"])
    if faults[0]["type"] == "extra_forbidden":
        return _unknown(f"{path}.{faults[0]['loc'][-1]}".strip("."), _names(section, path))
    if faults[0]["type"] == "missing":
        return SettingsError(Reason.SETTING_MISSING, key=path)
    # A value that may have several forms gives one fault for each of them.
    same = [fault for fault in faults if _known_path(model, fault["loc"])[0] == path]
    if faults[0]["type"] in list(Reason):
        return SettingsError(Reason(faults[0]["type"]), key=path)
    texts = dict.fromkeys(fault["msg"] for fault in same)
    return SettingsError(Reason.SETTING_INVALID, ", or: ".join(texts), key=path)


def _known_path(
    model: type[BaseModel], location: tuple[str | int, ...]
) -> tuple[str, type[BaseModel]]:
    """The part of a fault's location that names keys, and the section it ends in.

    What follows names the forms that pydantic tried.
    """
    shown = ""
    for step in location:
        if isinstance(step, int):
            shown += f"[{step}]"
            continue
        field = dict(_own_fields(model)).get(step)
        if field is None:
            break
        shown += f".{step}" if shown else step
        model = next(_sections(field.annotation), model)
    return shown, model


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a field's type: a section, or the entries of a list."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind


def _names(section: type[BaseModel], above: str) -> list[str]:
    return [f"{above}.{key}" if above else key for key, _field in _own_fields(section)]
