"""A character as a file that other programs read."""

import base64

from core.characters import avatar, png
from core.characters.character import Character
from core.characters.charx import write_charx
from core.untrusted import json as untrusted_json


def to_json(character: Character) -> bytes:
    """The card as a JSON file in its own version."""
    return untrusted_json.dump(character.to_document()).encode()


async def to_png(character: Character, picture: bytes | None) -> bytes:
    """The card inside `picture`; its pixels stay as they are where it is a PNG already.

    Without a picture one with the first letter of the name is drawn. Cards of version 3 are
    written in both versions, so that older programs read them too. Raises `InvalidCard` for a
    damaged picture.
    """
    image = await _png(character, picture)
    texts = {"chara": _packed(character.to_v2())}
    if character.version == 3:
        texts["ccv3"] = _packed(character.to_v3())
    return png.with_texts(png.without_texts(image), texts)


async def to_charx(character: Character, picture: bytes | None) -> bytes:
    """The card as CHARX, always of version 3. Raises `InvalidCard` for a damaged picture."""
    return write_charx(character.to_v3(), await _png(character, picture))


async def _png(character: Character, picture: bytes | None) -> bytes:
    if picture is None:
        return (await avatar.initial(character.display_name)).data
    return await avatar.as_png(picture)


def _packed(document: dict[str, object]) -> bytes:
    return base64.b64encode(untrusted_json.dump(document, indent=None).encode())
