"""Kinds and sizes of pictures, read from their first bytes."""

import io

import pytest
from PIL import Image

from bot.playground.world.images import Picture, look, plain


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("png", {}),
        ("gif", {}),
        ("jpeg", {}),
        ("jpeg", {"progressive": True, "exif": b"Exif\0\0" + b"x" * 500}),
        ("webp", {}),
        ("webp", {"lossless": True}),
        ("webp", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),
    ],
)
def test_what_pillow_writes_is_recognised(kind: str, options: dict[str, object]) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (321, 45), "red").save(stream, kind, **options)
    assert look(stream.getvalue()) == Picture(f"image/{kind}", 321, 45)


@pytest.mark.parametrize("cut", [0, 1, 4, 8, 12, 15, 20])
def test_anything_else_is_no_picture(cut: int) -> None:
    assert look(b"\x89PNG\r\n\x1a\n"[:cut]) is None
    assert look(b"RIFF\0\0\0\0WEBPVP8X"[:cut]) is None
    assert look(b"\xff\xd8\xff\xe0\0\x10JFIF"[:cut]) is None
    assert look(b"<svg xmlns='http://www.w3.org/2000/svg'/>"[:cut]) is None


def test_a_plain_square_is_a_picture_others_can_read() -> None:
    with Image.open(io.BytesIO(plain(0x102030, 7))) as picture:
        assert picture.size == (7, 7)
        assert picture.getpixel((3, 3)) == (0x10, 0x20, 0x30)
