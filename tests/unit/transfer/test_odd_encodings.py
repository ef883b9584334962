"""Files that were saved by an old Windows editor."""

import json

import pytest

from bot.wording.values import sentence_about
from core.transfer.files import read_file
from tests.shared import shared_path

CASE = ("cases", "17-not-utf8")
REMARK = "The file isn't UTF-8; it was read as Windows-1252."


@pytest.mark.parametrize(
    ("name", "text"), [("card.json", "It’s quiet."), ("preset.json", "Don’t narrate for {{user}}")]
)
def test_they_are_read_with_a_remark(name: str, text: str) -> None:
    read = read_file(shared_path(*CASE, name).read_bytes(), name)
    assert text in json.dumps(read.data, ensure_ascii=False)
    assert [sentence_about(remark) for remark in read.remarks] == [REMARK]
