"""A character out of any file that carries one, and as a file that other programs read."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from core.characters import avatar, png
from core.characters.avatar import MAX_SIDE
from core.characters.byaf import is_byaf, read_byaf
from core.characters.character import Character
from core.characters.charx import (
    MAX_VALUES,
    Archive,
    DamagedArchive,
    is_archive,
    read_charx,
    write_charx,
)
from core.characters.document import read_document
from core.characters.fields import Problem, Remark
from core.characters.kinds import (
    PICTURES,
    TEXTS,
    FileContent,
    FileKind,
    content_of,
    kind_of_document,
)
from core.characters.makers import risu
from core.characters.normalise import V1_FIELDS, V2_FIELDS
from core.characters.webp import read_webp
from core.errors import InvalidCard
from core.reasons import Reason
from core.untrusted import json as untrusted_json
from core.untrusted.pictures import picture_size, picture_type
from core.untrusted.surrogates import clean_text

MAX_FILE = 10 * 1024 * 1024
"""Discord's default upload limit; the largest real card seen has 3 MB."""

_PLAIN_ALPHABET = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, slots=True)
class LoadedCard:
    """A card as read. `image` is the picture as it came, without the text of the card."""

    character: Character
    image: bytes | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundCard:
    """A card's parsed JSON and what came with it, before the fields are looked at."""

    document: Any
    image: bytes | None = None
    remarks: tuple[Remark, ...] = ()


def read_card(data: bytes, file_name: str = "") -> LoadedCard:
    """The card in a file, recognised by its content; the name only replaces a missing name.

    Raises `InvalidCard` that says what the file is and what was expected.
    """
    file_name = clean_text(file_name)
    try:
        found = find_card(data)
        fallback = PurePath(file_name.replace("\\", "/")).stem
        character, remarks = Character.read(found.document, fallback)
    except InvalidCard as error:
        error.facts.setdefault("file", file_name)
        raise
    return LoadedCard(character, found.image, (*found.remarks, *remarks))


def find_card(data: bytes) -> FoundCard:
    """The card's JSON in a file of any kind; `InvalidCard` as in `read_card`."""
    if len(data) > MAX_FILE:
        raise InvalidCard(Reason.TOO_LARGE, largest=MAX_FILE)
    if data.startswith(png.SIGNATURE):
        return _from_png(data)
    if picture_type(data) == "image/webp":
        return _from_webp(data)
    if is_archive(data):
        return _from_archive(data)
    return _from_json(data)


def _from_png(data: bytes) -> FoundCard:
    try:
        texts = png.read_texts(data, ("chara", "ccv3"))
        if not texts and (comment := png.read_comment(data)):
            texts = {"chara": comment.encode()}
    except png.DamagedPng as error:
        raise InvalidCard.of(error) from error
    if not texts:
        raise InvalidCard(Reason.PICTURE_WITHOUT_CARD, found=FileContent.PNG)
    documents, remarks = _documents(texts)
    image, dropped = _kept_picture(png.without_texts(data))
    document = documents.get("ccv3", documents.get("chara"))
    return FoundCard(document, image, (*remarks, *dropped))


def _documents(texts: Mapping[str, bytes | png.DamagedPng]) -> tuple[dict[str, Any], list[Remark]]:
    """The cards in the texts of a PNG; one damaged text does not spoil the other."""
    documents, errors = {}, []
    remarks: list[Remark] = []
    for name, text in texts.items():
        try:
            if isinstance(text, png.DamagedPng):
                raise InvalidCard.of(text)
            documents[name], odd = _document(FileContent.PNG, unwrapped(text))
            remarks += odd
        except InvalidCard as error:
            errors.append(error)
            remarks.append(Remark(name, Problem.UNREADABLE))
    if not documents:
        raise errors[0]
    inner = ((one, one.get("data")) for one in documents.values())
    cards = [data if isinstance(data, dict) else one for one, data in inner]
    # Only what both versions know counts; the later one always has more.
    if any(cards[0].get(field) != cards[-1].get(field) for field in V1_FIELDS + V2_FIELDS):
        remarks.append(Remark("chara", Problem.CONTRADICTS, "ccv3", "ccv3"))
    return documents, remarks


def _from_webp(data: bytes) -> FoundCard:
    text = read_webp(data)
    if text is None:
        raise InvalidCard(Reason.PICTURE_WITHOUT_CARD, found=FileContent.WEBP)
    image, dropped = _kept_picture(data)
    document, remarks = _document(FileContent.WEBP, text.encode("utf-8", "replace"))
    return FoundCard(document, image, (*remarks, *dropped))


def _from_archive(data: bytes) -> FoundCard:
    try:
        archive = Archive(data)
        read = read_byaf if is_byaf(archive) else read_charx
        document, picture, remarks = read(archive)
    except (DamagedArchive, untrusted_json.NotPlain) as error:
        raise InvalidCard.of(error) from error
    _check_is_card(FileContent.ZIP, document)
    image, dropped = _kept_picture(picture) if picture else (None, ())
    return FoundCard(document, image, (*dropped, *remarks))


def _from_json(data: bytes) -> FoundCard:
    content = content_of(data)
    if risu.is_packed(data):
        raise InvalidCard(Reason.RISU_PACKED)
    if content not in TEXTS:
        raise InvalidCard(
            Reason.PICTURE_WITHOUT_CARD if content in PICTURES else Reason.WRONG_KIND, found=content
        )
    document, remarks = _document(content, data)
    return FoundCard(document, None, remarks)


def _document(content: FileContent, data: bytes) -> tuple[Any, tuple[Remark, ...]]:
    try:
        document, remarks = read_document(data, MAX_VALUES)
    except untrusted_json.NotPlain as error:
        if content is FileContent.TEXT and error.reason is not Reason.NOT_YAML:
            raise InvalidCard(Reason.WRONG_KIND, found=content) from error
        raise InvalidCard.of(error) from error
    _check_is_card(content, document)
    return document, remarks


def _check_is_card(content: FileContent, document: Any) -> None:
    kind = kind_of_document(document)
    if kind is not FileKind.CARD:
        raise InvalidCard(Reason.WRONG_KIND, found=kind or content)


def unwrapped(text: bytes) -> bytes:
    """The card in a PNG is base64, of either alphabet; a few programs write the JSON as it is."""
    if text.lstrip().startswith(b"{"):
        return text
    text = b"".join(text.split()).translate(_PLAIN_ALPHABET)
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise InvalidCard(Reason.NOT_BASE64) from error


def _kept_picture(picture: bytes) -> tuple[bytes | None, tuple[Remark, ...]]:
    """The picture, or None with the reason when it is too large to be shown or no picture."""
    size = picture_size(picture)
    if size is None:
        return None, (Remark("picture", Problem.NO_PICTURE),)
    if max(size) > MAX_SIDE or min(size) < 1:
        found = f"{size[0]} × {size[1]}"
        return None, (Remark("picture", Problem.TOO_WIDE, found, limit=MAX_SIDE),)
    return picture, ()


def to_json(character: Character) -> bytes:
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
