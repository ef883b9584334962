"""Which models think, as far as a name or a chat template tells."""

import re

_NAMES = re.compile(
    r"(?<![a-z0-9])(?:(?:deepseek-)?r1(?![a-z0-9])|qwq|qwen3.*thinking|glm-z1|exaone-deep"
    r"|openthinker|skywork-o1|marco-o1|deephermes)"
)
_MOST_END = 400


def leaves_out_opening(model: str, chat_template: str = "") -> bool:
    """Whether the template opens the thought itself, so that only its end comes as text.

    Servers that keep thoughts apart in a field of their own do so all the same.
    """
    if chat_template:
        end = chat_template[-_MOST_END:]
        return end.rfind("<think>") > end.rfind("</think>")
    return _NAMES.search(model.lower().replace("_", "-")) is not None
