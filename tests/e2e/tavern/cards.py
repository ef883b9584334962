"""Character cards as files, made without the product's own writer."""

import base64
import io
import json
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo


def document(name: str, **fields: Any) -> dict[str, Any]:
    """A V2 card."""
    data = {
        "name": name,
        "description": f"{name} is somebody.",
        "first_mes": "{{char}} nods at {{user}}.",
        **fields,
    }
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}


def painted_card(name: str, colour: tuple[int, int, int] = (90, 40, 160), **fields: Any) -> bytes:
    """A PNG card in one colour."""
    return card_with(picture(colour), name, **fields)


def card_with(face: bytes, name: str, **fields: Any) -> bytes:
    """A PNG card with this picture."""
    notes, file = PngInfo(), io.BytesIO()
    written = json.dumps(document(name, **fields)).encode()
    notes.add_text("chara", base64.b64encode(written).decode())
    with Image.open(io.BytesIO(face)) as painted:
        painted.save(file, "PNG", pnginfo=notes)
    return file.getvalue()


def picture(colour: tuple[int, int, int] = (90, 40, 160)) -> bytes:
    """A PNG."""
    file = io.BytesIO()
    Image.new("RGB", (64, 96), colour).save(file, "PNG")
    return file.getvalue()
