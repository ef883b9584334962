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
    notes = PngInfo()
    written = json.dumps(document(name, **fields)).encode()
    notes.add_text("chara", base64.b64encode(written).decode())
    return picture(colour, notes)


def picture(colour: tuple[int, int, int] = (90, 40, 160), notes: PngInfo | None = None) -> bytes:
    """A PNG."""
    file = io.BytesIO()
    Image.new("RGB", (64, 96), colour).save(file, "PNG", pnginfo=notes)
    return file.getvalue()
