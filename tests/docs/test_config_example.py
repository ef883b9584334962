"""`config.example.yaml` names every key once, with its default and a reason."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings import OfferedConnection, Settings, fields, load_settings

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
KEYS = [(".".join(path), field) for path, field in fields(Settings)]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    return read


def paths(document: dict[str, Any], above: str = "") -> list[str]:
    found = []
    for key, value in document.items():
        path = f"{above}{key}"
        found += paths(value, f"{path}.") if isinstance(value, dict) else [path]
    return found


def test_it_names_every_key_and_no_other(document: dict[str, Any]) -> None:
    assert sorted(paths(document)) == sorted(path for path, _ in KEYS)


def test_it_loads_and_changes_nothing() -> None:
    loaded = load_settings(EXAMPLE, {})
    assert loaded.model_dump(mode="python", exclude={"discord": {"token"}, "secrets": {"key"}}) == (
        Settings().model_dump(mode="python", exclude={"discord": {"token"}, "secrets": {"key"}})
    )
    assert not loaded.discord.token
    assert not loaded.secrets.key


def test_every_section_has_reasons() -> None:
    """Above each key stands a comment, its own or one for the few keys that follow it."""
    reason, without = "", []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        stripped = line.strip()
        if stripped.startswith("#"):
            reason = stripped
        elif not stripped:
            reason = ""
        elif not stripped.endswith(":") and not reason:
            without.append(stripped)
    assert without == []


def test_every_key_of_an_offered_connection_is_explained() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    about = text[text.index("# Models that you offer") : text.index("connections: []")]
    for key in OfferedConnection.model_fields:
        assert key in about
