"""CHARX: a card of version 3 in a ZIP archive, with its pictures beside it."""

import io
import zipfile
from typing import Any

from core.characters.archive import Archive, DamagedArchive
from core.reasons import Reason
from core.untrusted import json as untrusted_json

CARD_NAME = "card.json"
ICON_NAME = "assets/icon/image/main.png"
ICON_URI = "embeded://" + ICON_NAME
"""The scheme is spelled with one d in the format's own description."""
MAX_CARD = 4 * 1024 * 1024
MAX_VALUES = 200_000
"""Values in a card's JSON; enough for a book of 4,000 entries."""
MAX_PICTURE = 10 * 1024 * 1024

_SCHEMES = ("embeded://", "embedded://")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")


def read_charx(data: bytes) -> tuple[Any, bytes | None, int]:
    """The parsed card, its main picture, and how many other files there are.

    Raises `DamagedArchive` and `untrusted_json.NotPlain`.
    """
    archive = Archive(data)
    if CARD_NAME not in archive.entries:
        raise DamagedArchive(Reason.PART_MISSING, part=CARD_NAME)
    document = untrusted_json.parse(
        untrusted_json.decode(archive.read(CARD_NAME, MAX_CARD)), MAX_VALUES
    )
    icon = _icon_name(document, archive)
    picture = archive.read(icon, MAX_PICTURE) if icon else None
    others = sum(not name.endswith("/") for name in archive.entries) - 1 - (picture is not None)
    return document, picture, others


def write_charx(document: dict[str, Any], picture: bytes | None) -> bytes:
    """A CHARX file of a card of version 3; `picture` is a PNG and becomes the main icon."""
    buffer = io.BytesIO()
    # Stored, as the format's own makers do: a monotonous text packs too well for `MAX_RATIO`.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(
            CARD_NAME, untrusted_json.dump(_with_icon(document) if picture else document)
        )
        if picture:
            archive.writestr(ICON_NAME, picture)
    return buffer.getvalue()


def _icon_name(document: Any, archive: Archive) -> str | None:
    """The main icon's name in the archive; names are looked up there and nowhere else."""
    for asset in sorted(_icons(document), key=lambda asset: asset.get("name") != "main"):
        uri = asset.get("uri")
        if not isinstance(uri, str):
            continue
        for scheme in _SCHEMES:
            name = uri.removeprefix(scheme)
            if name != uri and name in archive.entries:
                return name
    pictures = (name for name in archive.entries if name.lower().endswith(_PICTURES))
    return next((name for name in pictures if "icon" in name.lower()), None)


def _icons(document: Any) -> list[dict[str, Any]]:
    data = document.get("data") if isinstance(document, dict) else None
    assets = data.get("assets") if isinstance(data, dict) else None
    if not isinstance(assets, list):
        return []
    return [asset for asset in assets if isinstance(asset, dict) and asset.get("type") == "icon"]


def _with_icon(document: dict[str, Any]) -> dict[str, Any]:
    main = {"type": "icon", "uri": ICON_URI, "name": "main", "ext": "png"}
    assets = document["data"].get("assets") or []
    others = [
        asset
        for asset in assets
        if not (asset.get("type") == "icon" and asset.get("name") == "main")
    ]
    return document | {"data": document["data"] | {"assets": [main, *others]}}
