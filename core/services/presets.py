"""Presets as commands use them, and the templates that hold for a reply."""

from typing import Any

from core.option import Resolved
from core.options import (
    CHAT_PRESET,
    CONTEXT_TEMPLATE,
    INSTRUCT_ENABLED,
    INSTRUCT_TEMPLATE,
    SAMPLERS,
    SYSTEM_PROMPT,
)
from core.presets import stock
from core.presets.bundle import Templates
from core.prompt.templates import ChatPreset, ContextTemplate, InstructTemplate, SystemPrompt

DEFAULT = "Default"
SYSTEM_DEFAULT = "Neutral - Chat"


class PresetService:
    """Finds presets by name."""

    def templates(self, options: Resolved) -> Templates:
        """What lays out the prompt here."""
        context = options[CONTEXT_TEMPLATE] or options[INSTRUCT_TEMPLATE] or DEFAULT
        context = context if context in stock.names("context") else DEFAULT
        instruct = options[INSTRUCT_TEMPLATE]
        enabled = options[INSTRUCT_ENABLED]
        system = options[SYSTEM_PROMPT] or SYSTEM_DEFAULT
        chat = options[CHAT_PRESET] or DEFAULT
        samplers: dict[str, Any] = options[SAMPLERS]
        return Templates(
            context=ContextTemplate.model_validate(stock.document("context", context)),
            instruct=InstructTemplate.model_validate(stock.document("instruct", instruct))
            if instruct and enabled != "off"
            else None,
            system=SystemPrompt.model_validate(stock.document("system", system)),
            chat=ChatPreset.model_validate(stock.document("chat", chat)),
            samplers=samplers,
            chosen={"context": context, "instruct": instruct or "", "system": system, "chat": chat},
        )
