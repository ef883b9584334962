"""Google service accounts: from the JSON key file to a short-lived access token."""

import asyncio
import base64
import hashlib
import json
import time
from dataclasses import replace
from typing import Any

from core.backends.api_client import ApiClient
from core.backends.documents import number_at, read_json, text_at
from core.errors import BadAnswer, KeyRejected
from core.reasons import Reason
from core.secret import Secret

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3600
EARLY = 60
"""Seconds before its end at which a token is no longer used."""


def project_of(key: Secret) -> str:
    """The project of a service account's JSON; empty where the key is none (express mode)."""
    return text_at(_account(key), "project_id")


async def access_token(api: ApiClient, *, afresh: bool = False) -> Secret:
    """A token for the account, remembered until shortly before it ends.

    The address it is asked from is the row's, never the one in the JSON. Raises KeyRejected.
    """
    name = hashlib.sha256(api.key.reveal().encode()).hexdigest()
    remembered = None if afresh else api.http.memory.get("google", name)
    if isinstance(remembered, Secret):
        return remembered
    assertion = await asyncio.to_thread(signed, _account(api.key), api.spec.key.token_url)
    call = api.call("POST", api.spec.key.token_url)
    form = {"grant_type": GRANT, "assertion": assertion}
    secrets = (*call.secrets, Secret(assertion))
    answer = await api.http.json(replace(call, headers={}, form=form, secrets=secrets))
    token = Secret(text_at(answer, "access_token"))
    if not token:
        raise BadAnswer(Reason.UNEXPECTED_SHAPE, where=api.spec.name)
    seconds = (number_at(answer, "expires_in") or LIFETIME) - EARLY
    api.http.memory.put(token, seconds, "google", name)
    return token


def signed(account: Any, audience: str) -> str:
    """The JWT that proves who the account is. Raises KeyRejected for a key that cannot sign."""
    # cryptography takes a while to import and is needed here only.
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    try:
        key = serialization.load_pem_private_key(
            text_at(account, "private_key").encode(), password=None
        )
    except (ValueError, TypeError) as error:
        raise KeyRejected(Reason.SERVICE_ACCOUNT_UNREADABLE) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyRejected(Reason.SERVICE_ACCOUNT_UNREADABLE)
    now = int(time.time())
    header = {"alg": "RS256", "typ": "JWT", "kid": text_at(account, "private_key_id")}
    claims = {
        "iss": text_at(account, "client_email"),
        "scope": SCOPE,
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME,
    }
    message = f"{_part(header)}.{_part(claims)}"
    signature = key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{message}.{_base64(signature)}"


def _account(key: Secret) -> Any:
    if not key.reveal().startswith("{"):
        return None
    try:
        return read_json(key.reveal())
    except BadAnswer as error:
        raise KeyRejected(Reason.SERVICE_ACCOUNT_UNREADABLE) from error


def _part(document: dict[str, Any]) -> str:
    return _base64(json.dumps(document, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
