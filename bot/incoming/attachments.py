"""Text files that people attach, read up to the limit."""

import re
from contextlib import suppress

import discord

from bot.limits.requests import TROUBLE
from core.chat.message import Attachment
from core.untrusted.surrogates import clean_text
from core.untrusted.text import NotPlain, decode

# Enough for the longest text we keep in any encoding; more is never downloaded.
_MOST_BYTES = 1_000_000
_SUFFIX = re.compile(
    r"\.(?:txt|md|markdown|rst|csv|tsv|log|json|jsonl|ya?ml|toml|ini|xml|html|css|py|js|ts|c|h|cpp|cs"
    r"|java|kt|rs|go|rb|php|lua|sql|sh|srt|tex)$",
    re.IGNORECASE,
)


def is_text(attachment: discord.Attachment) -> bool:
    kind = (attachment.content_type or "").partition(";")[0]
    if kind.startswith("text/") or kind in ("application/json", "application/xml"):
        return True
    return _SUFFIX.search(attachment.filename) is not None


async def read(attachment: discord.Attachment, limit: int) -> Attachment:
    """The file as the core keeps it; `text` only where it is text and can be fetched."""
    text, is_cut = None, False
    if is_text(attachment):
        # Of a larger one the name alone is told.
        is_cut = attachment.size > _MOST_BYTES
        with suppress(*TROUBLE):
            whole = None if is_cut else decoded(await attachment.read())
            if whole is not None:
                text, is_cut = cut(whole, limit), len(whole) > limit
    return Attachment(
        id=attachment.id,
        name=clean_text(attachment.filename),
        content_type=attachment.content_type or "",
        size=attachment.size,
        url=attachment.url,
        text=text,
        is_cut=is_cut,
    )


def decoded(data: bytes) -> str | None:
    """The text with line breaks of one kind; None where the bytes are no text."""
    with suppress(NotPlain):
        return _unified(decode(data).text)
    return None if b"\0" in data[:8192] else _unified(data.decode("utf-8", "replace"))


def _unified(text: str) -> str:
    return clean_text(text).replace("\r\n", "\n").replace("\r", "\n")


def cut(text: str, limit: int) -> str:
    """At most so many characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
