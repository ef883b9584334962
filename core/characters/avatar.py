"""Pictures of characters: checked by their declared size first, then drawn small in a thread."""

import asyncio
import hashlib
import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps

from core.characters import png
from core.errors import InvalidCard
from core.reasons import Reason
from core.untrusted.pictures import picture_size

MAX_SIDE = 4096
"""Pixels that a picture may declare in either direction."""
AVATAR_SIDE = 512
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_HUES = 12


@dataclass(frozen=True, slots=True)
class Avatar:
    """A picture small enough for Discord: square, 512 pixels at most a side."""

    data: bytes
    content_type: str

    @property
    def hash(self) -> str:
        """The storage key; never made from a name."""
        return hashlib.sha256(self.data).hexdigest()


async def thumbnail(picture: bytes) -> Avatar:
    """A square avatar of `picture`; `InvalidCard` when it is damaged, too large or no picture."""
    size = picture_size(picture)
    if size is None:
        raise InvalidCard(Reason.NO_PICTURE)
    if max(size) > MAX_SIDE or min(size) < 1:
        raise InvalidCard(Reason.PICTURE_TOO_WIDE, width=size[0], height=size[1], side=MAX_SIDE)
    return await asyncio.to_thread(_thumbnail, picture)


async def initial(name: str) -> Avatar:
    """A plain avatar with the first letter of a name, for characters without a picture."""
    return await asyncio.to_thread(_initial, name)


async def as_png(picture: bytes) -> bytes:
    """`picture` as a PNG; one that is a PNG already comes back untouched. Errors as `thumbnail`."""
    if picture.startswith(png.SIGNATURE):
        return picture
    size = picture_size(picture)
    if size is None or max(size) > MAX_SIDE or min(size) < 1:
        raise InvalidCard(Reason.PICTURE_DAMAGED)
    return await asyncio.to_thread(_as_png, picture)


def _open(picture: bytes) -> Image.Image:
    """Pillow's many ways of failing on a damaged picture as one."""
    try:
        image = Image.open(io.BytesIO(picture), formats=_FORMATS)
        image.draft("RGB", (AVATAR_SIDE * 2, AVATAR_SIDE * 2))
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return image
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as error:
        raise InvalidCard(Reason.PICTURE_DAMAGED) from error


def _thumbnail(picture: bytes) -> Avatar:
    image = _open(picture)
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    mode = "RGBA" if has_alpha else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    side = min(image.size)
    # Portraits are tall and show the face in their upper part.
    left, top = (image.width - side) // 2, (image.height - side) // 8
    box = (left, top, left + side, top + side)
    small = (min(side, AVATAR_SIDE),) * 2
    # One step from the large picture to the small one: copies of 64 MiB add up.
    square = image.resize(small, Image.Resampling.LANCZOS, box, reducing_gap=2.0)
    return _saved(square, "PNG" if has_alpha else "JPEG")


def _saved(image: Image.Image, form: str) -> Avatar:
    buffer = io.BytesIO()
    image.save(buffer, form, optimize=True, quality=90)
    return Avatar(buffer.getvalue(), f"image/{form.lower()}")


def _as_png(picture: bytes) -> bytes:
    image = _open(picture)
    keeps = image.mode in ("RGB", "RGBA", "L", "LA", "P")
    return _saved(image if keeps else image.convert("RGBA"), "PNG").data


def _initial(name: str) -> Avatar:
    letter = next((mark for mark in name if mark.isalnum()), "?").upper()
    hue = sum(name.encode()) % _HUES * 360 // _HUES
    image = Image.new("RGB", (AVATAR_SIDE, AVATAR_SIDE), f"hsl({hue}, 45%, 42%)")
    font = ImageFont.load_default(AVATAR_SIDE * 3 // 5)
    middle = AVATAR_SIDE // 2
    ImageDraw.Draw(image).text((middle, middle), letter, "white", font, anchor="mm")
    return _saved(image, "PNG")
