"""`python -m bot card` over every preset, card and lorebook: in, out, equal."""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from tests.shipped.package import content, preset_files

KIND = {
    "context": "context",
    "instruct": "instruct",
    "sysprompt": "system-prompt",
    "reasoning": "reasoning",
    "textgen": "sampler",
    "kobold": "sampler",
    "novel": "sampler",
    "openai": "chat-preset",
}
ENTRY: dict[str, Any] = {
    "selectiveLogic": 0,
    "triggers": [],
    "role": 0,
    "outletName": "",
    "ignoreBudget": False,
    **{
        f"match{field}": False
        for field in (
            *("CharacterDescription", "PersonaDescription", "CharacterDepthPrompt"),
            *("CharacterPersonality", "Scenario", "CreatorNotes"),
        )
    },
}
"""What an entry has where a file does not say it."""


def shown(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["card", str(path), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def written(path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(["card", str(path), "--out", str(out)]) == 0
    capsys.readouterr()
    return json.loads(out.read_text("utf-8"))


def test_every_preset_comes_out_as_it_went_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = preset_files()
    assert len(files) > 120
    for path in files:
        document = json.loads(path.read_text("utf-8"))
        told = shown(path, capsys)
        assert told["kind"] == KIND[path.parent.name], path
        assert told["warnings"] == [], path
        assert told["data"] == document, path
        assert written(path, tmp_path / "out.json", capsys) == document, path


def test_what_lays_out_its_screen_is_refused_with_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    others = [
        content() / "presets" / kind / "Default.json" for kind in ("moving-ui", "quick-replies")
    ]
    assert main(["card", "--json", *map(str, others)]) == 1
    for line in capsys.readouterr().out.splitlines():
        assert "none of the files this bot knows" in json.loads(line)["error"]


def test_every_lorebook_comes_out_as_sillytavern_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    books = [
        path
        for path in content().glob("*.json")
        if "entries" in json.loads(path.read_text("utf-8"))
    ]
    assert books
    for path in books:
        given = json.loads(path.read_text("utf-8"))["entries"]
        told = shown(path, capsys)
        assert (told["kind"], told["warnings"]) == ("lorebook", [])
        out = tmp_path / path.name
        again = written(path, out, capsys)["entries"]
        assert {key: filled(entry) for key, entry in again.items()} == {
            key: filled(entry) for key, entry in given.items()
        }
        assert written(out, tmp_path / "twice.json", capsys)["entries"] == again


def filled(entry: dict[str, Any]) -> dict[str, Any]:
    return ENTRY | {key: value for key, value in entry.items() if value is not None}


def test_every_card_comes_out_as_it_went_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cards = [path for path in content().glob("*.png") if chunks(path.read_bytes())]
    assert cards
    for path in cards:
        given = chunks(path.read_bytes())
        told = shown(path, capsys)
        assert (told["kind"], told["warnings"]) == ("card", [])
        out = tmp_path / path.name
        assert main(["card", str(path), "--out", str(out)]) == 0
        capsys.readouterr()
        again = chunks(out.read_bytes())
        for keyword, document in given.items():
            for key, value in document["data"].items():
                found = again[keyword]["data"][key]
                if key == "character_book":
                    # The specification demands the key, which the card leaves out.
                    value = {"extensions": {}, **value}
                assert found == value, (path.name, keyword, key)
            assert again[keyword]["spec"] == document["spec"]
        twice = tmp_path / "twice.png"
        assert main(["card", str(out), "--out", str(twice)]) == 0
        capsys.readouterr()
        assert chunks(twice.read_bytes()) == again


def chunks(data: bytes) -> dict[str, Any]:
    """The cards in a picture's text chunks, read by hand."""
    found: dict[str, Any] = {}
    place = 8
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert zlib.crc32(kind + body) == int.from_bytes(data[place + 8 + length :][:4])
        keyword, _, text = body.partition(b"\0")
        if kind == b"tEXt" and keyword in (b"chara", b"ccv3"):
            found[keyword.decode()] = json.loads(base64.b64decode(text))
        place += 12 + length
    return found
