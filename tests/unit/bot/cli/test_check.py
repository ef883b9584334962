"""`check`: every fault with its place, and none of them in another's name."""

from pathlib import Path

import pytest

from bot.__main__ import main


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(capsys: pytest.CaptureFixture[str], text: str) -> list[str]:
    """What `check` says about a configuration that is not right."""
    Path("config.yaml").write_text(text)
    assert main(["check"]) == 1
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("BROKEN")]


def test_all_wrong_values_are_told_each_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(
        capsys,
        "log: {level: loud}\nlimits: {characters: -1, nosuch: 2}\n"
        "metrics: {listen: '127.0.0.1:9090'}\n",
    )
    assert len(lines) == 4
    # The nearest known key may stand behind.
    places = {line.split("`")[1] for line in lines}
    assert places == {"limits.nosuch", "log.level", "limits.characters", "metrics.listen"}


def test_connections_are_told_by_their_own_names(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(
        capsys,
        "connections:\n"
        "  - {name: Misspelt, backend: kobolcpp}\n"
        "  - {name: Keyless, backend: openai, key_env: MY_OPENAI_KEY}\n"
        "  - {name: Fine, backend: rehearsal}\n",
    )
    assert len(lines) == 2
    assert lines[0].startswith("BROKEN  connection Misspelt: There is no backend called")
    assert "koboldcpp" in lines[0]
    assert "BROKEN  connection Keyless: the environment variable MY_OPENAI_KEY" in lines[1]
