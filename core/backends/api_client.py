"""The line to one server: row, address and key put together into requests."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

from yarl import URL

from core.backends.address import route
from core.backends.http import Http, HttpCall
from core.backends.limits import TimeLimits
from core.backends.response import HttpResponse
from core.backends.spec import Auth, Spec
from core.secret import Secret

Method = Literal["GET", "POST", "DELETE"]

_AUTH_HEADERS: dict[Auth, Callable[[str], dict[str, str]]] = {
    Auth.NONE: lambda key: {},
    Auth.BEARER: lambda key: {"Authorization": f"Bearer {key}"},
    Auth.X_API_KEY: lambda key: {"x-api-key": key},
    Auth.API_KEY: lambda key: {"api-key": key},
    Auth.APIKEY: lambda key: {"apikey": key},
    Auth.GOOGLE: lambda key: {"x-goog-api-key": key},
    Auth.BEARER_AND_X_API_KEY: lambda key: {"Authorization": f"Bearer {key}", "X-API-KEY": key},
    # A service account's JSON itself is never sent; in express mode it is an API key.
    Auth.SERVICE_ACCOUNT: lambda key: {} if key.startswith("{") else {"x-goog-api-key": key},
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
        """The request; `url` is a path below the root or a full address."""
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
        call = self.call("POST", url, body, model=model, times=self.patient())
        async with self.http.ok(call) as answer:
            yield answer

    async def get(self, url: str) -> Any:
        return await self.http.json(self.call("GET", url))

    async def post(self, url: str, body: Any, *, slow: bool = False) -> Any:
        """The JSON answer to a JSON body; `slow` allows it a reply's time."""
        times = self.patient() if slow else None
        return await self.http.json(self.call("POST", url, body, times=times))

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
