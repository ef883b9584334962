"""A key that does not show itself, and taking keys out of texts that people or logs will see."""

import base64
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

HIDDEN = "•••"
PIECE = 8
"""So many characters of a key in a row are hidden also where the rest is missing."""

_PATTERNS = [
    # Key shapes vendors echo in their own error texts, e.g. "Incorrect API key: sk-ab…yz".
    re.compile(r"\b(?:sk|pk|pst|xai|gsk|hf|pplx|nvapi|aiza)[-_][A-Za-z0-9*._-]{6,}", re.IGNORECASE),
    re.compile(r"\bAIza[0-9A-Za-z_-]{10,}"),
    re.compile(r"\bya29\.[0-9A-Za-z._-]{10,}"),
    re.compile(r"(?<=bearer )[^\s\"',;]{6,}", re.IGNORECASE),
    re.compile(r"(?<=[?&]key=)[^\s&\"'#]+", re.IGNORECASE),
    re.compile(r"(?<=[?&]api_key=)[^\s&\"'#]+", re.IGNORECASE),
    re.compile(r"(?<=[?&]token=)[^\s&\"'#]+", re.IGNORECASE),
    re.compile(r"(?<=//)[^\s/@]+(?=@)"),
]


_TYPED = re.compile(
    r"(?:^|[\s/:=,;\"'])(?:"
    r"(?:sk|pk|pst|xai|gsk|hf|pplx|nvapi|aiza)[-_](?=[\w-]*\d)[\w-]{8,}"
    r"|(?:sk|pst|xai|gsk|hf|pplx|nvapi)[-_][\w-]{16,}|AIza[\w-]{10,}"
    r"|eyJ[\w-]{10,}\.[\w-]+\.[\w-]+"
    r")(?![\w.:-])",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]*\w{20,}[\w-]*", re.ASCII | re.IGNORECASE)
_MIXED = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w-]{20,}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def looks_like_key(text: str) -> bool:
    """Whether somebody typed a key where an address belongs.

    Known beginnings anywhere; else a long token with digits, without dot, slash or port. Names
    of machines are words, also where they are long.
    """
    bare = re.sub(r"^(?:[a-z]+://|bearer\s+)+", "", text.strip(), flags=re.IGNORECASE).rstrip("/")
    token = any(pattern.fullmatch(bare) for pattern in (_TOKEN, _MIXED, _UUID))
    return token or _TYPED.search(bare) is not None


class Secret:
    """A key. Its value leaves only through `reveal`; `str` and `repr` show dots."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value.strip()

    def reveal(self) -> str:
        """The value, for the one request header it is meant for."""
        return self._value

    @property
    def ending(self) -> str:
        """The last four characters, for showing which key it is; empty for short keys."""
        return self._value[-4:] if len(self._value) >= 12 else ""

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(•••)" if self._value else "Secret()"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("secrets are not pickled")


def forms(value: str) -> set[str]:
    """The ways a secret may be written: as it is, URL-encoded, base64 (also behind a word)."""
    data = value.encode()
    shifted = (base64.b64encode(b"\0" * by + data).decode()[by + (by > 0) :] for by in range(3))
    standard = {text.rstrip("=") for text in shifted if len(text) >= PIECE}
    urlsafe = {text.replace("+", "-").replace("/", "_") for text in standard}
    return {value, quote(value, safe="")} | standard | urlsafe


def scrub(text: str, secrets: Iterable[Secret] = ()) -> str:
    """The text without the given secrets, or long pieces of them, or things shaped like a key."""
    for secret in secrets:
        for value in _values(secret.reveal()):
            text = _without(text, forms(value))
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


def _values(key: str) -> list[str]:
    """What of a key is secret: all of it, or the key proper in a service account's JSON."""
    if not key.startswith("{"):
        return [key] if key else []
    try:
        account = json.loads(key)
        lines, id_ = account.get("private_key", "").split("\n"), account.get("private_key_id", "")
    except (ValueError, RecursionError, AttributeError):
        return [key]
    return [key, *(line for line in [*lines, id_] if line and not line.startswith("-----"))]


def _without(text: str, written: Iterable[str]) -> str:
    for form in sorted(written, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    if any(form.startswith("{") for form in written):
        return text  # of a whole JSON document most pieces are plain words
    pieces = {
        form[start : start + PIECE].lower()
        for form in written
        for start in range(len(form) - PIECE + 1)
    }
    kept: list[str] = []
    place = 0
    while place < len(text):
        end = place
        while text[end : end + PIECE].lower() in pieces:
            end += 1
        kept.append(HIDDEN if end > place else text[place])
        place = end + PIECE - 1 if end > place else place + 1
    return "".join(kept)
