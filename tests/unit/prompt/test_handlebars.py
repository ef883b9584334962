"""The long proof against Handlebars.js itself."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidTemplate
from core.prompt.handlebars.template import read_template
from core.reasons import Reason
from tests.handlebars_golden import ask
from tests.story_grammar import Grammar

TEMPLATES = 2_000


@pytest.mark.full
@pytest.mark.skipif(not os.environ.get("TAVERN_FULL"), reason="runs with TAVERN_FULL=1")
def test_equal_to_handlebars_on_generated_templates(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not here")
    subprocess.run([npm, "install", "--prefix", str(tmp_path), "handlebars@4.7.8"], check=True)
    grammar = Grammar(1)
    cases: list[dict[str, Any]] = [
        {"template": grammar.template(), "values": grammar.values()} for _ in range(TEMPLATES)
    ]
    answers = ask(cases, tmp_path / "node_modules" / "handlebars")
    different = [
        case["template"]
        for case, answer in zip(cases, answers, strict=True)
        if ours(case["template"], case["values"]) not in (answer.get("text"), TOO_MANY_BLOCKS)
    ]
    assert different == []


TOO_MANY_BLOCKS = "a limit of ours"
LIMITS = {Reason.TOO_MANY_PARTS, Reason.TOO_DEEP}


def ours(template: str, values: dict[str, str]) -> str | None:
    """Our text; None where the template is refused for its form."""
    try:
        return read_template(template).render(values, lambda name: "{{" + name + "}}")
    except InvalidTemplate as refused:
        return TOO_MANY_BLOCKS if refused.reason in LIMITS else None
