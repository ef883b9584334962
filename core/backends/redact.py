"""Taking keys out of texts that people or logs will see."""

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

from core.backends.secret import Secret

HIDDEN = "•••"

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


def forms(value: str) -> set[str]:
    """The ways a secret may be written: as it is, URL-encoded, base64."""
    data = value.encode()
    return {
        value,
        quote(value, safe=""),
        base64.b64encode(data).decode(),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
    }


def scrub(text: str, secrets: Iterable[Secret] = ()) -> str:
    """The text without the given secrets and without anything shaped like a key."""
    for secret in secrets:
        if not secret:
            continue
        for form in sorted(forms(secret.reveal()), key=len, reverse=True):
            text = text.replace(form, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text
