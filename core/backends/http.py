"""The one way out: every request to a model's server leaves here, bounded in time and size."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import aiohttp
from cachetools import TLRUCache
from yarl import URL

from core.backends.documents import read_json
from core.backends.faults import fault
from core.backends.head_first import head_first
from core.backends.http_response import HttpResponse
from core.backends.limits import QUICK, HttpLimits, TimeLimits
from core.errors import BackendError, BadAnswer, StreamBroken, TimedOut, Unreachable
from core.network import (
    AddressClass,
    AddressRefused,
    Lookup,
    VettingResolver,
    classify,
    is_literal,
    system_lookup,
)
from core.reasons import Reason
from core.secret import Secret, scrub

USER_AGENT = "Tavernkeeper"
MEMORY_ENTRIES = 1000
_LONG = 1 << 18
"""Characters of JSON that are read aside, so that others are served meanwhile."""


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request. `where` and `model` name it in errors; `secrets` are kept out of them."""

    method: Literal["GET", "POST", "DELETE"]
    url: str
    body: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    times: TimeLimits = QUICK
    where: str = ""
    model: str = ""
    secrets: tuple[Secret, ...] = ()


class AnswerMemory:
    """What servers have said and what need not be asked again for a while.

    Keys hold the address (and a hash of the account) that told it, so nothing is mixed up.
    """

    def __init__(self) -> None:
        self._found: TLRUCache[tuple[str, ...], tuple[Any, float]] = TLRUCache(
            MEMORY_ENTRIES, ttu=lambda _key, found, now: now + found[1], timer=time.monotonic
        )

    def get(self, *key: str) -> Any:
        """What was put under the key, unless it is too old; else None."""
        return self._found.get(key, (None, 0.0))[0]

    def put(self, value: Any, seconds: float, *key: str) -> None:
        self._found[key] = (value, seconds)


class Http:
    """Outgoing HTTP for one class of addresses; `reaching` gives it for another.

    There is one session per class, so that a connection made for the bot's owner to a
    private address is never reused for somebody else. No redirects, no cookies, no proxy
    from the environment. Close with `async with` or `close`.
    """

    def __init__(
        self,
        *,
        reach: AddressClass = AddressClass.GLOBAL,
        limits: HttpLimits | None = None,
        lookup: Lookup = system_lookup,
        prints: bool = False,
    ) -> None:
        self.reach = reach
        self.prints = prints
        """Whether the terminal is told every request for a reply."""
        self.limits = limits or HttpLimits()
        self._lookup = lookup
        self._sessions: dict[AddressClass, aiohttp.ClientSession] = {}
        self.memory = AnswerMemory()

    def reaching(self, reach: AddressClass) -> "Http":
        """The same, for addresses of another class. Shares sessions and memory."""
        other = copy(self)
        other.reach = reach
        return other

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        while self._sessions:
            _, session = self._sessions.popitem()
            await session.close()

    @asynccontextmanager
    async def open(self, call: HttpCall) -> AsyncIterator[HttpResponse]:
        """Sends the request; the answer's status is not judged yet.

        Leaving the block closes the connection unless the body was read to its end.
        Raises Unreachable, TimedOut, StreamBroken or BadAnswer.
        """
        started = asyncio.get_running_loop().time()
        with _as_faults(call):
            async with await self._send(call, started) as response:
                answer = HttpResponse(response, call.times, self.limits.size, started)
                try:
                    yield answer
                finally:
                    answer.watch.stop()
                    if not response.content.at_eof():
                        response.close()

    @asynccontextmanager
    async def ok(self, call: HttpCall) -> AsyncIterator[HttpResponse]:
        """As `open`, for answers of status 2xx; any other raises the error it means."""
        async with self.open(call) as answer:
            if not 200 <= answer.status < 300:
                raise await self.fault(call, answer)
            yield answer

    async def json(self, call: HttpCall) -> Any:
        """The JSON document of a 2xx answer."""
        async with self.ok(call) as answer:
            text = await answer.text(self.limits.size.document)
            if answer.content_type == "text/html" or text.lstrip()[:1] == "<":
                headers = {"content-type": "text/html"}
                refused = fault(None, headers, text, where=call.where, secrets=call.secrets)
                raise BadAnswer(
                    Reason.WEB_PAGE, refused.detail, where=call.where, status=answer.status
                )
            if len(text) < _LONG:
                return read_json(text)
        return await asyncio.to_thread(read_json, text)

    async def fault(self, call: HttpCall, answer: HttpResponse) -> BackendError:
        """The error that a non-2xx answer means; reads its body."""
        body = await answer.beginning(self.limits.size.error)
        if 300 <= answer.status < 400:
            return BadAnswer(
                Reason.REDIRECTED,
                where=call.where,
                status=answer.status,
                redirect=_origin(answer.headers.get("Location", ""), call.url),
            )
        return fault(
            answer.status,
            {name.lower(): value for name, value in answer.headers.items()},
            body,
            where=call.where,
            model=call.model,
            reason=answer.reason,
            secrets=call.secrets,
        )

    async def _send(self, call: HttpCall, started: float) -> aiohttp.ClientResponse:
        url = URL(call.url, encoded=True)
        host = url.raw_host or ""
        # aiohttp asks the resolver for names only; a literal address is judged here.
        if is_literal(host) and classify(host) is not self.reach:
            raise Unreachable(Reason.ADDRESS_NOT_APPROVED, phase="address")
        headers = {"Accept-Encoding": "identity", "User-Agent": USER_AGENT, **call.headers}
        data: bytes | aiohttp.FormData | None = None
        if call.body is not None:
            data = encode(call.body)
            headers.setdefault("Content-Type", "application/json")
        elif call.form is not None:
            data = aiohttp.FormData(dict(call.form))
        try:
            async with asyncio.timeout_at(started + call.times.first):
                return await self._session().request(
                    call.method,
                    url,
                    data=data,
                    headers=headers,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=call.times.connect),
                )
        except aiohttp.ConnectionTimeoutError:
            raise
        except TimeoutError as error:
            raise TimedOut(phase="first", seconds=call.times.first, where=call.where) from error

    def _session(self) -> aiohttp.ClientSession:
        session = self._sessions.get(self.reach)
        if session is None:
            connector = head_first(
                aiohttp.TCPConnector(
                    resolver=VettingResolver(self.reach, self._lookup), use_dns_cache=False, limit=0
                )
            )
            session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
            )
            self._sessions[self.reach] = session
        return session


def encode(body: Any) -> bytes:
    """JSON as it is sent: UTF-8, half emoji replaced, no NaN.

    In lines, so that what the operator reads in the terminal is what went out, to the byte.
    """
    text = json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "replace")


def _origin(location: str, base: str) -> str:
    try:
        return str(URL(base).join(URL(location)).origin())
    except ValueError:
        return ""


@contextmanager
def _as_faults(call: HttpCall) -> Iterator[None]:
    """Turns aiohttp's errors into ours and names the backend in all of them."""
    try:
        yield
    except BackendError as error:
        # Whatever of the server's words has got into the error may hold the key.
        error.detail = scrub(error.detail, call.secrets)
        for name, value in error.facts.items():
            if isinstance(value, str) and name not in ("where", "model"):
                error.facts[name] = scrub(value, call.secrets)
        error.facts.setdefault("where", call.where)
        error.facts.setdefault("model", call.model)
        raise
    except aiohttp.ClientError as error:
        fault_of = _connection_fault(error)
        fault_of.facts |= {"where": call.where, "model": call.model}
        raise fault_of from error
    except OSError as error:
        raise Unreachable(Reason.SILENT, phase="connect", where=call.where) from error


def _connection_fault(error: aiohttp.ClientError) -> BackendError:
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError):
        return Unreachable(Reason.TLS_FAILED, phase="tls")
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, AddressRefused):
            return Unreachable(Reason.ADDRESS_NOT_APPROVED, phase="address")
        phase = "dns" if isinstance(error, aiohttp.ClientConnectorDNSError) else "connect"
        return Unreachable(Reason.NO_SUCH_HOST if phase == "dns" else Reason.SILENT, phase=phase)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Unreachable(Reason.SILENT, phase="connect")
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.InvalidURL):
        return BadAnswer(Reason.GARBLED)
    return StreamBroken()
