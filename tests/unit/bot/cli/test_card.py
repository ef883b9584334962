"""`python -m bot card`."""

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.unit.characters import samples


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "wren.bin"
    path.write_bytes(samples.png(samples.text(samples.v2(tags="sea"))))
    return path


def test_prints_one_object_a_file(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", str(card), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert set(shown) == {"file", "kind", "name", "data", "warnings"}
    assert (shown["kind"], shown["name"]) == ("card", "Wren")
    assert shown["data"]["data"]["tags"] == ["sea"]
    assert len(shown["warnings"]) == 1


def test_refuses_one_file_and_prints_the_other(
    card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(card.read_bytes()[:50])
    assert main(["card", str(broken), str(card), str(tmp_path / "none"), "--json"]) == 1
    printed = capsys.readouterr()
    first, second, third = (json.loads(line) for line in printed.out.splitlines())
    assert first["file"] == str(broken)
    assert "cut off" in first["error"]
    assert second["name"] == "Wren"
    assert set(third) == {"file", "error"}
    assert [line[:7] for line in printed.err.splitlines()] == ["error: ", "error: "]


def test_reads_for_people_too(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", str(card)]) == 0
    printed = capsys.readouterr().out
    assert "a character card, “Wren”" in printed
    assert "warning: `data.tags`" in printed


@pytest.mark.parametrize("suffix", [".png", ".json", ".charx"])
def test_writes_it_back(card: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = card.with_suffix(suffix)
    assert main(["card", str(card), "--out", str(out), "--json"]) == 0
    before = json.loads(capsys.readouterr().out)["data"]["data"]
    assert main(["card", str(out), "--json"]) == 0
    after = json.loads(capsys.readouterr().out)["data"]["data"]
    assert before.items() <= after.items()


def test_wrong_usage(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", str(card), str(card), "--out", "x.png"]) == 2
    assert main(["card", str(card), "--out", str(card.with_suffix(".gif"))]) == 1
    assert not card.with_suffix(".gif").exists()
    assert capsys.readouterr().err.count("error: ") == 2
