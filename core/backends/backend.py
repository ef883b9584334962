"""What a backend is: one wire protocol, bound to one row of the catalog, address and key."""

import abc
import asyncio
import hashlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, ClassVar

from core.backends.api_client import ApiClient
from core.backends.documents import list_at, number_at
from core.backends.http import Http
from core.backends.http_response import Style
from core.backends.models import list_models, probe
from core.backends.refusals import Refusals, remembered
from core.backends.spec import Spec
from core.backends.stream import ReadFrame, deltas
from core.backends.token_routes import COUNT_ROUTES, CountRoute
from core.backends.types import Delta, Model, Probe, Request, Unsupported
from core.errors import BackendError, BadAnswer, StreamBroken, TimedOut
from core.reasons import Reason
from core.secret import Secret

ABORT_ROUTE = "/api/extra/abort"
ABORT_TIME = 2.0
"""Seconds KoboldCpp gets to hear that it should stop."""
AT_ONCE = 4
"""Requests under way together; local servers answer one after the other anyway."""


_process = secrets.token_bytes(8)


def job_name(request: Request) -> str:
    """A name for the job by which it can be stopped; the same for the same turn of a story."""
    turn = request.turn or secrets.token_hex(8)
    return f"TK{hashlib.blake2b(turn.encode(), digest_size=6, key=_process).hexdigest()}"


class Backend(abc.ABC):
    """Subclasses set `protocol` and are found by it. All errors raised are `BackendError`s.

    Everything but the stream is as the row tells: where models are listed, how a server is
    asked about itself, who counts tokens.
    """

    protocol: ClassVar[str] = ""
    registered: ClassVar[dict[str, type["Backend"]]] = {}
    """Every protocol imported so far, by id."""

    def __init_subclass__(cls) -> None:
        if cls.protocol:
            Backend.registered[cls.protocol] = cls

    def __init__(self, spec: Spec, http: Http, url: str, key: Secret) -> None:
        self.spec = spec
        self.http = http
        self.url = url
        self.key = key
        self.api = ApiClient(spec, http, url, key)

    @abc.abstractmethod
    def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """Runs the request; closing the iterator closes the connection and ends the job."""

    @abc.abstractmethod
    async def sent(self, request: Request) -> dict[str, Any]:
        """The body that `stream` posts for this request: what is shown is made here too."""

    def as_taken(self, request: Request) -> Request:
        """The request without what the model is known to refuse of it."""
        return self.refusals(request.model).applied(request)

    def refusals(self, model: str) -> Refusals:
        return remembered(self.http.memory, self.url, model)

    async def models(self) -> list[Model]:
        """The vendor's list, or the one we know. Raises Unsupported where there is neither."""
        return await list_models(self.api)

    async def probe(self, model: str = "") -> Probe:
        """Asks the server what it is, and what it knows about `model` where one is named.

        Raises the `BackendError` that names the fault.
        """
        return await probe(self.api, model)

    async def count(self, texts: Sequence[str], model: str) -> list[int]:
        """Exact token counts by the server's own tokenizer, in the order given.

        Raises Unsupported where the server cannot count.
        """
        route = self._count_route()
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(text: str) -> int:
            if route.most is not None and len(text) > route.most:
                raise Unsupported(what="count")
            async with gate:
                return await self._tokens(route, route.body(text, model)) if text else 0

        return list(await asyncio.gather(*map(one, texts)))

    async def specials(self, model: str) -> int:
        """Tokens that the server itself puts around a prompt: what it counts in an empty one.

        Raises Unsupported where the server does not tell.
        """
        route = self._count_route()
        if not route.specials:
            raise Unsupported(what="count")
        return await self._tokens(route, {**route.body("", model), route.specials: True})

    def _count_route(self) -> CountRoute:
        if self.spec.models.count not in COUNT_ROUTES:
            raise Unsupported(what="count")
        return COUNT_ROUTES[self.spec.models.count]

    async def _tokens(self, route: CountRoute, body: dict[str, Any]) -> int:
        answer = await self.api.post(route.path, body)
        if route.tokens:
            return len(list_at(answer, *route.tokens))
        number = number_at(answer, *route.number)
        if number is None:
            raise BadAnswer(Reason.UNEXPECTED_SHAPE, where=self.spec.name)
        return number


class StreamingBackend(Backend):
    """A protocol with one POST for a reply, which is answered by a stream of frames."""

    route: ClassVar[str] = ""
    """Path below the address's root; `reply_url` where it differs from request to request."""
    style: ClassVar[Style] = "sse"
    carriers: ClassVar[tuple[str, ...]] = ()
    """The fields that hold the words; an answer without any of them is none."""

    @staticmethod
    @abc.abstractmethod
    def body(spec: Spec, request: Request, /) -> dict[str, Any]:
        """The request's body. Pure, so that tests can check it against the vendor's schema."""

    @staticmethod
    @abc.abstractmethod
    def read(frame: dict[str, Any], /) -> Delta:
        """What one frame of the answer says, or the answer as a whole."""

    def reply_url(self, request: Request) -> str:
        """A path below the address's root, or a full address."""
        return self.route

    async def prepare(self) -> None:
        """What has to be there before the request can go out."""

    async def fitted(self, request: Request) -> Request:
        """The request within what this account or version of a server can do."""
        return request

    def reader(self, body: Mapping[str, Any]) -> ReadFrame:
        """`read`, for protocols that have to remember something from frame to frame."""
        return self.read

    async def sent(self, request: Request) -> dict[str, Any]:
        body = self.body(self.spec, await self.fitted(request))
        return body | {"genkey": job_name(request)} if self.spec.reply.aborts else body

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        await self.prepare()
        body = await self.sent(request)
        read = self.reader(body)
        async with (
            self._job(body),
            self.api.reply(self.reply_url(request), body, request.model) as response,
            aclosing(
                deltas(response, self.api, read, self.style, request.model, self.carriers)
            ) as steps,
        ):
            async for delta in steps:
                yield delta

    @asynccontextmanager
    async def _job(self, body: dict[str, Any]) -> AsyncIterator[None]:
        """Has the job stopped by its name where closing the connection does not end it."""
        if not self.spec.reply.aborts:
            yield
            return
        try:
            yield
        except (GeneratorExit, asyncio.CancelledError, StreamBroken, TimedOut):
            with suppress(BackendError, TimeoutError):
                async with asyncio.timeout(ABORT_TIME):
                    await self.api.post(ABORT_ROUTE, {"genkey": body["genkey"]})
            raise


class WrappedBackend(Backend):
    """A backend around another one; answers all but streams as the inner one does.

    Tokens are counted as the row says, and the row is the same.
    """

    def __init__(self, inner: Backend) -> None:
        super().__init__(inner.spec, inner.http, inner.url, inner.key)
        self.inner = inner

    async def sent(self, request: Request) -> dict[str, Any]:
        return await self.inner.sent(request)

    async def models(self) -> list[Model]:
        return await self.inner.models()

    async def probe(self, model: str = "") -> Probe:
        return await self.inner.probe(model)
