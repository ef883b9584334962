"""The files the local CDN serves: attachments under signed, ageing addresses, and avatars."""

import base64
import binascii
import hashlib
import hmac
import mimetypes
import re
import secrets
from dataclasses import dataclass

from bot.playground.rules.errors import invalid
from bot.playground.world import images
from bot.playground.world.clock import Clock
from bot.playground.world.models import Attachment, Upload

# How long Discord's attachment addresses stay good.
ATTACHMENT_SECONDS = 24 * 3600
AVATAR_BYTES = 10_240_000
# Named here because other systems take types from elsewhere, or do not know these.
TYPES = (
    ("application/json", ".json"),
    ("text/plain", ".txt"),
    ("text/plain", ".jsonl"),
    ("text/markdown", ".md"),
    ("text/csv", ".csv"),
    ("image/webp", ".webp"),
)


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    content_type: str


class Files:
    """Bytes by attachment id and by (owner, hash) of an avatar."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(16)
        self._types = mimetypes.MimeTypes()
        for content_type, ending in TYPES:
            self._types.add_type(content_type, ending)
        self._attachments: dict[str, File] = {}
        self._avatars: dict[tuple[str, str], File | str] = {}

    def attach(self, snowflake: str, upload: Upload, *, ephemeral: bool = False) -> Attachment:
        """Keeps an uploaded file and describes it as Discord would."""
        picture = images.look(upload.content)
        content_type = picture.content_type if picture else self._type(upload.filename)
        self._attachments[snowflake] = File(
            upload.content, content_type or "application/octet-stream"
        )
        name = clean_name(upload.filename)
        stem = upload.filename.rpartition(".")[0] or upload.filename
        return Attachment(
            id=snowflake,
            filename=name,
            size=len(upload.content),
            content_type=content_type,
            width=picture.width if picture else None,
            height=picture.height if picture else None,
            title=stem if name != upload.filename else None,
            ephemeral=ephemeral,
        )

    def _type(self, filename: str) -> str | None:
        content_type = self._types.guess_type(filename)[0]
        if content_type and (content_type.startswith("text/") or content_type.endswith("json")):
            return f"{content_type}; charset=utf-8"
        return content_type

    def attachment(self, snowflake: str) -> File | None:
        return self._attachments.get(snowflake)

    def signature(self, path: str) -> str:
        """The query that makes an attachment's address good for a day from now."""
        now = int(self._clock.now())
        expiry, issued = f"{now + ATTACHMENT_SECONDS:x}", f"{now:x}"
        return f"ex={expiry}&is={issued}&hm={self._mark(path, expiry, issued)}&"

    def is_good(self, path: str, expiry: str, issued: str, mark: str) -> bool:
        fresh = re.fullmatch("[0-9a-f]{1,12}", expiry) and int(expiry, 16) > self._clock.now()
        return bool(fresh) and hmac.compare_digest(mark, self._mark(path, expiry, issued))

    def _mark(self, path: str, expiry: str, issued: str) -> str:
        text = f"{path} {expiry} {issued}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()

    def keep_avatar(self, owner_id: str, data_uri: str) -> str:
        """Stores a picture given as a data URI and returns its hash.

        Raises `Refused` (50035) when it is no picture or too large.
        """
        match = re.fullmatch(r"data:image/[\w.+-]+;base64,(.*)", data_uri, re.DOTALL)
        try:
            content = base64.b64decode(match[1], validate=True) if match else b""
        except binascii.Error:
            content = b""
        picture = images.look(content)
        if picture is None:
            raise invalid(("avatar",), "IMAGE_INVALID", "Invalid image")
        if len(content) > AVATAR_BYTES:
            raise invalid(
                ("avatar",), "BINARY_TYPE_MAX_SIZE", "File cannot be larger than 10240.0 kb."
            )
        mark = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self._avatars[owner_id, mark] = File(content, picture.content_type)
        return mark

    def emoji(self, emoji_id: str) -> File | None:
        for (owner_id, _), found in self._avatars.items():
            if owner_id == f"emoji-{emoji_id}" and isinstance(found, File):
                return found
        return None

    def point_avatar(self, owner_id: str, url: str) -> str:
        """Remembers an avatar that lives elsewhere (a message's own `avatar_url`)."""
        mark = hashlib.md5(url.encode(), usedforsecurity=False).hexdigest()
        self._avatars[owner_id, mark] = url
        return mark

    def avatar(self, owner_id: str, mark: str) -> File | str | None:
        """The picture, or the address it lives at, or None."""
        return self._avatars.get((owner_id, mark))


def clean_name(filename: str) -> str:
    """A file name as Discord keeps it: spaces become _, anything but plain letters goes."""
    name = re.sub(r"[^\w.\-]", "", filename.replace(" ", "_"), flags=re.ASCII).lstrip(".")
    return name if name.strip("._-") else "unknown"
