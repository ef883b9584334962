"""What a case file says, beyond the reference cases."""

import json
from pathlib import Path
from typing import Any

from core.prompt.case import run_case

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
