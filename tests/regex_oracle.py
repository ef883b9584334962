"""What JavaScript makes of patterns and replacements, asked of node."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

ORACLE = Path(__file__).with_name("regex_oracle.js")

Replacing = tuple[str, str, str, list[str], str]
"""Source, flags, replacement, texts to take out, text."""


def ask_javascript(cases: Sequence[Replacing]) -> list[str | None]:
    """The replaced texts; None where the pattern is refused."""
    done = subprocess.run(
        ["node", str(ORACLE)],
        input="".join(json.dumps(case) + "\n" for case in cases),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [json.loads(line) for line in done.stdout.strip("\n").split("\n")]
