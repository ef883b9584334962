"""Text files from old editors and other systems."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wording.reasons import REASONS
from core.reasons import Reason
from core.untrusted.text import NotPlain, decode

ENGLISH = "It’s quiet at the café — “too quiet”."
JAPANESE = "こんにちは、旅の人。宿はこちらです。今夜は雨が降りそうですね。"
CHINESE = "你好，旅行者。欢迎来到这家旅店，这里是我们的家。"
RUSSIAN = "Добрый вечер, путник. Река сегодня холодная."


def as_card(text: str) -> str:
    return json.dumps({"name": "Nela", "description": text}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (ENGLISH, "utf-8", ""),
        (ENGLISH, "utf-8-sig", ""),
        (ENGLISH, "cp1252", "Windows-1252"),
        ("Zoë dança à noite.", "cp1252", "Windows-1252"),
        ("Não há ninguém; é só você, São João.", "cp1252", "Windows-1252"),
        (ENGLISH, "utf-16", ""),
        (ENGLISH, "utf-16-le", "UTF-16"),
        (ENGLISH, "utf-16-be", "UTF-16"),
        (ENGLISH, "utf-32", ""),
        (JAPANESE, "utf-16-le", "UTF-16"),
        (JAPANESE, "shift_jis", "Shift-JIS"),
        (CHINESE, "gb18030", "GB18030"),
        (RUSSIAN, "cp1251", "Windows-1251"),
    ],
)
def test_files_of_other_encodings_are_read(text: str, codec: str, name: str) -> None:
    for written in (as_card(text), json.dumps({"d": text}, indent=4, ensure_ascii=False)):
        read = decode(written.encode(codec))
        assert (read.text, read.encoding, read.unreadable) == (written, name, 0)


@pytest.mark.parametrize(
    "data",
    [
        "안녕하세요, 여행자님. 여관은 이쪽입니다.".encode("euc_kr"),
        bytes(range(256)),
        b"\x00\x01\x02\x03" * 20,
        b"\xff\xfe" + b"\x00\xd8" * 40,
    ],
)
def test_what_is_not_certain_is_refused_with_the_way_out(data: bytes) -> None:
    with pytest.raises(NotPlain) as caught:
        decode(data)
    assert caught.value.reason is Reason.NOT_TEXT
    assert "Save it as UTF-8" in str(REASONS[Reason.NOT_TEXT])


def test_a_damaged_character_costs_only_itself() -> None:
    damaged = "Zoë und Åsa und José".encode().replace("Å".encode(), b"\xc3")
    read = decode(damaged)
    assert (read.text, read.encoding, read.unreadable) == ("Zoë und \ufffdsa und José", "", 1)


def test_what_stands_far_behind_counts() -> None:
    read = decode(b"a" * 200_000 + "Zoë dança".encode("cp1252"))
    assert (read.text[-9:], read.encoding) == ("Zoë dança", "Windows-1252")
    read = decode(b"a" * 200_000 + JAPANESE.encode("shift_jis"))
    assert read.text.endswith(JAPANESE)


@given(st.binary(max_size=400))
def test_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        read = decode(data)
    except NotPlain:
        return
    else:
        assert isinstance(read.text, str)


@given(st.text(max_size=400).filter(lambda text: not text.startswith("\ufeff")))
def test_utf8_is_never_guessed_away(text: str) -> None:
    plain = text.replace("\0", "").encode("utf-8", "ignore")
    assert decode(plain).encoding == ""
    assert decode(plain).text.encode() == plain
