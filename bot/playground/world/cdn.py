"""The local CDN: attachments, avatars, emojis."""

from aiohttp import web

from bot.playground.world import images
from bot.playground.world.files import File
from bot.playground.world.state import State

# Pictures and plain texts are shown by browsers; anything else is only downloaded, so that no
# uploaded page runs beside the playground's own.
SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/", "text/plain")
COLORS = (0x5865F2, 0x747F8D, 0x3BA55D, 0xFAA61A, 0xED4245, 0xEB459E)


class Cdn:
    """Serves files below /cdn, and at the root for the host name of Discord's CDN."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        rows = []
        for base in ("/cdn", ""):
            rows += [
                web.get(f"{base}/attachments/{{channel}}/{{id}}/{{name}}", self.attachment),
                web.get(
                    f"{base}/ephemeral-attachments/{{channel}}/{{id}}/{{name}}", self.attachment
                ),
                web.get(f"{base}/avatars/{{owner}}/{{mark}}.{{kind}}", self.avatar),
                web.get(
                    f"{base}/guilds/{{guild}}/users/{{owner}}/avatars/{{mark}}.{{kind}}",
                    self.avatar,
                ),
                web.get(f"{base}/embed/avatars/{{number}}.png", self.plain),
                web.get(f"{base}/emojis/{{id}}.{{kind}}", self.emoji),
            ]
        return rows

    async def attachment(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/cdn")
        query = request.query
        signature = (query.get("ex", ""), query.get("is", ""), query.get("hm", ""))
        found = self._state.files.attachment(request.match_info["id"])
        if found is None or not self._state.files.is_good(path, *signature):
            return web.Response(status=404, text="This content is no longer available.")
        return _sent(found)

    async def avatar(self, request: web.Request) -> web.Response:
        owner_id, mark = request.match_info["owner"], request.match_info["mark"]
        found = self._state.files.avatar(owner_id, mark)
        if isinstance(found, str):
            raise web.HTTPFound(found)
        return _sent(found) if found else web.Response(status=404)

    async def emoji(self, request: web.Request) -> web.Response:
        known = self._state.emojis.get(request.match_info["id"])
        found = self._state.files.emoji(request.match_info["id"]) if known else None
        return _sent(found) if found else web.Response(status=404)

    async def plain(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        color = COLORS[int(number) % len(COLORS)] if number.isdigit() else COLORS[0]
        return _sent(File(images.plain(color), "image/png"))


def _sent(file: File) -> web.Response:
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, max-age=3600",
    }
    if not file.content_type.startswith(SHOWN):
        headers["Content-Disposition"] = "attachment"
    headers["Content-Type"] = file.content_type
    return web.Response(body=file.content, headers=headers)
