"""Which models see, by their names."""

import pytest

from core.backends.catalog import Catalog
from core.backends.types import Probe
from core.detect import sees_by_name
from core.engine.images import sees
from core.kind import Kind
from core.models_in_use.backend_pool import ModelFacts


@pytest.mark.parametrize(
    "model",
    [
        "llava-v1.6-34b", "Qwen/Qwen2.5-VL-7B-Instruct", "qwen3-vl:8b", "pixtral-12b-2409",
        "mistralai/Mistral-Small-3.2-24B-Instruct-2506", "google/gemma-3-27b-it", "gpt-4o-mini",
        "openai/gpt-5.1", "o3", "claude-sonnet-4-5", "gemini-2.5-flash", "x-ai/grok-4",
        "meta-llama/Llama-4-Scout-17B-16E-Instruct", "llama-3.2-90b-vision-preview", "glm-4.5v",
        "OpenGVLab/InternVL3-8B",
    ],
)  # fmt: skip
def test_these_see(model: str) -> None:
    assert sees_by_name(model)


@pytest.mark.parametrize(
    "model",
    [
        "", "llama-3.3-70b", "gpt-3.5-turbo", "gpt-4", "gpt-oss-120b", "o3-mini", "o1-mini",
        "qwen3-32b", "gemma-3-1b-it", "mistral-7b", "deepseek-chat", "command-r", "glm-4-6",
        "revision-7b", "television", "gemma-3-12b-it-Q4_K_M.gguf", "llava-1.5-7b.Q5_K_M.gguf",
    ],
)  # fmt: skip
def test_these_do_not(model: str) -> None:
    assert not sees_by_name(model)


@pytest.mark.parametrize(
    ("told", "wish", "expected"),
    [
        (None, "auto", True), (False, "auto", False), (False, "on", True), (True, "off", False),
    ],
)  # fmt: skip
def test_the_wish_goes_first_then_the_server_then_the_name(
    told: bool | None, wish: str, expected: bool
) -> None:
    spec = Catalog.load().get("openai-compatible")
    facts = ModelFacts("qwen2.5-vl-7b", Kind.CHAT, probe=Probe(sees=told))
    assert sees(spec, Kind.CHAT, facts, wish) is expected
    assert not sees(Catalog.load().get("deepseek"), Kind.CHAT, facts, "on")
