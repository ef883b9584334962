"""The templates that hold for one reply."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.prompt.templates import ChatPreset, ContextTemplate, InstructTemplate, SystemPrompt


@dataclass(frozen=True, slots=True)
class Thinking:
    """The marks between which a model thinks in plain text."""

    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()


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
