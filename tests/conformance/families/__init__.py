"""How each wire protocol frames its answers, after backends.md: the stand-ins' side."""

from tests.conformance.families.base import Family
from tests.conformance.families.kobold import KOBOLDCPP
from tests.conformance.families.llamacpp import LLAMACPP
from tests.conformance.families.ollama import OLLAMA
from tests.conformance.families.openai import OPENAI_CHAT, OPENAI_TEXT

FAMILIES: dict[str, Family] = {
    family.protocol: family for family in (OPENAI_CHAT, OPENAI_TEXT, LLAMACPP, KOBOLDCPP, OLLAMA)
}
