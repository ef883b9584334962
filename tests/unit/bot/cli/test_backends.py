"""The `backends` command."""

import argparse
import json

import pytest

from bot.cli import backends
from core.backends.catalog import Catalog


async def test_every_row_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert await backends.run(argparse.Namespace(json=True, markdown=False, write=None)) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == list(Catalog.load().rows)
    for row in rows:
        assert row["samplers"], row["id"]
        assert set(row["kinds"]) <= {"text", "chat"}
    assert await backends.run(argparse.Namespace(json=False, markdown=False, write=None)) == 0
    assert "KoboldCpp" in capsys.readouterr().out
    assert await backends.run(argparse.Namespace(json=False, markdown=True, write=None)) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 + len(rows)
