"""The web page and its JSON interface; only pages of this very server may use them."""

import json
from pathlib import Path

from aiohttp import web

from bot.playground.people.act import Act
from bot.playground.people.options import Impossible
from bot.playground.rest.uploads import read_body
from bot.playground.rules.errors import Refused
from bot.playground.simulation import Simulation
from bot.playground.view import View
from bot.playground.world.models import Channel

STATIC = Path(__file__).parent / "static"
# Named here because Windows takes types from its registry, where .js may be anything.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


class Page:
    """GET / and /static, and everything below /playground."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/static/{name:.+}", self.static),
            web.get("/playground/state", self.state),
            web.get("/playground/messages", self.messages),
            web.get("/playground/events", self.events),
            web.post("/playground/act", self.act),
        ]

    async def index(self, request: web.Request) -> web.StreamResponse:
        return self._file("index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        return self._file(request.match_info["name"])

    def _file(self, name: str) -> web.StreamResponse:
        path = (STATIC / name).resolve()
        if not path.is_relative_to(STATIC.resolve()) or not path.is_file():
            raise web.HTTPNotFound
        headers = {
            "Content-Type": TYPES.get(path.suffix, "application/octet-stream"),
            "Content-Security-Policy": self._policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }
        return web.FileResponse(path, headers=headers)

    def _policy(self) -> str:
        """Only this server's own scripts; its files also by the address in attachments."""
        base = self._simulation.state.base_url
        return (
            f"default-src 'self'; img-src 'self' data: blob: {base}; media-src 'self' {base}; "
            "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
            "form-action 'none'"
        )

    def _view(self, request: web.Request) -> View:
        check_origin(request)
        people = [each.id for each in self._simulation.state.users.values() if not each.bot]
        user_id = request.query.get("user") or people[0]
        if user_id not in people:
            raise _wrong(f"There is no person {user_id}.")
        return View(self._simulation, user_id)

    async def state(self, request: web.Request) -> web.Response:
        return web.json_response(self._view(request).state())

    async def messages(self, request: web.Request) -> web.Response:
        view, channel = self._view(request), self._channel(request)
        query = {name: request.query[name] for name in ("before", "after") if name in request.query}
        if not all(each.isdigit() for each in query.values()):
            raise _wrong("before and after are message ids.")
        return web.json_response({"messages": view.messages(channel, query, 100)})

    def _channel(self, request: web.Request) -> Channel:
        try:
            return self._simulation.state.channel(request.query.get("channel", ""))
        except Refused:
            raise _wrong("There is no such channel.") from None

    async def events(self, request: web.Request) -> web.StreamResponse:
        return await self._view(request).stream(request)

    async def act(self, request: web.Request) -> web.Response:
        check_origin(request)
        try:
            body, uploads = await read_body(request)
            if not isinstance(body, dict):
                raise Impossible("The body must be a JSON object.")
            return web.json_response(await Act(self._simulation, body, uploads).perform())
        except Impossible as impossible:
            raise _wrong(str(impossible)) from impossible
        except Refused as refused:
            raise _wrong(str(refused.body["message"])) from refused


def check_origin(request: web.Request) -> None:
    """Refuses requests that another web site makes through the person's browser."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    foreign = origin is not None and origin != f"{request.scheme}://{request.host}"
    if foreign or site not in (None, "same-origin", "none"):
        raise web.HTTPForbidden(text="Only the playground's own page may do this.")


def _wrong(sentence: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": sentence}), content_type="application/json")
