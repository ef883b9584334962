"""A second stand-in for Discord, written from its documentation; it shares nothing with the first.

It is as unlike the playground as Discord allows: the bot's user has another id than its
application, events overtake the answers to the requests that caused them, what is optional is left
out, unknown fields stand everywhere, and no header tells of rate limits.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]

EPOCH = 1420070400000
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GforEi.gn-stand-in-for-tests-only-000000000"
EVERYTHING = str((1 << 50) - 1)
SURPRISE = {"of_tomorrow": {"kind": 7, "list": [None]}}
"""What a client must overlook."""
TEXT, DIRECT = 0, 1
EPHEMERAL = 64


def answered(document: Any, status: int = 200) -> web.Response:
    """JSON as Discord names it: discord.py hands back text where a charset follows."""
    data = json.dumps(document).encode()
    return web.Response(body=data, status=status, headers={"Content-Type": "application/json"})


def refused(status: int, code: int, message: str) -> web.Response:
    return answered({"message": message, "code": code}, status)


class Server:
    """One guild with one channel, its owner, a direct channel, and the bot."""

    def __init__(self) -> None:
        self._last = 0
        self.bot = self._user("hearthkeeper", bot=True)
        self.app_id = self.snowflake()
        self.owner = self._user("ada")
        self.guild_id, self.channel_id, self.dm_id = (self.snowflake() for _ in range(3))
        self.people = {one["id"]: one for one in (self.bot, self.owner)}
        self.commands: list[Json] = []
        self.messages: dict[str, dict[str, Json]] = {self.channel_id: {}, self.dm_id: {}}
        self.private: dict[str, Json] = {}
        """Ephemeral answers by interaction token; None as content while the bot is thinking."""
        self.modals: dict[str, Json] = {}
        self.acknowledged: dict[str, int] = {}
        """Types of the first answers, by interaction token."""
        self.webhooks: dict[str, Json] = {}
        self.files: dict[str, bytes] = {}
        self.edits: dict[str, list[str]] = {}
        """Each message's texts, in the order they were shown."""
        self.log: list[tuple[str, str, Any]] = []
        self.identified = self.resumed = 0
        self.events: list[Json] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.url = ""

    def snowflake(self) -> str:
        """Ids grow and carry the time, as Discord's do."""
        now = (int(time.time() * 1000) - EPOCH) << 22
        self._last = max(now, self._last + 1)
        return str(self._last)

    def _user(self, name: str, **more: Any) -> Json:
        plain = {"id": self.snowflake(), "username": name, "discriminator": "0", "avatar": None}
        return {**plain, "global_name": name.title(), **more, **SURPRISE}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Server"]:
        app = web.Application(client_max_size=30_000_000)
        app.router.add_get("/socket{slash:/?}", self._gateway)
        app.router.add_get("/files/{id}/{name}", self._file)
        app.router.add_route("*", "/api/v10/{path:.*}", self._rest)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"{host}:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def until(self, check: Callable[[], Any], within: float = 60.0) -> Any:
        async with asyncio.timeout(within):
            while True:
                if found := check():
                    return found
                await asyncio.sleep(0.01)

    # Gateway

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {"heartbeat_interval": 41250, "_trace": ['["gateway"]']}
        await socket.send_json({"op": 10, "d": hello, "s": None, "t": None})
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            said = json.loads(frame.data)
            if said["op"] == 1:
                await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
            elif said["op"] == 2:
                await self._identify(socket, said["d"])
            elif said["op"] == 6:
                await self._resume(socket, said["d"])
        if socket in self.sockets:
            self.sockets.remove(socket)
        return socket

    async def _identify(self, socket: web.WebSocketResponse, said: Json) -> None:
        if said["token"] != TOKEN:
            await socket.close(code=4004)
            return
        self.identified += 1
        self.events.clear()
        self.sockets = [socket]
        stub = {"id": self.guild_id, "unavailable": True}
        application = {"id": self.app_id, "flags": 1 << 19}
        ready = {
            "v": 10,
            "user": self.bot,
            "guilds": [stub],
            "session_id": "first",
            "resume_gateway_url": f"ws://{self.url}/socket",
            "application": application,
            "shard": said.get("shard", [0, 1]),
            "private_channels": [],
            **SURPRISE,
        }
        await self.dispatch("READY", ready)
        await self.dispatch("GUILD_CREATE", self._guild())

    async def _resume(self, socket: web.WebSocketResponse, said: Json) -> None:
        self.resumed += 1
        self.sockets = [socket]
        for event in [one for one in self.events if one["s"] > said["seq"]]:
            await socket.send_json(event)
        await self.dispatch("RESUMED", {})

    async def dispatch(self, name: str, document: Json) -> None:
        event = {"op": 0, "t": name, "s": len(self.events) + 1, "d": document}
        self.events.append(event)
        for socket in self.sockets:
            with contextlib.suppress(ConnectionError):
                await socket.send_json(event)

    def _guild(self) -> Json:
        role = {"id": self.guild_id, "name": "@everyone", "color": 0, "hoist": False,
                "permissions": EVERYTHING, "managed": False, "mentionable": False,
                "position": 0, "flags": 0}  # fmt: skip
        return {"id": self.guild_id, "name": "Elsewhere", "icon": None,
                "owner_id": self.owner["id"], "roles": [role], "emojis": [],
                "features": [], "channels": [self._channel()],
                "threads": [], "members": [{**self._member(), "user": self.bot}], "member_count": 2,
                "preferred_locale": "en-US", "verification_level": 1, "mfa_level": 0,
                "default_message_notifications": 0, "explicit_content_filter": 0, "nsfw_level": 0,
                "afk_timeout": 300, "premium_tier": 0, "system_channel_flags": 0, "large": False,
                "unavailable": False, "voice_states": [], "presences": [], **SURPRISE}  # fmt: skip

    def _channel(self) -> Json:
        return {"id": self.channel_id, "type": TEXT, "name": "elsewhere", "position": 0,
                "permission_overwrites": [], "guild_id": self.guild_id, **SURPRISE}  # fmt: skip

    def _direct(self) -> Json:
        known = {"id": self.dm_id, "type": DIRECT, "last_message_id": None}
        return {**known, "recipients": [self.owner], **SURPRISE}

    @staticmethod
    def _member() -> Json:
        return {"roles": [], "joined_at": "2024-01-01T00:00:00.000000+00:00", "deaf": False,
                "mute": False, "flags": 0, **SURPRISE}  # fmt: skip

    # REST

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["id"])
        return web.Response(body=content, status=200 if content is not None else 404)

    async def _rest(self, request: web.Request) -> web.Response:
        path = request.match_info["path"].split("/")
        body = await self._body(request)
        self.log.append((request.method, request.match_info["path"], body))
        by_token = path[0] in ("webhooks", "interactions") and len(path) > 2
        if not by_token and request.headers.get("Authorization") != f"Bot {TOKEN}":
            return refused(401, 0, "401: Unauthorized")
        match request.method, path:
            case "GET", ["users", "@me"]:
                return answered(self.bot)
            case "GET", ["oauth2", "applications", "@me"]:
                about = {"id": self.app_id, "name": "Hearth", "icon": None, "description": ""}
                keys = {"verify_key": "0" * 64, "owner": self.owner, "team": None, "flags": 1 << 19}
                return answered(
                    {
                        **about,
                        **keys,
                        "bot_public": True,
                        "bot_require_code_grant": False,
                        **SURPRISE,
                    }
                )
            case "GET", ["gateway", "bot"]:
                starts = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
                url = f"ws://{self.url}/socket"
                return answered({"url": url, "shards": 1, "session_start_limit": starts})
            case ("PUT" | "GET") as verb, ["applications", _, "commands"]:
                return answered(self._told_commands(body) if verb == "PUT" else self.commands)
            case _, ["interactions", id_, token, "callback"]:
                return await self._callback(id_, token, body)
            case _, ["webhooks", id_, token, *rest]:
                return await self._hook(request, id_, token, rest, body)
            case "POST", ["users", "@me", "channels"]:
                return answered(self._direct())
            case _, ["channels", channel, *rest]:
                return await self._in_channel(request, channel, rest, body)
        return refused(404, 0, "404: Not Found")

    async def _body(self, request: web.Request) -> Any:
        if request.content_type == "multipart/form-data":
            form = await request.post()
            return json.loads(str(form["payload_json"]))
        return json.loads(await request.read() or b"null")

    def _told_commands(self, body: list[Json]) -> list[Json]:
        ids = {"application_id": self.app_id, "default_member_permissions": None}
        self.commands = [
            {"description": "", **one, "id": self.snowflake(), "version": self.snowflake(), **ids}
            for one in body
        ]
        return self.commands

    async def _in_channel(
        self, request: web.Request, channel: str, rest: list[str], body: Any
    ) -> web.Response:
        if channel not in self.messages:
            return refused(404, 10003, "Unknown Channel")
        match request.method, rest:
            case "GET", []:
                return answered(self._direct() if channel == self.dm_id else self._channel())
            case "POST", ["typing"]:
                return web.Response(status=204)
            case "GET", ["webhooks"]:
                return answered(list(self.webhooks.values()))
            case "POST", ["webhooks"]:
                return answered(self._new_hook(channel, body))
            case "POST", ["messages"]:
                return answered(await self._post(channel, self.bot, body))
            case "GET", ["messages"]:
                return answered(self._history(channel, request.query))
            case verb, ["messages", id_]:
                return await self._one(verb, channel, id_, body)
        return refused(404, 0, "404: Not Found")

    def _history(self, channel: str, query: Any) -> list[Json]:
        found = sorted(self.messages[channel].values(), key=lambda one: -int(one["id"]))
        limit = int(query.get("limit", 50))
        if "after" in query:
            newer = [one for one in found if int(one["id"]) > int(query["after"])]
            return newer[-limit:]
        before = int(query.get("before", 1 << 63))
        return [one for one in found if int(one["id"]) < before][:limit]

    def _new_hook(self, channel: str, body: Json) -> Json:
        id_ = self.snowflake()
        self.webhooks[id_] = {
            "id": id_, "type": 1, "channel_id": channel, "guild_id": self.guild_id,
            "name": body["name"], "avatar": None, "token": "w" * 68, "user": self.bot,
            "application_id": self.app_id, **SURPRISE,
        }  # fmt: skip
        return self.webhooks[id_]

    async def _hook(
        self, request: web.Request, id_: str, token: str, rest: list[str], body: Any
    ) -> web.Response:
        if id_ == self.app_id:
            return self._follow_up(request.method, token, rest, body)
        hook = self.webhooks.get(id_)
        if hook is None or hook["token"] != token:
            return refused(404, 10015, "Unknown Webhook")
        if rest:
            return await self._one(request.method, hook["channel_id"], rest[1], body)
        author = {"id": id_, "username": body.get("username", hook["name"]), "avatar": None}
        author |= {"bot": True, "discriminator": "0000", "global_name": None}
        more = {"webhook_id": id_, "application_id": self.app_id}
        made = await self._post(hook["channel_id"], author, body, **more)
        return answered(made) if "wait" in request.query else web.Response(status=204)

    async def _post(self, channel: str, author: Json, body: Json, **more: Any) -> Json:
        made = self._message(channel, author, body.get("content") or "", **more)
        made["components"] = self._numbered(body.get("components") or [])
        made["embeds"] = body.get("embeds") or []
        await self._appear(made)
        return made

    async def _appear(self, message: Json, **more: Any) -> None:
        channel = message["channel_id"]
        self.messages[channel][message["id"]] = message
        self.edits[message["id"]] = [message["content"]]
        await self._tell("MESSAGE_CREATE", message, **more)

    async def _tell(self, name: str, message: Json, **more: Any) -> None:
        """The event is sent before the request that caused it is answered."""
        if message["channel_id"] == self.channel_id:
            more["guild_id"] = self.guild_id
            if "webhook_id" not in message:
                more["member"] = self._member()
        await self.dispatch(name, {**message, **more})

    async def _one(self, verb: str, channel: str, id_: str, body: Any) -> web.Response:
        message = self.messages[channel].get(id_)
        if message is None:
            return refused(404, 10008, "Unknown Message")
        if verb == "DELETE":
            del self.messages[channel][id_]
            place = {"guild_id": self.guild_id} if channel == self.channel_id else {}
            await self.dispatch("MESSAGE_DELETE", {"id": id_, "channel_id": channel, **place})
            return web.Response(status=204)
        if verb == "PATCH":
            self._change(message, body)
            await self._tell("MESSAGE_UPDATE", message)
        return answered(message)

    def _change(self, message: Json, body: Json) -> None:
        for key in ("content", "embeds"):
            if key in body:
                message[key] = body[key]
        if "components" in body:
            message["components"] = self._numbered(body["components"])
        message["edited_timestamp"] = "2026-01-01T00:00:00.000000+00:00"
        self.edits.setdefault(message["id"], []).append(message["content"])

    def _message(self, channel: str, author: Json, content: str, **more: Any) -> Json:
        return {"id": self.snowflake(), "channel_id": channel, "author": author, "content": content,
                "timestamp": "2026-01-01T00:00:00.000000+00:00", "edited_timestamp": None,
                "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [],
                "attachments": [], "embeds": [], "components": [], "pinned": False, "type": 0,
                "flags": 0, **more, **SURPRISE}  # fmt: skip

    @staticmethod
    def _numbered(rows: list[Json]) -> list[Json]:
        """Components get their ids from Discord, counted from 1 through the whole message."""
        count = 0

        def number(one: Json) -> Json:
            nonlocal count
            count += 1
            inner = (
                {"components": [number(each) for each in one["components"]]}
                if ("components" in one)
                else {}
            )
            return {**one, "id": count, **inner}

        return [number(row) for row in rows]

    # Interactions

    async def _callback(self, id_: str, token: str, body: Json) -> web.Response:
        if token in self.acknowledged:
            return refused(400, 40060, "Interaction has already been acknowledged.")
        kind, data = body["type"], body.get("data") or {}
        self.acknowledged[token] = kind
        told: Json = {"interaction": {"id": id_, "type": 2}}
        if kind in (4, 5):
            channel = token.split(".")[1]
            flags = data.get("flags", 0)
            made = self._message(channel, self.bot, data.get("content") or "", flags=flags)
            made["embeds"] = data.get("embeds") or []
            self.private[token] = {**made, "thinking": kind == 5}
            told["interaction"]["response_message_id"] = made["id"]
            if kind == 4:
                told["resource"] = {"type": 4, "message": made}
        elif kind == 7:
            pressed = self.modals[token]
            self._change(pressed, data)
            await self._tell("MESSAGE_UPDATE", pressed)
            told["resource"] = {"type": 7, "message": pressed}
        elif kind == 9:
            self.modals[token] = data
        return answered(told)

    def _follow_up(self, verb: str, token: str, rest: list[str], body: Any) -> web.Response:
        if verb == "DELETE":
            self.private.pop(token, None)
            return web.Response(status=204)
        if verb == "POST" and not self.private.get(token, {}).get("thinking"):
            channel = token.split(".")[1]
            self.private[token] = self._message(channel, self.bot, "", flags=EPHEMERAL)
        if token not in self.private:
            return refused(404, 10008, "Unknown Message")
        message = self.private[token]
        if verb != "GET":
            message.pop("thinking", None)
            self._change(message, body)
        return answered(message)
