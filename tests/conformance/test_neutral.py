"""Servers whose own defaults change the text are told the values that change nothing."""

from typing import Any

import pytest

from core.backends.catalog import Catalog
from core.backends.types import Request
from core.kind import Kind
from core.samplers.table import defaults
from tests.conformance.test_rows import ROWS, name, staged

OPENAI = {"top_p": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}
LLAMACPP = OPENAI | {
    "top_k": 0, "typical_p": 1.0, "repeat_penalty": 1.0, "dry_multiplier": 0.0,
    "xtc_probability": 0.0, "mirostat": 0,
}  # fmt: skip
VLLM = OPENAI | {"top_k": -1, "repetition_penalty": 1.0}
APHRODITE = VLLM | {"typical_p": 1.0, "dry_multiplier": 0.0, "xtc_probability": 0.0}
TEXTGEN = OPENAI | {
    "top_k": 0, "typical_p": 1.0, "repetition_penalty": 1.0, "dry_multiplier": 0.0,
    "xtc_probability": 0.0, "mirostat_mode": 0,
}  # fmt: skip
NEUTRAL: dict[str, dict[str, float]] = {
    "koboldcpp": {
        "top_p": 1.0, "top_k": 0, "typical": 1.0, "rep_pen": 1.0, "presence_penalty": 0.0,
        "dry_multiplier": 0.0, "xtc_probability": 0.0, "mirostat": 0,
    },
    "koboldai": {"top_p": 1.0, "top_k": 0, "typical": 1.0, "rep_pen": 1.0},
    "horde": {"top_p": 1.0, "top_k": 0, "typical": 1.0, "rep_pen": 1.0},
    "llamacpp": LLAMACPP,
    "lmstudio": OPENAI | {"top_k": 0, "repeat_penalty": 1.0},
    "ollama": OPENAI | {"top_k": 0, "typical_p": 1.0, "repeat_penalty": 1.0},
    "textgenwebui": TEXTGEN,
    "textgenwebui-legacy": {
        "top_p": 1.0, "top_k": 0, "typical_p": 1.0, "repetition_penalty": 1.0, "mirostat_mode": 0,
    },
    "tabby": OPENAI | {
        "top_k": 0, "typical": 1.0, "repetition_penalty": 1.0, "dry_multiplier": 0.0,
        "xtc_probability": 0.0, "mirostat_mode": 0,
    },
    "vllm": VLLM,
    "aphrodite": APHRODITE,
    "mancer": OPENAI | {
        "top_k": 0, "typical_p": 1.0, "repetition_penalty": 1.0, "dry_multiplier": 0.0,
        "xtc_probability": 0.0,
    },
}  # fmt: skip
"""By row: what stands in the body that a server records, beside the values of the preset."""


def test_every_row_that_sends_neutral_values_is_checked() -> None:
    assert {spec.id for spec in Catalog.load() if spec.sampling.neutral} == NEUTRAL.keys()


@pytest.mark.parametrize("row", [one for one in ROWS if one[0].id in NEUTRAL], ids=name)
async def test_neutral_values_reach_the_server(row: Any) -> None:
    async with staged(row) as stage:
        request = stage.request(samplers=defaults(stage.kind))
        await stage.ask(samplers=request.samplers)
        body = stage.standin.replies[-1].body
        sent = body.get("options", body)
        expected = NEUTRAL[stage.spec.id] | {"temperature": 1.0}
        if stage.kind is Kind.TEXT and "min_p" in sent:
            expected |= {"min_p": 0.05}
        assert {key: sent.get(key) for key in expected} == expected
        await stage.ask(samplers={"top_p": 0.8, "temperature": 0.5})
        body = stage.standin.replies[-1].body
        sent = body.get("options", body)
        assert (sent["top_p"], sent["temperature"]) == (0.8, 0.5)


async def test_horde_is_told_neutral_values_too() -> None:
    from core.backends.horde import job_body

    spec = Catalog.load().get("horde")
    request = Request(Kind.TEXT, "m", prompt="x", samplers=defaults(Kind.TEXT))
    params = job_body(spec, request)["params"]
    expected = NEUTRAL["horde"] | {"temperature": 1.0, "min_p": 0.05}
    assert {key: params.get(key) for key in expected} == expected
