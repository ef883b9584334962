"""`python -m bot card` on presets: their kind, their data as it stands, and what cannot be."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main

ODD: dict[str, Any] = {"temp": 99, "top_p": 0.9, "top_k": "many", "genamt": "long", "mine": [1]}


@pytest.mark.parametrize(
    ("document", "kind", "warnings"),
    [
        (
            ODD,
            "sampler",
            [
                "`temperature` was out of range, so it was set to 10.",
                "`top_k` can't be read, so it was left out.",
                "`genamt` can't be read, so it was left out.",
            ],
        ),
        (
            {"prompts": [{"identifier": "main"}], "openai_max_tokens": 10**9, "temperature": 1},
            "chat-preset",
            ["`openai_max_tokens` was out of range, so it was set to 65536."],
        ),
        ({"preset": ODD, "sysprompt": {"name": "x", "content": "y"}}, "bundle", None),
        ({"name": "x", "content": "y", "post_history": ""}, "system-prompt", []),
        ({"story_string": "x", "name": "x", "more": 1}, "context", []),
        ({"input_sequence": "u", "output_sequence": "a", "name": "x"}, "instruct", []),
        ({"prefix": "<", "suffix": ">", "separator": "", "name": "x"}, "reasoning", []),
    ],
)
def test_each_kind_with_its_data_and_warnings(
    document: dict[str, Any],
    kind: str,
    warnings: list[str] | None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "preset.json"
    path.write_text(json.dumps(document), "utf-8")
    assert main(["card", "--json", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["data"]) == (kind, document)
    assert len(told["warnings"]) == 3 if warnings is None else told["warnings"] == warnings
