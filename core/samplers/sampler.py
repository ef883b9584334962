"""What a sampler is: a range, what it does, and its name with each kind of server."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Dialect(StrEnum):
    """Whose names the samplers go by on the wire."""

    LLAMACPP = "llamacpp"
    KOBOLDCPP = "koboldcpp"
    KOBOLDAI = "koboldai"
    TEXTGEN = "textgen"
    TEXTGEN_LEGACY = "textgen-legacy"
    TABBY = "tabby"
    APHRODITE = "aphrodite"
    VLLM = "vllm"
    OLLAMA = "ollama"
    OPENAI = "openai"
    MISTRAL = "mistral"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
    COHERE = "cohere"
    NOVELAI = "novelai"
    HORDE = "horde"
    MANCER = "mancer"


class SamplerType(StrEnum):
    NUMBER = "number"
    WHOLE = "whole"
    SWITCH = "switch"
    TEXT = "text"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Sampler:
    """One row. `range` is inclusive; `neutral` is the value that changes nothing."""

    id: str
    type: SamplerType
    range: tuple[float, float] | None
    neutral: Any
    help: str
    names: Mapping[Dialect, str]
    """What it is called on the wire; dialects without a name do not have it."""
    imports: tuple[str, ...] = ()
    """Its names in SillyTavern's preset files, where they differ."""
    explicit: bool = False
    """Servers whose own default is not neutral are always told the neutral value."""
