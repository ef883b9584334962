"""Presets as documents: SillyTavern's JSON in, the same JSON out, unknown keys kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from core.backends.thoughts import FAMILIES, ThoughtFamily
from core.errors import InvalidPreset
from core.presets.templates import (
    ChatPreset,
    ContextTemplate,
    InstructTemplate,
    PresetDocument,
    SystemPrompt,
    Text,
)
from core.reasons import Reason
from core.samplers.preset_files import read_samplers
from core.validation import expected


class PresetKind(StrEnum):
    """What a preset sets. Each kind is a folder of YAML files beside this module, of that name."""

    CONTEXT = "context"
    INSTRUCT = "instruct"
    SYSTEM = "system"
    CHAT = "chat"
    SAMPLER_TEXT = "sampler_text"
    SAMPLER_CHAT = "sampler_chat"
    REASONING = "reasoning"


class SamplerPreset(PresetDocument):
    """Sampler values under any of the names that preset files use."""

    name: Text = ""

    @property
    def values(self) -> dict[str, Any]:
        """The values by our sampler ids; those out of their range are moved to its border."""
        return read_samplers(self.model_extra or {}).values


class ReasoningPreset(PresetDocument):
    """What stands around a model's thinking in plain text."""

    name: Text = ""
    prefix: Text = ""
    suffix: Text = ""
    separator: Text = ""


Preset = (
    ContextTemplate | InstructTemplate | SystemPrompt | ChatPreset | SamplerPreset | ReasoningPreset
)
_MODELS: Mapping[PresetKind, type[Preset]] = {
    PresetKind.CONTEXT: ContextTemplate,
    PresetKind.INSTRUCT: InstructTemplate,
    PresetKind.SYSTEM: SystemPrompt,
    PresetKind.CHAT: ChatPreset,
    PresetKind.SAMPLER_TEXT: SamplerPreset,
    PresetKind.SAMPLER_CHAT: SamplerPreset,
    PresetKind.REASONING: ReasoningPreset,
}


def read_preset(kind: PresetKind, document: object, name: str = "") -> Preset:
    """A preset out of a parsed document; `name` stands in where it has none.

    Raises `InvalidPreset` that names the first field of a wrong type.
    """
    if not isinstance(document, Mapping):
        raise InvalidPreset(Reason.NO_OBJECT)
    try:
        preset = _MODELS[kind].model_validate(dict(document))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(step) for step in first["loc"])
        raise InvalidPreset(Reason.FIELD_WRONG, field=field, expected=expected([first])) from error
    return preset if preset.name or not name else named(preset, name)


def named(preset: Preset, name: str) -> Preset:
    """The preset under a name; a file that had none of its own goes out without one again."""
    if name == preset.name:
        return preset
    had_one = bool(preset.name)
    copy = preset.model_copy(update={"name": name})
    if not had_one:
        copy.model_fields_set.discard("name")
    return copy


def write_preset(preset: Preset) -> dict[str, Any]:
    """The document of a preset: what was in its file or changed since, unknown keys too.

    Sampler presets and prompt lists are known by their file's name only.
    """
    document = preset.model_dump(mode="json", exclude_unset=True)
    if not isinstance(preset, SamplerPreset | ChatPreset):
        document.setdefault("name", preset.name)
    return document


def whole_document(preset: Preset) -> dict[str, Any]:
    """Every key of the preset's format with its value, and every other key it came with."""
    return {**preset.model_dump(mode="json"), **write_preset(preset)}


@dataclass(frozen=True, slots=True)
class Thinking:
    """The families of models whose marks of thoughts are looked for in plain text."""

    families: tuple[ThoughtFamily, ...] = FAMILIES


@dataclass(frozen=True, slots=True)
class Templates:
    """What lays the prompt out, and the sampler values that go with it.

    `instruct` None: instruct mode is off. `chosen` names each template that is in use.
    """

    context: ContextTemplate
    instruct: InstructTemplate | None
    system: SystemPrompt
    chat: ChatPreset
    samplers: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    thinking: Thinking = Thinking()
