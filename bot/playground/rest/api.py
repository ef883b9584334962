"""Takes a request through log, faults, token and limits to the row that answers it."""

import asyncio
import json
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from bot.playground.faults import Action, Fault
from bot.playground.rest import (
    channels,
    commands,
    emojis,
    guilds,
    interactions,
    messages,
    pins,
    reactions,
    threads,
    users,
    webhooks,
)
from bot.playground.rest.call import Answer, Call, Route
from bot.playground.rest.uploads import read_body
from bot.playground.rules.errors import (
    CODES,
    Refused,
    not_found,
    refuse,
    unauthorized,
    wrong_method,
)
from bot.playground.rules.limits import Verdict, refusal
from bot.playground.simulation import Simulation

EDGE_PAGE = (
    "<!DOCTYPE html><html><head><title>Access denied</title></head>"
    "<body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>"
)


class Api:
    """Everything below /api/v10."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        nouns = (
            users,
            guilds,
            channels,
            messages,
            reactions,
            pins,
            threads,
            webhooks,
            interactions,
            commands,
            emojis,
        )
        rows: list[Route] = [row for noun in nouns for row in noun.ROUTES]
        # Literal segments such as @me or @original win over placeholders.
        rows.sort(key=lambda row: row.path.count("{"))
        self.routes = rows
        self._rows = [(row, row.pattern()) for row in rows]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answers one request."""
        arrived = self._simulation.clock.now()
        call = self._call(request)
        faults = self._simulation.faults
        subject = f"{call.method} {call.path}"
        try:
            call.body, call.files = await read_body(request)
            response = await self._answer(call, request, faults.find(subject))
        except Refused as refused:
            response = _response(refused.status, refused.body)
        except ConnectionResetError:
            response = None
        if response is not None and (fault := faults.find(subject, after=True)):
            if fault.action is Action.LAG:
                await asyncio.sleep(faults.wait(fault))
            else:
                response = None
        self._log(arrived, call, request, response)
        if response is None:
            return _drop(request)
        return response

    def _call(self, request: web.Request) -> Call:
        path = request.rel_url.raw_path.removeprefix("/api/v10").removeprefix("/api")
        return Call(self._simulation, request.method, unquote(path), dict(request.query))

    async def _answer(
        self, call: Call, request: web.Request, fault: Fault | None
    ) -> web.Response | None:
        if fault is not None:
            if fault.action is Action.DELAY:
                await asyncio.sleep(self._simulation.faults.wait(fault))
            elif fault.action is Action.DROP:
                return None
            elif (struck := _struck(fault)) is not None:
                return struck
        row = self._row(call, request)
        token = self._simulation.state.application.token
        if not row.open and request.headers.get("Authorization") != f"Bot {token}":
            raise unauthorized()
        verdict = self._simulation.limits.enter(
            call.method, call.path, counts_globally=not row.open
        )
        if verdict.body is not None:
            return _response(429, verdict.body, verdict)
        try:
            answer = await row.answer(call)
        except Refused as refused:
            return _response(refused.status, refused.body, verdict)
        if not isinstance(answer, Answer):
            answer = Answer(answer, 204 if answer is None else 200)
        return _response(answer.status, answer.body, verdict)

    def _row(self, call: Call, request: web.Request) -> Route:
        # Emoji arrive percent-encoded and may hold a slash's code: split first, decode after.
        raw = request.rel_url.raw_path.removeprefix("/api/v10").removeprefix("/api")
        known = False
        for row, pattern in self._rows:
            if match := pattern.fullmatch(raw):
                known = True
                if row.method == call.method:
                    call.ids = {name: unquote(each) for name, each in match.groupdict().items()}
                    return row
        raise wrong_method() if known else not_found()

    def _log(
        self, arrived: float, call: Call, request: web.Request, response: web.Response | None
    ) -> None:
        path = str(request.rel_url.raw_path_qs)
        status, answered = None, None
        if response is not None:
            status, answered = response.status, _decoded(response)
        self._simulation.log.add(
            arrived, call.method, path, call.body, call.files, status, answered
        )
        self._simulation.bus.wake()


def _struck(fault: Fault) -> web.Response | None:
    if fault.action is Action.LIMIT:
        verdict = refusal(fault.retry_after, fault.scope)
        return _response(429, verdict.body, verdict)
    if fault.action is Action.EDGE:
        headers = {"Retry-After": str(int(fault.retry_after) + 1)}
        return web.Response(status=429, text=EDGE_PAGE, content_type="text/html", headers=headers)
    if fault.action is Action.ERROR:
        if fault.code in CODES and not fault.message:
            refused = refuse(fault.code)
            return _response(refused.status, refused.body)
        sentence = fault.message or f"{fault.status}: Internal Server Error"
        return _response(fault.status, {"message": sentence, "code": fault.code})
    return None


def _response(status: int, body: Any, verdict: Verdict | None = None) -> web.Response:
    headers = {"Via": "1.1 google", **(verdict.headers if verdict else {})}
    if body is None:
        return web.Response(status=status, headers=headers)
    # Exactly application/json: with a charset discord.py takes the body for text.
    return web.Response(
        status=status,
        body=json.dumps(body).encode(),
        content_type="application/json",
        headers=headers,
    )


def _decoded(response: web.Response) -> Any:
    if response.content_type != "application/json" or not isinstance(response.body, bytes):
        return None
    return json.loads(response.body)


def _drop(request: web.Request) -> web.StreamResponse:
    """Closes the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
