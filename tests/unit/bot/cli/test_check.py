"""`check`: every fault with its place, and none of them in another's name."""

from pathlib import Path

import pytest

from bot.__main__ import main
from bot.cli._errors import log_faulty_connections
from core.chat.place import Place
from core.engine import Engine
from core.settings import Settings


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


def test_a_faulty_address_is_told_of_its_own_connection_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = told(
        capsys,
        "connections:\n"
        "  - {name: Typo, backend: koboldcpp, url: 'ftp://127.0.0.1:8803'}\n"
        "  - {name: Fine, backend: rehearsal}\n",
    )
    assert len(lines) == 1
    assert lines[0].startswith("BROKEN  connection Typo: The address “ftp://127.0.0.1:8803”")


async def test_faulty_connections_are_named_at_start(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "connections": [
                {"name": "Typo", "backend": "koboldcpp", "url": "ftp://127.0.0.1:8803"},
                {"name": "Misspelt", "backend": "kobolcpp", "default": True},
                {"name": "Fine", "backend": "rehearsal"},
            ],
        }
    )
    async with Engine.open(settings) as engine:
        await log_faulty_connections(engine)
        listed = await engine.services.connections.list(Place(1, 1))
        in_use = await engine.models.connection(Place(1, 1))
    said = [text for text in caplog.messages if text.startswith("connection ")]
    assert [text.split()[1] for text in said] == ["Typo", "Misspelt"]
    assert "It has to begin with `http://`" in said[0]
    assert [one.name for one in listed] == ["Fine"]
    assert in_use is None


@pytest.mark.parametrize(
    ("second", "place"),
    [
        ("{name: one, backend: rehearsal}", "connections[1].name"),
        ("{name: Two, backend: rehearsal, default: true}", "connections[1].default"),
    ],
)
def test_what_connections_may_not_share_has_a_place_and_hides_no_other_fault(
    capsys: pytest.CaptureFixture[str], second: str, place: str
) -> None:
    lines = told(
        capsys,
        "log: {level: loud}\nconnections:\n"
        f"  - {{name: One, backend: rehearsal, default: true}}\n  - {second}\n",
    )
    assert {line.split("`")[1] for line in lines} == {"log.level", place}
