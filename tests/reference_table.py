"""Prints which reference cases come out exactly, by family: `python -m tests.reference_table`."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from core.prompt.case.case import run_case
from tests.shared import SHARED

COMPARED = ("prompt", "messages", "stop", "world_info_activated", "timed_after", "nothing_sent")


def differences(path: Path) -> list[str]:
    """The keys of `expected` in which our result differs."""
    expected: dict[str, Any] = json.loads(path.read_text("utf-8"))["expected"]
    result = run_case(path)
    return [
        key
        for key in COMPARED
        if key in expected and _comparable(key, result.get(key)) != _comparable(key, expected[key])
    ]


def _comparable(key: str, value: Any) -> Any:
    """ActivatedEntry entries are compared as a set."""
    if key == "world_info_activated" and isinstance(value, list):
        return sorted((item["world"], item["uid"]) for item in value)
    return value


def main() -> int:
    """Prints the table; the status is 1 where a case differs."""
    passed: Counter[str] = Counter()
    failed: dict[str, list[str]] = {}
    for path in sorted((SHARED / "reference" / "cases").glob("*.json")):
        family = path.stem.partition("-")[0]
        try:
            wrong = differences(path)
        except Exception as error:  # the table shows every fault, whatever it is
            wrong = [f"{type(error).__name__}: {error}"[:60]]
        passed[family] += not wrong
        failed.setdefault(family, [])
        if wrong:
            failed[family].append(f"{path.stem} ({', '.join(wrong)})")
    for family, names in failed.items():
        total = passed[family] + len(names)
        print(f"{family:9} {passed[family]:3} of {total:3}  {'  '.join(names)}")
    return int(any(failed.values()))


if __name__ == "__main__":
    sys.exit(main())
