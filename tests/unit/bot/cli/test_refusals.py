"""What the operator gets wrong is told in one line, without a traceback."""

import asyncio
import socket
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.cli.playground import local_discord
from core.backends.models import read_models
from core.errors import BadAnswer, InvalidOption


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert told.count("\n") == 1
    return told


def test_a_key_is_quoted_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVERN_SECRETS__KEY", "short")
    assert "at `secrets.key`. There is no master key" in refusal(capsys, "migrate")


def test_an_unknown_sampler_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    told = refusal(capsys, "say", "--backend", "rehearsal", "--set", "nosuch=1", "hi")
    assert "There is no sampler called “nosuch”" in told


def test_a_binary_file_is_no_list_of_messages_and_no_prompt(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("binary").write_bytes(b"\xff\xfe\x00")
    told = refusal(capsys, "say", "--backend", "rehearsal", "--messages", "binary")
    assert "It has to be a JSON list of messages with role and content." in told
    told = refusal(
        capsys, "say", "--backend", "rehearsal", "--kind", "text", "--raw-prompt", "binary"
    )
    assert "It isn't UTF-8 text." in told


def test_a_driver_that_is_not_installed_is_told_with_its_extra(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    monkeypatch.setenv("TAVERN_DATABASE__URL", "postgresql+asyncpg://u:canary@host/db")
    told = refusal(capsys, "migrate")
    assert 'pip install "tavernkeeper[postgres]"' in told
    assert "canary" not in told


def test_a_table_that_cannot_be_read_or_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert "/no/such/x" in refusal(capsys, "backends", "--write", "/no/such/x")


def test_a_data_folder_that_cannot_be_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv("TAVERN_DATA_DIR", "file/below")
    assert "Nothing can be written to file/below" in refusal(capsys, "migrate")


async def test_a_port_that_cannot_be_had_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for port in (taken.getsockname()[1], 99_999):
            with pytest.raises(InvalidOption):
                async with asyncio.timeout(10), local_discord(port):
                    pass


def test_a_list_of_models_of_another_shape_names_its_server() -> None:
    with pytest.raises(BadAnswer) as caught:
        read_models({"data": 5}, "LM Studio")
    assert caught.value.facts["where"] == "LM Studio"
