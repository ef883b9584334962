"""Small pictures of characters."""

import io

import pytest
from PIL import Image

from core.characters.avatar import as_png, initial, thumbnail
from core.errors import InvalidCard
from core.untrusted.pictures import picture_size
from tests.unit.characters import samples


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(400, 600), (1200, 900), (64, 64)])
async def test_avatars_are_square_and_small(form: str, size: tuple[int, int]) -> None:
    picture = samples.picture(form, size)
    assert picture_size(picture) == size
    avatar = await thumbnail(picture)
    image = Image.open(io.BytesIO(avatar.data))
    assert image.width == image.height == min(*size, 512)
    assert avatar.content_type == f"image/{(image.format or '').lower()}"
    assert len(avatar.hash) == 64


async def test_transparent_pictures_stay_transparent() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (600, 600), (255, 0, 0, 100)).save(buffer, "PNG")
    avatar = await thumbnail(buffer.getvalue())
    assert avatar.content_type == "image/png"
    assert Image.open(io.BytesIO(avatar.data)).mode == "RGBA"


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"no picture",
        samples.png(width=5000, height=5000),
        samples.png(width=0, height=3),
        samples.png(samples.chunk(b"IDAT", b"junk")),
        samples.picture("JPEG")[:200],
        samples.picture("WEBP")[:60],
        b"RIFF\x00\x00\x00\x00WEBPVP8X" + b"\xff" * 40,
    ],
)
async def test_spoiled_or_oversized_pictures_are_refused(picture: bytes) -> None:
    with pytest.raises(InvalidCard):
        await thumbnail(picture)


async def test_a_png_is_not_touched_and_others_become_one() -> None:
    png = samples.png()
    assert await as_png(png) is png
    converted = await as_png(samples.picture("JPEG"))
    assert Image.open(io.BytesIO(converted)).format == "PNG"


@pytest.mark.parametrize("name", ["Wren", "", "ß", "龍", "🦊"])
async def test_everybody_gets_some_picture(name: str) -> None:
    avatar = await initial(name)
    assert Image.open(io.BytesIO(avatar.data)).size == (512, 512)
