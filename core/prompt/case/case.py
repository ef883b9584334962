"""Builds prompts from case files: one JSON document with a chat, its settings, cards and books."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import InvalidTemplate
from core.kind import Kind
from core.macros.variables import Variables, VariableScope, VariableWrite
from core.patterns.matcher import SafeMatcher
from core.prompt.budget.window import Count
from core.prompt.build import build_prompt, start_build
from core.prompt.case.context import case_context, chat_counting
from core.prompt.case.model import Case, CountedMessage, checked_case, sentence
from core.prompt.context import ChatCounting, Context, Purpose
from core.prompt.prompt import Prompt, PromptPart
from core.tokenizers.tokenizer import Estimate
from core.untrusted.surrogates import join_surrogates

_NAME_TOKENS = 2
"""A name's share where only counts of whole messages are known; the sums come out right."""


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
            prompt = build_prompt(
                context if context.first_build else after_dry_run(context, count), count
            )
    except InvalidTemplate as error:
        # SillyTavern gives up here without a request.
        return {"file": str(path), "id": case.id, "nothing_sent": True, "detail": str(error)}
    except ValidationError as error:
        raise ValueError(sentence(error)) from None
    return {"file": str(path), "id": case.id, **_result(case, context, prompt, count)}


def read_case(path: Path) -> Case:
    """The case with its defaults and the files it refers to, below the folder above its own."""
    root = path.resolve().parent.parent
    try:
        case = _objects(_with_files(_parsed(path), root), "a case")
        defaults = root / "defaults.json"
        near = _with_files(_parsed(defaults), root) if defaults.exists() else {}
        base = _objects(near, "the file of defaults")
        case["settings"] = _merged(base, _objects(case.get("settings") or {}, "settings"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return checked_case({"id": path.stem, **case})


def _parsed(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"), parse_constant=_number, parse_float=_number)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no number of JSON")
    return value


def _objects(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} has to be a JSON object")
    return value


def _with_files(value: Any, root: Path) -> Any:
    """`value` with every `$file` replaced by the file's content and every `$base` filled up."""
    if isinstance(value, str):
        # A pair cut in two cannot be sent; JavaScript sends this character in its place.
        return join_surrogates(value)
    if isinstance(value, list):
        return [_with_files(item, root) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$file"}:
        return _load(root, value["$file"])
    own = {
        _with_files(key, root): _with_files(item, root)
        for key, item in value.items()
        if key != "$base"
    }
    return _objects(_load(root, value["$base"]), "a base") | own if "$base" in value else own


def _load(root: Path, name: Any) -> Any:
    path = (root / str(name)).resolve()
    if not path.is_relative_to(root):
        raise ValueError(f"{name} is outside of the case's folder")
    return _parsed(path)


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        inner = merged.get(key)
        if isinstance(inner, dict) and isinstance(value, dict):
            value = _merged(inner, value)
        merged[key] = value
    return merged


def _result(case: Case, context: Context, prompt: Prompt, count: Count) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if context.kind is Kind.TEXT:
        result["prompt"] = prompt.text
    else:
        result["messages"] = prompt.listed()
    result["stop"] = list(prompt.stop)
    result["world_info_activated"] = [
        {"world": one.book, "uid": one.entry.uid, "comment": one.entry.comment}
        for one in prompt.lore.activated
    ]
    if "timed" in case.model_fields_set:
        result["timed_after"] = _timed(prompt)
    if prompt.nothing_sent:
        result["nothing_sent"] = True
    result["parts"] = [_part(part, count) for part in prompt.parts]
    return result


def _timed(prompt: Prompt) -> dict[str, Any]:
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


def _part(part: PromptPart, count: Count) -> dict[str, Any]:
    tokens = part.tokens if part.tokens is not None else count(part.text) if part.text else 0
    shown = {
        "kind": str(part.kind),
        "source": part.source,
        "role": part.role,
        "tokens": tokens,
        "text": part.text,
    }
    return shown | ({"dropped": "no-room"} if part.dropped else {})


def after_dry_run(context: Context, count: Count) -> Context:
    """The context as the first real build finds it: SillyTavern builds once when a chat is opened.

    What is left behind: variables, the first message with its macros resolved, the texts of
    outlets, and which messages were in the prompt. Raises as `build_prompt` does.
    """
    silent = context.chat_preset.model_copy(update={"send_if_empty": ""})
    dry = replace(
        context,
        purpose=Purpose.NORMAL,
        typed="",
        quiet_prompt="",
        chat_preset=silent,
        first_build=True,
    )
    prompt = build_prompt(dry, count)
    first = start_build(dry).chat[:1]
    return replace(
        context,
        history=[*first, *context.history[1:]],
        variables=_written(context.variables, prompt.effects),
        outlets=prompt.lore.outlets if prompt.lore else {},
        first_included=prompt.report.first_included,
    )


def _written(variables: Variables, writes: Sequence[VariableWrite]) -> Variables:
    local, shared = dict(variables.local), dict(variables.shared)
    for write in writes:
        stored = local if write.scope is VariableScope.LOCAL else shared
        if write.value is None:
            stored.pop(write.name, None)
        else:
            stored[write.name] = write.value
    return Variables(local, shared)


def case_count(case: Case) -> Count:
    """Counts by the case's `token_counts`; a text that is not listed is estimated."""
    listed = case.token_counts or (case.expected.token_counts if case.expected else None) or {}
    counting = chat_counting(case.settings.chat_model)
    table = _texts_of(listed, counting) if isinstance(listed, list) else listed
    estimate = Estimate()

    def count(text: str) -> int:
        known = table.get(text)
        return estimate.count(text) if known is None else known

    return count


def _texts_of(listed: Sequence[CountedMessage], counting: ChatCounting) -> dict[str, int]:
    """Counts of texts out of counts of whole messages, the way the counter added them up."""
    table: dict[str, int] = {}
    for item in listed:
        message = item.message
        if counting is not ChatCounting.OPENAI:
            table["\n\n".join(str(value) for value in message.values())] = item.count
            continue
        # Three for the request, three for the message, one for each role, one more for a name.
        rest = item.count - 6 - ("role" in message)
        if "role" in message:
            table[message["role"]] = 1
        if "name" in message:
            table[message["name"]] = _NAME_TOKENS
            rest -= _NAME_TOKENS + 1
        table[message.get("content", "")] = rest
    return table
