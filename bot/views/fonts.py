"""Fonts for pictures: Pillow's own knows plain English letters only, the system's may know more."""

from functools import cache

from PIL import ImageFont

NAMES = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "arial.ttf",
    "Arial.ttf", "NotoSansCJK-Regular.ttc", "NotoSansCJKjp-Regular.otf", "DroidSansFallback.ttf",
    "wqy-microhei.ttc", "ipag.ttf", "YuGothM.ttc", "msgothic.ttc", "msyh.ttc",
    "Hiragino Sans GB.ttc", "Arial Unicode.ttf",
)  # fmt: skip
"""Where Pillow looks for them it knows itself; the first that has all letters is taken."""
_NO_LETTER = "\U0010ffff"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font_with(text: str, size: int) -> Font | None:
    """A font that has every letter of the text; None where this machine has none."""
    if text.isascii():
        return ImageFont.load_default(size)
    fonts = (font for name in NAMES if (font := _font(name, size)) is not None)
    return next((font for font in fonts if _has(font, text)), None)


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def _has(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask(_NO_LETTER))
    return all(letter.isspace() or bytes(font.getmask(letter)) != missing for letter in text)
