"""Builds prompts from case files: one JSON document with a chat, its settings, cards and books."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.backends.base import Kind
from core.errors import InvalidTemplate
from core.prompt.build import build_prompt
from core.prompt.case_context import case_context
from core.prompt.case_counts import case_count
from core.prompt.case_defaults import CASE_DEFAULTS
from core.prompt.context import Context
from core.prompt.dry_run import after_dry_run
from core.prompt.fit import Count
from core.prompt.prompt import Part, Prompt
from core.safe_regex import SafeMatcher


def run_case(path: Path | str) -> dict[str, Any]:
    """The prompt of a case file as a JSON object: `file`, `id`, the keys of `expected`, `parts`.

    Raises OSError and ValueError for a file that cannot be read as a case.
    """
    path = Path(path)
    case = read_case(path)
    count = case_count(case)
    try:
        with SafeMatcher() as matcher:
            context = case_context(case, matcher)
            prompt = _built(context, count)
    except InvalidTemplate as error:
        # SillyTavern gives up here without a request.
        return {"file": str(path), "id": case["id"], "nothing_sent": True, "detail": str(error)}
    return {"file": str(path), "id": case["id"], **_result(case, context, prompt, count)}


def read_case(path: Path) -> dict[str, Any]:
    """The case with its defaults and the files it refers to, below the folder above its own."""
    root = path.resolve().parent.parent
    case = _with_files(json.loads(path.read_text("utf-8")), root)
    if not isinstance(case, dict):
        raise ValueError("a case is a JSON object")
    defaults = root / "defaults.json"
    near = json.loads(defaults.read_text("utf-8")) if defaults.exists() else {}
    base = _merged(CASE_DEFAULTS, near)
    case["settings"] = _merged(base, case.get("settings") or {})
    case.setdefault("id", path.stem)
    return case


def _with_files(value: Any, root: Path) -> Any:
    """`value` with every `$file` replaced by the file's content and every `$base` filled up."""
    if isinstance(value, list):
        return [_with_files(item, root) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$file"}:
        return _load(root, value["$file"])
    own = {key: _with_files(item, root) for key, item in value.items() if key != "$base"}
    return _load(root, value["$base"]) | own if "$base" in value else own


def _load(root: Path, name: str) -> Any:
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise ValueError(f"{name} is outside of the case's folder")
    return json.loads(path.read_text("utf-8"))


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        inner = merged.get(key)
        if isinstance(inner, dict) and isinstance(value, dict):
            value = _merged(inner, value)
        merged[key] = value
    return merged


def _built(context: Context, count: Count) -> Prompt:
    return build_prompt(context if context.first_build else after_dry_run(context, count), count)


def _result(
    case: Mapping[str, Any], context: Context, prompt: Prompt, count: Count
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if context.kind is Kind.TEXT:
        result["prompt"] = prompt.text
    else:
        result["messages"] = [
            {"role": one.role, "content": one.content} | ({"name": one.name} if one.name else {})
            for one in prompt.messages
        ]
    result["stop"] = list(prompt.stop)
    result["world_info_activated"] = [
        {"world": one.world, "uid": one.uid, "comment": one.comment} for one in prompt.activated
    ]
    if "timed" in case:
        result["timed_after"] = _timed(prompt)
    if prompt.nothing_sent:
        result["nothing_sent"] = True
    result["parts"] = [_part(part, count) for part in prompt.parts]
    return result


def _timed(prompt: Prompt) -> dict[str, Any]:
    """Running effects under `book.uid`."""
    after = prompt.timed_after
    kinds = (("sticky", after.sticky), ("cooldown", after.cooldown)) if after else ()
    return {
        kind: {
            f"{book}.{uid}": {
                "start": effect.start,
                "end": effect.end,
                "protected": effect.protected,
            }
            for (book, uid), effect in effects.items()
        }
        for kind, effects in kinds
    }


def _part(part: Part, count: Count) -> dict[str, Any]:
    tokens = part.tokens if part.tokens is not None else count(part.text) if part.text else 0
    shown = {
        "kind": str(part.kind),
        "source": part.source,
        "role": part.role,
        "tokens": tokens,
        "text": part.text,
    }
    return shown | ({"dropped": str(part.dropped)} if part.dropped else {})


def run_cases(paths: Sequence[Path | str]) -> list[dict[str, Any]]:
    """`run_case` for several files; a file that cannot be read gives `file` and `error`."""
    results: list[dict[str, Any]] = []
    for path in paths:
        try:
            results.append(run_case(path))
        except (OSError, ValueError, KeyError) as error:
            results.append({"file": str(path), "error": f"this is no prompt case: {error}"})
    return results
