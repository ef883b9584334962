"""BYAF: a character of Backyard AI in a ZIP archive, with its scenarios and pictures."""

from typing import Any

from core.characters.charx import MAX_CARD, MAX_PICTURE, MAX_VALUES, Archive, DamagedArchive
from core.characters.fields import Problem, Remark
from core.characters.makers import backyard
from core.reasons import Reason
from core.untrusted import json as untrusted_json
from core.untrusted.text import decode

MANIFEST = "manifest.json"
MAX_SCENARIOS = 50


def is_byaf(archive: Archive) -> bool:
    return MANIFEST in archive.entries and any(
        name.startswith("characters/") for name in archive.entries
    )


def read_byaf(archive: Archive) -> tuple[Any, bytes | None, tuple[Remark, ...]]:
    """The character as a card, its first picture, and what is to be known.

    Raises `DamagedArchive` and `untrusted_json.NotPlain`.
    """
    manifest = _document(archive, MANIFEST)
    characters, scenarios = _listed(manifest, "characters"), _listed(manifest, "scenarios")
    if not characters:
        raise DamagedArchive(Reason.PART_MISSING, part="characters")
    remarks = [Remark("", Problem.OTHER_MAKER, "Backyard")]
    if len(characters) > 1:
        remarks.append(Remark("characters", Problem.FIRST_ONLY, limit=len(characters)))
    document = _document(archive, characters[0])
    told = [_document(archive, name) for name in scenarios[:MAX_SCENARIOS]]
    picture, others = _picture(archive, characters[0], document)
    if others > 0:
        remarks.append(Remark("images", Problem.MORE_FILES, limit=others))
    return backyard.archive(manifest, document, told, remarks), picture, tuple(remarks)


def _document(archive: Archive, name: str) -> dict[str, Any]:
    if name not in archive.entries:
        raise DamagedArchive(Reason.PART_MISSING, part=name)
    document = untrusted_json.parse(decode(archive.read(name, MAX_CARD)).text, MAX_VALUES)
    return document if isinstance(document, dict) else {}


def _listed(manifest: dict[str, Any], name: str) -> list[str]:
    names = manifest.get(name)
    return [path for path in names if isinstance(path, str)] if isinstance(names, list) else []


def _picture(
    archive: Archive, character: str, document: dict[str, Any]
) -> tuple[bytes | None, int]:
    """The first picture, whose path is relative to the character's file, and how many more."""
    images = document.get("images")
    paths = [
        image["path"]
        for image in (images if isinstance(images, list) else [])
        if isinstance(image, dict) and isinstance(image.get("path"), str)
    ]
    folder = character.rpartition("/")[0]
    for path in paths[:1]:
        for name in (path, f"{folder}/{path}"):
            if name in archive.entries:
                return archive.read(name, MAX_PICTURE), len(paths) - 1
    return None, len(paths)
