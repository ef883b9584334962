"""What one person sees: the page's first look, older messages, and news as they come."""

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from bot.playground.rest.messages import page
from bot.playground.rules.errors import Json
from bot.playground.simulation import Simulation
from bot.playground.world import render
from bot.playground.world.events import Event
from bot.playground.world.models import Channel, Message

NEWEST = 100
# Comments that keep idle event streams open.
KEEP_ALIVE_SECONDS = 15.0
# A page that stops reading is let go; it reconnects and reads the state anew.
WAITING_EVENTS = 10_000


class View:
    """The world through one person's eyes."""

    def __init__(self, simulation: Simulation, user_id: str) -> None:
        self._simulation, self._user_id = simulation, user_id
        self._state = simulation.state

    def state(self) -> Json:
        """Everything a page needs to draw itself."""
        state = self._state
        seen = [each for each in state.channels.values() if state.sees(self._user_id, each)]
        commands = [each for group in state.commands.values() for each in group.values()]
        return {
            "me": render.user(state.bot),
            "application_id": state.application.id,
            "user": self._user_id,
            "locale": state.users[self._user_id].locale,
            "users": [render.user(each) for each in state.users.values()],
            "guilds": [self._guild(guild_id, seen) for guild_id in state.guilds],
            "channels": [render.channel(state, each) for each in seen],
            "messages": {each.id: self.messages(each, {}, NEWEST) for each in seen},
            "commands": commands,
            "permissions": {
                each.id: render.permissions_text(state.permissions(self._user_id, each))
                for each in seen
            },
            "intents": dict(state.application.intents),
            "faults": [each.describe() for each in self._simulation.faults.rules],
            "online": self._simulation.gateway.online,
            "start_channel": state.start_channel,
            "hint": state.hint,
        }

    def _guild(self, guild_id: str, seen: list[Channel]) -> Json:
        guild = self._state.guilds[guild_id]
        return {
            "id": guild.id,
            "name": guild.name,
            "icon": None,
            "owner_id": guild.owner_id,
            "roles": [render.role(each) for each in guild.roles.values()],
            "members": [render.member(self._state, each) for each in guild.members.values()],
            "channels": [
                render.channel(self._state, each) for each in seen if each.guild_id == guild.id
            ],
        }

    def messages(self, channel: Channel, query: Mapping[str, str], limit: int) -> list[Json]:
        """Messages oldest first, the person's own ephemeral ones among them."""
        found = page(channel, query, limit)[::-1]
        oldest = int(found[0].id) if found else 0
        newest = int(query.get("before", 2**63))
        own = [
            each
            for each in channel.ephemeral.values()
            if each.audience == self._user_id and oldest <= int(each.id) < newest
        ]
        merged = sorted([*found, *own], key=lambda each: int(each.id))
        return [self.message(each) for each in merged]

    def message(self, message: Message) -> Json:
        return render.message_event(self._state, message, self._user_id)

    def sees(self, event: Event) -> bool:
        if not event.for_people or event.audience not in (None, self._user_id):
            return False
        return event.channel is None or self._state.sees(self._user_id, event.channel)

    def news(self, event: Event) -> Json:
        data = self.message(event.message) if event.message is not None else event.data
        return {"type": event.type, "d": data}

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events until the page leaves."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        queue: asyncio.Queue[Json] = asyncio.Queue(WAITING_EVENTS)

        def listen(event: Event) -> None:
            if self.sees(event) and not queue.full():
                queue.put_nowait(self.news(event))

        # Listening begins before the page hears that the line stands and reads the state again:
        # what happened in between would be lost.
        stop = self._simulation.bus.listen(listen)
        try:
            await response.prepare(request)
            await response.write(b": ready\n\n")
            while not queue.full() and not self._simulation.bus.is_closed:
                await response.write(await _next(queue))
        except ConnectionError:
            pass
        finally:
            stop()
        return response


async def _next(queue: "asyncio.Queue[Json]") -> bytes:
    try:
        async with asyncio.timeout(KEEP_ALIVE_SECONDS):
            news = await queue.get()
    except TimeoutError:
        return b": still here\n\n"
    return f"data: {json.dumps(news)}\n\n".encode()
