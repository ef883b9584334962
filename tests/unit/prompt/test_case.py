"""What a case file says, beyond the reference cases."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.prompt.case.case import read_case, run_case

CONTEXT = {"story_string": "{{lastSwipeId}}{{wiAfter}}", "chat_start": ""}


def result(folder: Path, card: dict[str, Any], **case: Any) -> dict[str, Any]:
    path = folder / "cases" / "one.json"
    path.parent.mkdir(exist_ok=True)
    spec = {"spec": "chara_card_v2", "data": {"name": "Mira", **card}}
    document = {"characters": [spec], "context": CONTEXT, **case}
    path.write_text(json.dumps(document), "utf-8")
    return run_case(path)


def test_a_new_chat_skips_an_empty_first_message(tmp_path: Path) -> None:
    greeted = {"first_mes": "", "alternate_greetings": ["Hello.", ""]}
    assert result(tmp_path, greeted)["prompt"] == "2\nMira: Hello.\nMira:"
    silent = {"first_mes": "", "alternate_greetings": ["", "Hello."]}
    assert "Hello" not in result(tmp_path, silent)["prompt"]


def test_a_linked_book_is_filed_by_number(tmp_path: Path) -> None:
    def entry(uid: int, content: str) -> dict[str, Any]:
        always = {"constant": True, "enabled": True, "insertion_order": 1}
        return {"id": uid, "keys": [], "content": content, **always}

    book = {"entries": [entry(7, "lost"), entry(2, "two"), entry(1, "one"), entry(7, "seven")]}
    card = {"character_book": book}
    told = result(tmp_path, card, import_embedded_book=True, history=[])
    assert told["prompt"].startswith("seven\ntwo\none\n")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[]", "a case has to be a JSON object"),
        ("{}", "characters: Field required"),
        ('{"characters": [{}], "settings": {"persona": {"depth": "x"}}}', "persona.depth: "),
        ('{"characters": [{}], "history": [1]}', "history.0: "),
        ('{"characters": [{}], "chat_preset": {"$file": 3}}', "3"),
        ('{"characters": [1e999]}', "1e999 is no number of JSON"),
        ("[" * 100_000, "it is nested too deeply"),
    ],
)
def test_a_broken_case_ends_in_a_sentence(tmp_path: Path, written: str, said: str) -> None:
    path = tmp_path / "cases" / "one.json"
    path.parent.mkdir()
    path.write_text(written, "utf-8")
    with pytest.raises((ValueError, OSError), match=said):
        read_case(path)


def test_half_a_pair_is_replaced(tmp_path: Path) -> None:
    said = [{"name": "Tobin", "mes": "\ud83d!", "is_user": True}]
    assert "Tobin: \ufffd!" in result(tmp_path, {}, history=said)["prompt"]
