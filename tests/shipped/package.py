"""SillyTavern's npm package, fetched once into the system's temporary folder.

Only what it ships as content is unpacked. Without npm or a network the tests are skipped, loudly.
"""

import functools
import shutil
import subprocess
import tarfile
import tempfile
import warnings
from pathlib import Path

import pytest

NAME = "sillytavern@1.19.0"
CONTENT = "package/default/content"
SECONDS = 300
KINDS = ("context", "instruct", "sysprompt", "reasoning", "textgen", "kobold", "novel", "openai")
"""Folders of presets that say something about prompts; the others lay out its screen."""
SAMPLING = ("textgen", "kobold", "novel", "openai")


@functools.cache
def content() -> Path:
    """The folder with what it ships. Skips the test where it cannot be had."""
    kept = Path(tempfile.gettempdir()) / "tavernkeeper-tests" / NAME.replace("@", "-")
    if not kept.is_dir():
        _fetch(kept)
    return kept / CONTENT


def preset_files(*kinds: str) -> list[Path]:
    """The presets of these kinds, of all where none is named."""
    folders = [content() / "presets" / kind for kind in kinds or KINDS]
    return sorted(file for folder in folders for file in folder.glob("*.json"))


def _fetch(kept: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        _skip("npm is not installed")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as made:
        try:
            packing = [str(npm), "pack", NAME, "--silent", "--pack-destination", made]
            subprocess.run(packing, check=True, capture_output=True, timeout=SECONDS, cwd=made)
        except (subprocess.SubprocessError, OSError) as error:
            _skip(f"npm does not get it: {error}")
        (packed,) = Path(made).glob("*.tgz")
        unpacked = Path(made) / "unpacked"
        with tarfile.open(packed) as archive:
            wanted = [one for one in archive if one.name.startswith(f"{CONTENT}/")]
            archive.extractall(unpacked, wanted, filter="data")
        try:
            unpacked.rename(kept)
        except OSError:
            assert kept.is_dir(), "another process did not put it there either"


def _skip(why: str) -> None:
    text = f"what SillyTavern ships is not tested here: {why}"
    warnings.warn(text, pytest.PytestWarning, stacklevel=3)
    pytest.skip(text)
