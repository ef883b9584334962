"""Where the reference material lies, for tests that compare with it."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TAVERN_SHARED") or ROOT.parent / "shared")


def shared_path(*parts: str) -> Path:
    """A path below the reference folder; skips the test, saying so, where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"reference material is not here: {'/'.join(parts)}")
    return path
