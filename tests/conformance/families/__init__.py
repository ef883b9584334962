"""How each wire protocol frames its answers, as their makers document it: the stand-ins' side."""

from tests.conformance.families.anthropic import ANTHROPIC
from tests.conformance.families.base import Family
from tests.conformance.families.cohere import COHERE
from tests.conformance.families.gemini import GEMINI
from tests.conformance.families.kobold import KOBOLDAI, KOBOLDCPP
from tests.conformance.families.llamacpp import LLAMACPP
from tests.conformance.families.novelai import NOVELAI
from tests.conformance.families.ollama import OLLAMA
from tests.conformance.families.openai import OPENAI_CHAT, OPENAI_TEXT

__all__ = ["FAMILIES", "OPENAI_CHAT", "OPENAI_TEXT", "Family"]

FAMILIES: dict[str, Family] = {
    family.protocol: family
    for family in (
        ANTHROPIC,
        COHERE,
        GEMINI,
        KOBOLDAI,
        KOBOLDCPP,
        LLAMACPP,
        NOVELAI,
        OLLAMA,
        OPENAI_CHAT,
        OPENAI_TEXT,
    )
}
