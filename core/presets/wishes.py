"""What a preset's file asks for beside its templates, and what of it has no place here.

SillyTavern's keys are known by name; those of other makers that mean the same are read likewise.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.options.table import (
    ALWAYS_FORCE_NAME,
    CONTEXT_WISH,
    CUSTOM_STOP,
    REASONING_EFFORT,
    REPLY_LENGTH,
    REPLY_START,
    SINGLE_LINE,
    TRIM_SENTENCES,
    Option,
)
from core.presets.preset import Preset, PresetKind
from core.presets.templates import ChatPreset
from core.samplers.preset_files import (
    FileSamplers,
    is_about_samplers,
    read_samplers,
    sampling_part,
)

JSON = Mapping[str, Any]


class Missing(StrEnum):
    """Why something of a file is not taken."""

    CONNECTION = "connection"
    """Which server and model answer, its address and keys: never taken from a file."""
    VALUE = "value"
    """The key is known, its value is none that it can have."""
    UNKNOWN = "unknown"
    """There is nothing like it here."""


@dataclass(slots=True)
class PresetWishes:
    """Read from one document or several; later ones win."""

    options: dict[Option[Any], Any] = field(default_factory=dict)
    samplers: dict[str, Any] = field(default_factory=dict)
    """By our ids."""
    limited: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """What was moved to the border of its range: as written, as taken."""
    missing: dict[Missing, list[str]] = field(default_factory=dict)
    """The file's own keys."""
    regex_scripts: tuple[JSON, ...] = ()
    """Scripts that came with it; nothing here runs them."""

    def miss(self, why: Missing, *keys: str) -> None:
        for key in keys:
            listed = self.missing.setdefault(why, [])
            listed += [key] if key not in listed else []


_REPLY = (
    *("openai_max_tokens", "genamt", "max_new_tokens", "max_completion_tokens", "max_tokens"),
    *("n_predict", "num_predict", "amount_gen", "maxTokens", "maxResponseLength"),
)
_CONTEXT = (
    *("openai_max_context", "max_context", "max_context_length", "truncation_length"),
    *("n_ctx", "num_ctx", "context_length", "context_size", "maxContextLength", "maxContext"),
)
LENGTHS = (*_REPLY, *_CONTEXT, "max_length")
"""Every name of the reply's length and the context's."""
_STOPS = (
    *("custom_stopping_strings", "stopping_strings", "stop_sequences", "stop_sequence", "stop"),
    "custom_stop",
)
_LONGEST_REPLY_ALONE = 1024
"""`max_length` is the context's in SillyTavern's presets and the reply's in NovelAI's and
KoboldAI's; where nothing else tells, its size does."""
_EFFORTS = {
    **{word: word for word in ("none", "minimal", "low", "medium", "high", "max")},
    "off": "none",
    "min": "minimal",
    "xhigh": "max",
    "maximum": "max",
}
_CONTEXT_SWITCHES = {
    "always_force_name2": ALWAYS_FORCE_NAME,
    "trim_sentences": TRIM_SENTENCES,
    "single_line": SINGLE_LINE,
}
"""What SillyTavern's context templates switch beside themselves."""
SECRETS = ("reverse_proxy", "proxy_password", "custom_url", "custom_include_headers", "api_key")
_CONNECTION = re.compile(
    r"(?:.*_(?:model|models|endpoint|url|provider|providers|quantizations|account_id|region"
    r"|project_id|auth_mode|base_url|deployment_name|api_version)|custom_.*|openrouter_.*"
    r"|nanogpt_.*|azure_.*|model|api|api_key|api_server|chat_completion_source|reverse_proxy"
    r"|proxy_password|bypass_status_check|show_external_models)"
)
_HANDLED = (
    *("name", "extensions", "max_context_unlocked", "reasoning_effort", "max_length", "temp"),
    *("stream_openai", "streaming", "stream", "media_inlining", "inline_image_quality"),
    *("use_cache", "return_full_text", "rep_pen_size", "json_schema_allow_empty", "base", "id"),
    *(
        "is_bundle",
        "can_use_stop_sequence",
        "use_sysprompt",
        "preset",
        "prompt",
        "include_reasoning",
    ),
)
"""Keys that say nothing more where they stand, or are always so here."""
_KNOWN_NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "n": (1, "1"),
    "bias_preset_selected": ("Default (none)",),
    "verbosity": ("auto",),
    "tool_reasoning_mode": ("auto",),
    "request_image_aspect_ratio": ("auto",),
    "request_image_resolution": ("auto",),
    "show_thoughts": (True, False),
    "tool_call_recurse_limit": (5,),
}
"""Values that ask for nothing."""
_SAMPLING = (PresetKind.CHAT, PresetKind.SAMPLER_TEXT, PresetKind.SAMPLER_CHAT)


def wishes_of(found: Iterable[tuple[PresetKind, Preset]]) -> PresetWishes:
    """What these presets ask for, all in one."""
    wishes = PresetWishes()
    for kind, preset in found:
        document = preset.model_dump(mode="json", exclude_unset=True)
        own = set(type(preset).model_fields)
        if kind in _SAMPLING:
            _read_sampling(document, wishes)
            own |= {*_REPLY, *_CONTEXT, *_STOPS}
        elif kind is PresetKind.CONTEXT:
            _read_switches(document, wishes)
            own |= set(_CONTEXT_SWITCHES)
        _read_extensions(document, wishes)
        _read_others(kind, document, own, wishes)
        if isinstance(preset, ChatPreset):
            _read_effort(document, wishes)
            if document.get("use_sysprompt") is False:
                # Instructions are always given as such where a server knows any.
                wishes.miss(Missing.UNKNOWN, "use_sysprompt")
    return wishes


def wish_reply_start(section: Any, wishes: PresetWishes) -> None:
    """What every reply begins with, as an export of everything has it."""
    if isinstance(section, Mapping) and isinstance(section.get("value"), str):
        wishes.options[REPLY_START] = section["value"]


def regex_scripts_of(document: JSON) -> tuple[JSON, ...]:
    """The regex scripts that a preset brings."""
    extensions = document.get("extensions")
    scripts = extensions.get("regex_scripts") if isinstance(extensions, Mapping) else None
    return (
        tuple(one for one in scripts if isinstance(one, Mapping))
        if isinstance(scripts, list)
        else ()
    )


def _read_sampling(document: JSON, wishes: PresetWishes) -> None:
    document = sampling_part(document)
    found: FileSamplers = read_samplers(document)
    wishes.samplers |= found.values
    wishes.limited |= {id_: (was, found.values[id_]) for id_, was in found.limited.items()}
    wishes.miss(Missing.VALUE, *found.refused)
    for option, key, number in _lengths(document):
        _take_length(option, key, number, wishes)
    for key in _STOPS:
        if key in document and (stops := _stops(document[key])) is not None:
            wishes.options[CUSTOM_STOP] = stops
            break


def _lengths(document: JSON) -> Iterator[tuple[Option[Any], str, Any]]:
    """Reply length and context, each under the first of its names."""
    reply = next((key for key in _REPLY if key in document), "")
    context = next((key for key in _CONTEXT if key in document), "")
    if (alone := document.get("max_length")) is not None:
        size = _whole(alone)
        is_short = size is not None and size <= _LONGEST_REPLY_ALONE
        if not reply and (context or is_short):
            reply = "max_length"
        elif not context:
            context = "max_length"
    for option, key in ((REPLY_LENGTH, reply), (CONTEXT_WISH, context)):
        if key:
            yield option, key, document[key]


def length_key(document: JSON, option: Option[Any]) -> str | None:
    """Under which key a document has the reply's length or the context's; None: nowhere."""
    return next((key for one, key, _number in _lengths(document) if one is option), None)


def _take_length(option: Option[Any], key: str, number: Any, wishes: PresetWishes) -> None:
    """Zero is no limit: nothing is asked for."""
    size = _whole(number)
    if size is None or size < 0:
        wishes.miss(Missing.VALUE, *([key] if number not in (None, "") else []))
        return
    if size == 0:
        return
    assert option.minimum is not None
    assert option.maximum is not None
    taken = round(min(max(size, option.minimum), option.maximum))
    wishes.options[option] = taken
    if taken != size:
        wishes.limited[key] = (size, taken)


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return round(float(value))
    except (ValueError, OverflowError):
        return None


def _stops(value: Any) -> list[str] | None:
    """A list, or SillyTavern's text of one; None for what is neither, and for none at all."""
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except ValueError:
            value = [value]
    if not isinstance(value, list):
        return None
    return [one for one in value if isinstance(one, str) and one] or None


def _read_switches(document: JSON, wishes: PresetWishes) -> None:
    for key, option in _CONTEXT_SWITCHES.items():
        if isinstance(document.get(key), bool):
            wishes.options[option] = document[key]


def _read_effort(document: JSON, wishes: PresetWishes) -> None:
    wish = str(document.get("reasoning_effort") or "").strip().lower()
    if wish in _EFFORTS:
        wishes.options[REASONING_EFFORT] = _EFFORTS[wish]
    elif wish not in ("", "auto"):
        wishes.miss(Missing.VALUE, "reasoning_effort")


def _read_extensions(document: JSON, wishes: PresetWishes) -> None:
    new = [one for one in regex_scripts_of(document) if one not in wishes.regex_scripts]
    wishes.regex_scripts += tuple(new)
    extensions = document.get("extensions")
    if isinstance(extensions, Mapping):
        others = [key for key, value in extensions.items() if key != "regex_scripts" and value]
        wishes.miss(Missing.UNKNOWN, *(f"extensions.{key}" for key in others))


def _read_others(kind: PresetKind, document: JSON, own: set[str], wishes: PresetWishes) -> None:
    """Names what nothing here takes, unless it asks for nothing."""
    document = sampling_part(document) if kind in _SAMPLING else document
    for key, value in document.items():
        if key in own or key in _HANDLED or (kind in _SAMPLING and is_about_samplers(key)):
            continue
        if value in (None, "", False, [], {}) or value in _KNOWN_NEUTRAL.get(key, ()):
            continue
        is_connection = kind in _SAMPLING and _CONNECTION.fullmatch(key) is not None
        wishes.miss(Missing.CONNECTION if is_connection else Missing.UNKNOWN, key)


def without_secrets(document: JSON) -> dict[str, Any]:
    """The document with keys and addresses of other people's servers emptied."""
    return {
        key: ({} if isinstance(value, Mapping) else "") if key in SECRETS and value else value
        for key, value in document.items()
    }
