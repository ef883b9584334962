"""The line to one server: row, address and key put together into requests."""

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import unquote

from yarl import URL

from core.backends.http import Http, HttpCall
from core.backends.http_response import HttpResponse
from core.backends.limits import TimeLimits
from core.backends.shown_body import shown_body
from core.backends.spec import Auth, Spec
from core.errors import AddressMissing, InvalidUrl, KeyRejected
from core.network import parse_url
from core.reasons import Reason
from core.secret import Secret, looks_like_key

prompt_log = logging.getLogger("tavern.prompts")
prompt_log.setLevel(logging.INFO)  # switched on by `log.prompts`, whatever `log.level` says

Method = Literal["GET", "POST", "DELETE"]

_VERSION = re.compile(r"/v\d+(?:(?:alpha|beta)\d*)?$")
_ENDPOINTS = re.compile(r"/(?:chat/completions|completions|models|messages)$")
_DOUBLED = re.compile(r"(/v\d+)\1+$")
_API = re.compile(r"(?:/api/v1|/api/extra|/api)$")
_LITE = re.compile(r"[?&#]local=([^&#]+)")
_PUBLIC_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*")
_HOME_ENDINGS = (".local", ".lan", ".home", ".internal", ".localhost", ".localdomain", ".arpa")
_HAS_API = frozenset({"koboldcpp", "koboldai", "ollama"})
_AUTH_HEADERS: dict[Auth, Callable[[str], dict[str, str]]] = {
    "none": lambda key: {},
    "bearer": lambda key: {"Authorization": f"Bearer {key}"},
    "x-api-key": lambda key: {"x-api-key": key},
    "api-key": lambda key: {"api-key": key},
    "apikey": lambda key: {"apikey": key},
    "x-goog-api-key": lambda key: {"x-goog-api-key": key},
    "bearer+x-api-key": lambda key: {"Authorization": f"Bearer {key}", "X-API-KEY": key},
    # A service account's JSON itself is never sent; in express mode it is an API key.
    "service-account": lambda key: {} if key.startswith("{") else {"x-goog-api-key": key},
}


class ApiClient:
    """Sends requests of one backend. Paths beginning with `/` are below the address's root."""

    def __init__(self, spec: Spec, http: Http, url: str, key: Secret) -> None:
        self.spec = spec
        self.http = http
        self.root = url.rstrip("/")
        self.key = key
        self.token: Secret | None = None
        """A short-lived token that stands in for the key (service accounts)."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not stand in any error."""
        return (self.key, self.token) if self.token else (self.key,)

    def versioned(self, path: str, version: str | None = None) -> str:
        return route(self.spec, self.root, path, version)

    def call(
        self,
        method: Method,
        url: str,
        body: Any = None,
        *,
        model: str = "",
        times: TimeLimits | None = None,
    ) -> HttpCall:
        """The request; `url` is a path below the root or a full address.

        Raises AddressMissing where no address is known.
        """
        if url.startswith("/") and not self.root:
            raise AddressMissing(Reason.ADDRESS_MISSING, where=self.spec.name, phase="address")
        return HttpCall(
            method,
            self.root + url if url.startswith("/") else url,
            body,
            headers=self._headers() if self._is_own(url) else {},
            times=times or self.http.limits.quick,
            where=self.spec.name,
            model=model,
            secrets=self.secrets,
        )

    def patient(self) -> TimeLimits:
        """The time limits of a reply."""
        return self.http.limits.times(self.spec.endpoint.pace)

    @asynccontextmanager
    async def reply(self, url: str, body: Any, model: str = "") -> AsyncIterator[HttpResponse]:
        """Posts a request for a reply; any status but 2xx raises what it means."""
        if self._lacks_key:
            raise KeyRejected(where=self.spec.name, model=model)
        self.tell(body)
        call = self.call("POST", url, body, model=model, times=self.patient())
        async with self.http.ok(call) as answer:
            yield answer

    def tell(self, body: Any) -> None:
        """Prints a request for a reply, where the operator wants to read them."""
        if self.http.prints:
            prompt_log.info("to %s:\n%s", self.spec.name, shown_body(body, self.secrets))

    async def get(self, url: str) -> Any:
        return await self.http.json(self.call("GET", url))

    async def post(self, url: str, body: Any) -> Any:
        return await self.http.json(self.call("POST", url, body))

    @property
    def _lacks_key(self) -> bool:
        """Whether a vendor is to be asked without the key that it wants; others may want none."""
        is_vendors = self.root == self.spec.endpoint.url.rstrip("/")
        return is_vendors and self.spec.key.need == "required" and not self.key

    def _is_own(self, url: str) -> bool:
        """Whether an address may get the key: the one it was entered for, and no other.

        A vendor's own other hosts count only beside the row's own address.
        """
        if url.startswith("/") or URL(url).origin() == URL(self.root).origin():
            return True
        others = (self.spec.endpoint.account_url, self.spec.endpoint.older_url)
        is_vendors = self.root == self.spec.endpoint.url
        return is_vendors and any(one and url.startswith(f"{one}/") for one in others)

    def _headers(self) -> dict[str, str]:
        headers = dict(self.spec.endpoint.headers)
        if self.token is not None:
            return headers | {"Authorization": f"Bearer {self.token.reveal()}"}
        key = self.key.reveal() or self.spec.key.anonymous
        return headers | (_AUTH_HEADERS[self.spec.key.auth](key) if key else {})


def stored_url(spec: Spec, text: str) -> str:
    """The address as it is stored: without trailing slash and version segment.

    `host:5000`, `http://host:5000/`, `…/v1` and `…/v1/` all become `http://host:5000`.
    Raises InvalidUrl.
    """
    if looks_like_key(text):
        raise InvalidUrl(Reason.ADDRESS_IS_KEY)  # without the address: it would show the key
    text = _whole(text.strip() or spec.endpoint.url)
    url = parse_url(text)
    if url.raw_query_string or url.raw_fragment:
        raise InvalidUrl(Reason.ADDRESS_WITH_QUERY)
    path = url.raw_path.rstrip("/")
    path = _DOUBLED.sub(r"\1", _ENDPOINTS.sub("", path))
    if _HAS_API & set(spec.kinds.values()):
        path = _VERSION.sub("", path) if not _API.search(path) else _API.sub("", path)
        path = path.removesuffix("/api")
    elif path == spec.endpoint.version or not spec.endpoint.verbatim_path:
        path = path.removesuffix(spec.endpoint.version)
    return f"{url.origin()}{path.rstrip('/')}"


def _whole(text: str) -> str:
    """The address that is meant: out of a link to KoboldAI Lite, and with its scheme.

    Names in the open internet without a port are tunnels and vendors, which speak https.
    """
    if found := _LITE.search(text):
        text = unquote(found[1])
    if "://" in text or not text:
        return text
    host = text.partition("/")[0].lower()
    is_public = _PUBLIC_NAME.fullmatch(host) and not host.endswith(_HOME_ENDINGS)
    return f"https://{text}" if is_public else text


def route(spec: Spec, root: str, path: str, version: str | None = None) -> str:
    """The full address of an OpenAI-style route under a stored address."""
    if _VERSION.search(URL(root).raw_path):
        return root + path
    if spec.endpoint.verbatim_path and URL(root).raw_path.strip("/"):
        return root + path
    return root + (spec.endpoint.version if version is None else version) + path
