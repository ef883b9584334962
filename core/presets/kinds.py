"""The kinds of presets; each is a folder of YAML files beside this module."""

from enum import StrEnum


class PresetKind(StrEnum):
    """What a preset sets. The value is the folder's name."""

    CONTEXT = "context"
    INSTRUCT = "instruct"
    SYSTEM = "system"
    CHAT = "chat"
    SAMPLER_TEXT = "sampler_text"
    SAMPLER_CHAT = "sampler_chat"
    REASONING = "reasoning"
