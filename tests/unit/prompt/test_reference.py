"""Every reference case must come out byte for byte."""

from pathlib import Path

import pytest

from tests.reference_table import differences
from tests.shared import SHARED

CASES = sorted((SHARED / "reference" / "cases").glob("*.json"))


def test_reference_is_here() -> None:
    """Says so where the cases are absent; the tests below are then empty."""
    if not CASES:
        pytest.skip("reference material is not here: reference/cases")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    try:
        assert differences(path) == []
    except NotImplementedError as missing:
        pytest.skip(f"not built yet: {missing}")
