"""Whose thoughts come without an opening mark: guessed by name or template, then learned."""

import pytest

from core.detect.thinking import leaves_out_opening


@pytest.mark.parametrize(
    ("model", "template", "expected"),
    [
        ("DeepSeek-R1-Distill-Qwen-14B-Q4_K_M.gguf", "", True),
        ("qwq-32b", "", True),
        ("Qwen3-30B-A3B-Thinking-2507", "", True),
        ("GLM-Z1-9B", "", True),
        ("mistral-small", "", False),
        ("qwen2.5-r16", "", False),
        ("stub", "{{ x }}{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}",
         True),
        ("deepseek-r1", "{{ x }}{% if no_think %}<think>\n\n</think>{% endif %}", False),
        ("qwq", "{{ messages }}", False),
    ],
)  # fmt: skip
def test_a_template_says_more_than_a_name(model: str, template: str, expected: bool) -> None:
    assert leaves_out_opening(model, template) is expected
