"""Whether a model's name tells that it sees pictures."""

import re

_SEES = re.compile(
    # Families and sizes whose makers name them so; what their servers say of themselves goes first.
    r"llava|moondream|pixtral|internvl|minicpm-?v|cogvlm|molmo|smolvlm|nanonets|fuyu|idefics"
    r"|(?<![a-z])(?:vl|vlm|vision|multimodal|omni)(?![a-z])"
    r"|qwen-?3\.5|gemma-?3-?n?-(?:4|12|27)b|gemma-?4|llama-?4|(?:scout|maverick)-17b"
    r"|mistral-(?:small-(?:3\.[1-9]|24b-.*(?:250[3-9]|25[1-9]\d))|medium-3)"
    r"|gpt-(?:4o|4\.1|4-turbo|5)|chatgpt-4o|(?<![a-z\d])o[134](?!-mini|-preview|[a-z\d])|o4-mini"
    r"|claude-(?:3|opus|sonnet|haiku)|gemini-(?:1\.5|[2-9])|grok-(?:[4-9]|2-vision)|glm-4\.?[1-9]*v"
    r"|kimi-(?:vl|k2\.5)|phi-(?:3|3\.5|4)-(?:vision|multimodal)|aya-vision|command-a-vision"
)
_BLIND = re.compile(r"gpt-oss|embed|whisper|tts|text-only")
_FILE = re.compile(r"\.gguf$|(?:^|[-_.])i?q[2-8]_")


def sees_by_name(model: str) -> bool:
    """Whether models of this name see.

    Files do not count: whether the eyes of a GGUF are loaded beside it, only its server knows.
    """
    name = model.lower()
    is_told = _SEES.search(name) and not _BLIND.search(name)
    return bool(is_told and not _FILE.search(name))
