"""Samplers, stop strings and the amount of thinking as a server wants them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from core.backends.spec import Spec, Traits
from core.backends.types import Request
from core.samplers.sampler import Dialect, Sampler
from core.samplers.table import ALL_SAMPLERS

Body = dict[str, Any]

EFFORTS = ("none", "minimal", "low", "medium", "high", "max")
"""Values of `Request.effort`; empty = the vendor's own default."""

_OBJECT = {"max": "xhigh"}
_ORDER = ("none", "minimal", "low", "medium", "default", "high", "xhigh", "max")
"""What vendors call the amounts, from least to most."""

_ROOM = {"none": 0, "minimal": 1024, "low": 2048, "": 8192, "medium": 8192, "high": 16_384}
_MOST_ROOM = 24_576

_TEXT_BREAKERS = (Dialect.TEXTGEN,)
_TEXT_BANS = (Dialect.KOBOLDCPP, Dialect.TEXTGEN, Dialect.TEXTGEN_LEGACY)
_RANGE_DYNATEMP = (Dialect.LLAMACPP, Dialect.KOBOLDCPP, Dialect.HORDE)
_PAIR_BIAS = (Dialect.LLAMACPP,)
_MINUS_TOP_K = (Dialect.VLLM, Dialect.APHRODITE)
"""Those to which -1 is off and 0 a mistake."""
_NO_ZERO_TOP_K = (Dialect.GEMINI, Dialect.ANTHROPIC)


def accepted(spec: Spec, model: str = "") -> list[Sampler]:
    """The samplers that a backend takes, for this model."""
    dropped = spec.traits(model).drop
    return [
        row
        for row in ALL_SAMPLERS.values()
        if (row.id in spec.sampling.renames or spec.sampling.dialect in row.names)
        and (spec.sampling.samplers == "all" or row.id in spec.sampling.samplers)
        and row.id not in dropped
    ]


def unused_samplers(
    spec: Spec,
    values: Mapping[str, Any],
    model: str = "",
    parameters: frozenset[str] | None = None,
) -> list[str]:
    """The ids that this backend has no use for; neutral values never count as such.

    `parameters`: what the model takes by its vendor's own list.
    """
    refused = untaken(spec, model, parameters)
    taken = [row.id for row in accepted(spec, model) if wire_name(spec, row) not in refused]
    known = [id_ for id_ in values if id_ in ALL_SAMPLERS]
    vain = [id_ for id_ in known if id_ not in taken and values[id_] != ALL_SAMPLERS[id_].neutral]
    return vain + _excluded(spec, model, [id_ for id_ in known if id_ in taken])


def wire_name(spec: Spec, row: Sampler) -> str:
    return spec.sampling.renames.get(row.id) or row.names[spec.sampling.dialect]


def untaken(spec: Spec, model: str, parameters: frozenset[str] | None) -> tuple[str, ...]:
    """The keys of samplers that are not in the vendor's list of what the model takes."""
    if parameters is None:
        return ()
    names = (wire_name(spec, row) for row in accepted(spec, model))
    return tuple(name for name in names if name not in parameters)


def wire_samplers(spec: Spec, values: Mapping[str, Any], model: str = "") -> Body:
    """The keys for the request's body."""
    rows = {row.id: row for row in accepted(spec, model)}
    sent = {id_: value for id_, value in values.items() if id_ in rows and value is not None}
    for id_ in _excluded(spec, model, sent):
        del sent[id_]
    if spec.sampling.neutral:
        sent = {id_: row.neutral for id_, row in rows.items() if row.explicit} | sent
    sent = clipped(spec, sent)
    body: Body = {}
    for id_, value in sent.items():
        name = wire_name(spec, rows[id_])
        write = _WRITERS.get(id_)
        if write is None:
            body[name] = value
        else:
            write(body, name, value, spec.sampling.dialect)
    _write_dynatemp(body, sent, spec.sampling.dialect)
    if spec.sampling.dialect is Dialect.MISTRAL and body.get("temperature") == 0:
        # Mistral: "top_p must be 1 when using greedy sampling".
        body.pop("top_p", None)
    return body


def _excluded(spec: Spec, model: str, ids: Iterable[str]) -> list[str]:
    """Of samplers that exclude each other, all but the first one that is set."""
    return [id_ for id_ in spec.traits(model).exclusive if id_ in ids][1:]


def clipped(spec: Spec, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values moved into the ranges of the row."""
    moved = dict(values)
    for id_, (low, high) in spec.sampling.ranges.items():
        if isinstance(moved.get(id_), int | float):
            moved[id_] = type(moved[id_])(min(max(moved[id_], low), high))
    return moved


def _seed(body: Body, name: str, value: Any, dialect: Dialect) -> None:
    if value >= 0:
        body[name] = value


def _top_k(body: Body, name: str, value: Any, dialect: Dialect) -> None:
    if value or dialect not in _NO_ZERO_TOP_K:
        body[name] = -1 if value == 0 and dialect in _MINUS_TOP_K else value


def _top_n_sigma(body: Body, name: str, value: Any, dialect: Dialect) -> None:
    body[name] = -1.0 if value == 0 and dialect is Dialect.LLAMACPP else value


def _thousandth(body: Body, name: str, value: Any, dialect: Dialect) -> None:
    body[name] = value / 1000 if dialect is Dialect.MANCER else value


def _breakers(body: Body, name: str, value: Any, dialect: Dialect) -> None:
    body[name] = json.dumps(value, ensure_ascii=False) if dialect in _TEXT_BREAKERS else value


def _bias(body: Body, name: str, value: Any, dialect: Dialect) -> None:
    if value and dialect in _PAIR_BIAS:
        pairs = [[int(key) if key.isdecimal() else key, bias] for key, bias in value.items()]
        body[name] = [*body.get(name, []), *pairs]
    elif tokens := {key: bias for key, bias in value.items() if key.isdecimal()}:
        # Only llama.cpp takes words beside the numbers of tokens.
        body[name] = tokens


def _bans(body: Body, name: str, value: Any, dialect: Dialect) -> None:
    if value and dialect in _PAIR_BIAS:
        body[name] = [*body.get(name, []), *([token, False] for token in value)]
    elif value:
        body[name] = ",".join(map(str, value)) if dialect in _TEXT_BANS else value


def _if_set(body: Body, name: str, value: Any, dialect: Dialect) -> None:
    if value:
        body[name] = value


def _later(body: Body, name: str, value: Any, dialect: Dialect) -> None:
    """Written by `_write_dynatemp`, which needs all three values."""


_WRITERS: dict[str, Callable[[Body, str, Any, Dialect], None]] = {
    "seed": _seed,
    "top_k": _top_k,
    "top_n_sigma": _top_n_sigma,
    "epsilon_cutoff": _thousandth,
    "eta_cutoff": _thousandth,
    "dry_sequence_breakers": _breakers,
    "dry_penalty_last_n": _if_set,
    "logit_bias": _bias,
    "banned_tokens": _bans,
    "banned_strings": _if_set,
    "grammar": _if_set,
    "negative_prompt": _if_set,
    "sampler_order": _if_set,
    "sampler_names": _if_set,
    "sampler_priority": _if_set,
    "aphrodite_priority": _if_set,
    "novelai_order": _if_set,
    "dynatemp_low": _later,
    "dynatemp_high": _later,
    "dynatemp_exponent": _later,
}


def _write_dynatemp(body: Body, values: Mapping[str, Any], dialect: Dialect) -> None:
    low, high = values.get("dynatemp_low", 0.0), values.get("dynatemp_high", 0.0)
    exponent = values.get("dynatemp_exponent", 1.0)
    if high <= low:
        return
    if dialect in _RANGE_DYNATEMP:
        body["temperature"] = (low + high) / 2
        body |= {"dynatemp_range": (high - low) / 2, "dynatemp_exponent": exponent}
    elif dialect is Dialect.TEXTGEN:
        body |= {"dynamic_temperature": True, "dynatemp_low": low, "dynatemp_high": high}
        body["dynatemp_exponent"] = exponent
    elif dialect is Dialect.TABBY:
        body |= {"min_temp": low, "max_temp": high, "temp_exponent": exponent}
    elif dialect in (Dialect.APHRODITE, Dialect.MANCER):
        body |= {"dynatemp_min": low, "dynatemp_max": high, "dynatemp_exponent": exponent}
        if dialect is Dialect.MANCER:
            body["dynatemp_mode"] = 1


def stop_body(name: str, spec: Spec, request: Request) -> Body:
    """The key with the stop strings, where there are any."""
    stops = limited(request.stop, spec, spec.traits(request.model))
    return {name: stops} if stops else {}


def limited(stops: Sequence[str], spec: Spec, traits: Traits) -> list[str]:
    """The first stop strings that fit the limits, in the order given (most important first)."""
    found: list[str] = []
    for stop in stops:
        fits = spec.request.max_stop_length is None or len(stop) <= spec.request.max_stop_length
        if stop and fits and stop not in found:
            found.append(stop)
    found = found[: traits.max_stops]
    total = spec.request.max_stop_total
    while total is not None and sum(map(len, found)) > total:
        del found[-1]
    return found


def cut(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    """`text` up to the first of the stop strings in it, and whether there was one."""
    places = [place for stop in stops if stop and (place := text.find(stop)) >= 0]
    return (text[: min(places)], True) if places else (text, False)


def without_refused(body: Body, request: Request) -> Body:
    """The body without the keys that the model has refused before."""
    for key in request.omit:
        value = body.pop(key, None)
        if key == "max_tokens" and value is not None:
            # OpenAI's newer families: "use max_completion_tokens instead".
            body["max_completion_tokens"] = value
    return body


def room(request: Request) -> int:
    """Tokens of thinking to be added to the reply's length, where a model counts them in.

    Without them a short limit is used up before the first visible word.
    """
    return _ROOM.get(effort_of(request), _MOST_ROOM)


def reply_length(traits: Traits, request: Request) -> int:
    """The limit to send: the wished length, the model's own, and room for thinking."""
    length = min(request.max_tokens, traits.max_reply or request.max_tokens)
    return length + (room(request) if traits.thinks else 0)


def effort_of(request: Request) -> str:
    """The wished effort, empty for the vendor's default."""
    return request.effort if request.effort in EFFORTS else ""


def effort_body(traits: Traits, request: Request) -> dict[str, Any]:
    """The keys for OpenAI-style routes; vendors with an API of their own do it themselves."""
    effort = effort_of(request)
    if not effort:
        return {}
    if traits.effort == "reasoning_effort":
        return {"reasoning_effort": nearest(effort, traits.efforts)}
    if traits.effort == "reasoning":
        return {"reasoning": {"effort": _OBJECT.get(effort, effort)}}
    if traits.effort == "thinking":
        if effort == "none":
            return {"thinking": {"type": "disabled"}}
        wished = "max" if effort == "max" else "high" if effort in ("medium", "high") else "low"
        return {"thinking": {"type": "enabled"}, "reasoning_effort": wished}
    return {}


def nearest(effort: str, known: Sequence[str]) -> str:
    """The wish, or what a model knows that comes nearest to it; of two the smaller."""
    if effort in known:
        return effort
    place = _ORDER.index(effort)
    known = [one for one in known if one != "none"]  # some thinking is never none of it
    return min(known, key=lambda one: abs(_ORDER.index(one) - place), default=effort)
