"""Cards out of files of every kind."""

import base64
import json

import pytest

from bot.wording.errors import explain
from bot.wording.sentences import NOUNS
from bot.wording.values import sentence_about
from core.characters.card_file import read_card, to_charx, to_json, to_png
from core.characters.fields import Problem
from core.characters.kinds import FileContent, FileKind
from core.errors import InvalidCard
from core.reasons import Reason
from tests.unit.characters import samples

CARD = json.dumps(samples.v2()).encode()


@pytest.mark.parametrize(
    "file",
    [
        CARD,
        b"\xef\xbb\xbf" + CARD,
        json.dumps(samples.v2()).encode("utf-16"),
        samples.png(samples.text(samples.v2())),
        samples.png(samples.text(samples.v2(), b"Chara")),
        samples.png(samples.ztxt(samples.packed(samples.v2()))),
        samples.png(samples.itxt(samples.packed(samples.v2()))),
        samples.png(samples.itxt(samples.packed(samples.v2()), compressed=True)),
        samples.png(samples.chunk(b"tEXt", b"chara\0" + CARD)),
        samples.png(samples.chunk(b"tEXt", b"chara\0" + samples.packed(samples.v2()).rstrip(b"="))),
        samples.png(samples.chunk(b"tEXt", b"chara\0" + base64.urlsafe_b64encode(CARD))),
        samples.charx(samples.v2()),
        samples.picture("JPEG") + samples.charx(samples.v2()),
        samples.webp(b"ASCII\0\0\0" + CARD),
        samples.webp(b"\0" * 8 + CARD),
        samples.webp(b"ASCII\0\0\0" + ",".join(str(byte) for byte in CARD).encode()),
    ],
)
def test_every_kind_of_file_gives_the_card(file: bytes) -> None:
    card = read_card(file, "anything.bin")
    assert card.character.description == "{{char}} mends bells."
    assert card.remarks == ()


def test_ccv3_wins_over_chara_and_the_report_says_it() -> None:
    newer = samples.text(samples.v3(name="Newer"), b"ccv3")
    card = read_card(samples.png(samples.text(samples.v2()), newer))
    assert (card.character.version, card.character.name) == (3, "Newer")
    assert [remark.problem for remark in card.remarks] == [Problem.CONTRADICTS]
    same = samples.png(samples.text(samples.v2()), samples.text(samples.v3(), b"ccv3"))
    assert read_card(same).remarks == ()


@pytest.mark.parametrize(
    "damaged",
    [
        samples.chunk(b"tEXt", b"ccv3\0!!!"),
        samples.chunk(b"zTXt", b"ccv3\0\0not packed"),
        samples.ztxt(b"A" * 9 * 2**20, b"ccv3"),
        samples.chunk(b"iTXt", b"ccv3\0\0\0cut off"),
        samples.chunk(b"tEXt", b"ccv3\0" + b"A" * 5 * 2**20),
    ],
    ids=["no base64", "not packed", "bomb", "cut off", "too long"],
)
def test_one_damaged_text_does_not_spoil_the_other(damaged: bytes) -> None:
    card = read_card(samples.png(samples.text(samples.v2()), damaged))
    assert card.character.name == "Wren"
    assert [remark.field for remark in card.remarks] == ["ccv3"]


def test_the_picture_is_handed_on_without_the_card() -> None:
    file = samples.png(samples.text(samples.v2()))
    image = read_card(file).image
    assert image == samples.png()


def test_a_picture_too_large_to_show_is_left_out() -> None:
    card = read_card(samples.png(samples.text(samples.v2()), width=20_000, height=20_000))
    assert card.image is None
    assert "20000 × 20000" in sentence_about(card.remarks[0])


def test_a_charx_brings_its_icon_and_tells_what_was_left_out() -> None:
    icon = samples.picture()
    assets = [
        {"type": "icon", "name": "other", "uri": "embeded://a/other.png"},
        {"type": "icon", "name": "main", "uri": "embedded://a/main.png"},
        {"type": "background", "name": "x", "uri": "https://example.com/x.png"},
    ]
    files = {"a/main.png": icon, "a/other.png": b"x", "../../evil.png": b"x"}
    card = read_card(samples.charx(samples.v3(assets=assets), **files))
    assert card.image == icon
    assert card.remarks[-1].problem is Problem.MORE_FILES
    assert card.character.to_document()["data"]["assets"] == assets


async def test_export_keeps_pixels_and_card() -> None:
    original = read_card(samples.png(samples.text(samples.v3())))
    file = await to_png(original.character, original.image)
    again = read_card(file)
    assert again.image == original.image
    assert again.character.to_document() == original.character.to_document()
    assert b"tEXtchara\0" in file
    assert b"tEXtccv3\0" in file


async def test_export_to_charx_and_json_and_back() -> None:
    card = read_card(samples.png(samples.text(samples.v3(assets=[{"type": "x", "uri": "y"}]))))
    again = read_card(await to_charx(card.character, card.image))
    assert again.character.edited(assets=[{"type": "x", "uri": "y"}]).to_document() == (
        card.character.to_document()
    )
    assert again.image == card.image
    plain_file = read_card(to_json(card.character))
    assert plain_file.character.to_document() == card.character.to_document()


async def test_a_monotonous_card_comes_back_from_its_own_archive() -> None:
    card = read_card(json.dumps(samples.v3(scenario="rain " * 50_000)).encode())
    again = read_card(await to_charx(card.character, None))
    assert again.character.scenario == card.character.scenario


async def test_export_draws_a_picture_where_there_is_none() -> None:
    card = read_card(CARD)
    assert read_card(await to_png(card.character, None)).image
    jpeg = samples.picture("JPEG")
    assert read_card(await to_png(card.character, jpeg)).image


@pytest.mark.parametrize(
    ("file", "reason", "found"),
    [
        (b"", Reason.WRONG_KIND, FileContent.EMPTY),
        (b"hello there, this is a note", Reason.WRONG_KIND, FileContent.TEXT),
        (b"\x01\x02\x03\x04" * 50, Reason.WRONG_KIND, FileContent.UNKNOWN),
        (samples.picture("JPEG"), Reason.PICTURE_WITHOUT_CARD, FileContent.JPEG),
        (samples.picture("PNG"), Reason.PICTURE_WITHOUT_CARD, FileContent.PNG),
        (samples.picture("GIF"), Reason.PICTURE_WITHOUT_CARD, FileContent.GIF),
        (samples.picture("WEBP"), Reason.PICTURE_WITHOUT_CARD, FileContent.WEBP),
        (b"<!DOCTYPE html><html><body>404</body></html>", Reason.WRONG_KIND, FileContent.HTML),
        (b"  \n<html>", Reason.WRONG_KIND, FileContent.HTML),
        (b"%PDF-1.7 ...", Reason.WRONG_KIND, FileContent.PDF),
        (b"GIF89a", Reason.PICTURE_WITHOUT_CARD, FileContent.GIF),
        (samples.archive({"a.txt": b"x"}), Reason.PART_MISSING, None),
        (b'{"entries": {}}', Reason.WRONG_KIND, FileKind.LOREBOOK),
        (
            b'{"story_string": "{{char}}", "name": "x", "description": "y"}',
            Reason.WRONG_KIND,
            FileKind.CONTEXT,
        ),
        (b'{"input_sequence": "a", "output_sequence": "b"}', Reason.WRONG_KIND, FileKind.INSTRUCT),
        (b'{"name": "x", "content": "be good"}', Reason.WRONG_KIND, FileKind.SYSTEM_PROMPT),
        (b'{"temp": 1, "top_p": 0.5, "rep_pen": 1.1}', Reason.WRONG_KIND, FileKind.SAMPLER),
        (b'{"prompts": [], "prompt_order": []}', Reason.WRONG_KIND, FileKind.CHAT_PRESET),
        (b"[1, 2]", Reason.WRONG_KIND, FileContent.JSON),
        (b'{"name": ', Reason.JSON_FAULT, None),
        (samples.png()[:40], Reason.CUT_OFF, None),
    ],
)
def test_refusals_say_what_the_file_is_and_what_was_expected(
    file: bytes, reason: Reason, found: FileContent | FileKind | None
) -> None:
    with pytest.raises(InvalidCard) as caught:
        read_card(file, "upload.png")
    assert (caught.value.reason, caught.value.facts.get("found")) == (reason, found)
    told = explain(caught.value) or ""
    assert told.startswith("“upload.png” can't be imported.")
    assert "Bring a character card" in told
    assert caught.value.facts["file"] == "upload.png"


def test_every_kind_has_a_noun() -> None:
    assert set(NOUNS) == {*FileKind, *FileContent}
