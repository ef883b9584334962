"""What the owner of the foreign server does in its client."""

import asyncio
from typing import Any

from tests.e2e.foreign.server import DIRECT, EVERYTHING, SURPRISE, TEXT, Json, Server

SUBCOMMAND, GROUP, ATTACHMENT = 1, 2, 11
COMMAND, COMPONENT, SUBMIT = 2, 3, 5


class Ada:
    """Owns the server and the bot."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.user = server.owner

    async def says(self, text: str, channel: str | None = None) -> Json:
        where = channel or self.server.channel_id
        message = self.server._message(where, self.user, text)
        await self.server._appear(message)
        return message

    async def runs(self, line: str, channel: str | None = None, **options: Any) -> str:
        """A slash command; the token of its interaction. Bytes are given as files."""
        words = line.split()
        command = next(one for one in self.server.commands if one["name"] == words[0])
        level, path = command, []
        for word in words[1:]:
            level = next(one for one in level["options"] if one["name"] == word)
            path.append({"name": word, "type": level["type"]})
        files: Json = {}
        given = [self._option(level, name, value, files) for name, value in options.items()]
        for step in reversed(path):
            given = [{**step, "options": given}]
        data = {"id": command["id"], "name": command["name"], "type": 1, "options": given}
        if files:
            data["resolved"] = {"attachments": files}
        return await self._interact(COMMAND, data, channel)

    def _option(self, level: Json, name: str, value: Any, files: Json) -> Json:
        known = next(one for one in level["options"] if one["name"] == name)
        if known["type"] == ATTACHMENT:
            id_ = self.server.snowflake()
            self.server.files[id_] = value
            url = f"http://{self.server.url}/files/{id_}/upload.bin?ex=ffffffff"
            files[id_] = {"id": id_, "filename": "upload.bin", "size": len(value), "url": url,
                          "proxy_url": url, **SURPRISE}  # fmt: skip
            value = id_
        return {"name": name, "type": known["type"], "value": value}

    async def presses(self, message: Json, label: str) -> str:
        """A button under a message, which must be there."""
        rows = message["components"]
        button = next(one for row in rows for one in row["components"] if one.get("label") == label)
        data = {"component_type": 2, "custom_id": button["custom_id"], "id": button["id"]}
        return await self._interact(COMPONENT, data, message["channel_id"], message=message)

    async def submits(self, modal: Json, channel: str | None = None, **values: str) -> str:
        rows = [
            {"type": 18, "id": 2 * index + 1, "component": {
                "type": 4, "id": 2 * index + 2, "custom_id": label["component"]["custom_id"],
                "value": values.get(label["component"]["custom_id"], "")}}
            for index, label in enumerate(modal["components"])
        ]  # fmt: skip
        data = {"custom_id": modal["custom_id"], "components": rows}
        return await self._interact(SUBMIT, data, channel)

    async def modal(self, token: str) -> Json:
        """The form a command opens."""
        await self.server.until(lambda: self.server.acknowledged.get(token) == 9)
        return self.server.modals[token]

    async def told(self, token: str) -> Json:
        """The private answer."""

        def answer() -> Json | None:
            found = self.server.private.get(token)
            return found if found is not None and not found.get("thinking") else None

        found: Json = await self.server.until(answer)
        assert found["flags"] & 64 or found["channel_id"] == self.server.dm_id
        return found

    async def _interact(self, kind: int, data: Json, channel: str | None, **more: Any) -> str:
        server = self.server
        where = channel or server.channel_id
        id_ = server.snowflake()
        token = f"t{id_}.{where}"
        if "message" in more:
            server.modals[token] = more["message"]
        event = {"id": id_, "application_id": server.app_id, "type": kind, "token": token,
                 "version": 1, "data": data, "channel_id": where, "entitlements": [],
                 "app_permissions": EVERYTHING, "locale": "en-US",
                 "authorizing_integration_owners": {}, "attachment_size_limit": 10485760,
                 **more, **SURPRISE}  # fmt: skip
        if where == server.channel_id:
            member = {**server._member(), "user": self.user, "permissions": EVERYTHING}
            guild = {"id": server.guild_id, "locale": "en-US", "features": []}
            event |= {"guild_id": server.guild_id, "guild": guild, "member": member, "context": 0,
                      "channel": {"id": where, "type": TEXT}, "guild_locale": "en-US"}  # fmt: skip
        else:
            event |= {"user": self.user, "context": 1, "channel": {"id": where, "type": DIRECT}}
        await server.dispatch("INTERACTION_CREATE", event)
        async with asyncio.timeout(30):
            await server.until(lambda: token in server.acknowledged)
        return token
