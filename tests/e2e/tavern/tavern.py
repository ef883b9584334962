"""The whole product in one process: stand-in Discord, real bot, real engine, a scripted model."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from bot.client import Supervisor, TavernBot
from bot.incoming.message_reader import place_of
from bot.playground import Person, Playground, two_servers
from bot.playground.people.person import Invocation
from bot.playground.rules.components import BUTTON, TEXT, walk
from bot.playground.world.models import Channel
from bot.webhooks import Room
from core.backends.rehearsal.rehearsal import Script
from core.chat.message import Message
from core.chat.place import Actor, Place, Scope
from core.engine import Engine
from core.options.table import CHAT_BURST_SECONDS, Option
from core.secret import Secret
from core.settings import DiscordSettings, NetworkSettings, Settings
from tests.e2e.playground.helpers import point

Json = dict[str, Any]

MIRA = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        "name": "Mira",
        "description": "{{char}} keeps the Silver Tankard.",
        "personality": "dry, patient",
        "scenario": "A rainy evening.",
        "first_mes": "*{{char}} looks up.* Well met, {{user}}.",
        "alternate_greetings": ["The door creaks as {{user}} comes in.", "Closed! Oh, it is you."],
        "mes_example": "<START>\n{{user}}: Hi.\n{{char}}: Hm.",
    },
}
"""The card most tests talk with."""


class Tavern:
    """Ann owns the server and the bot, Ben is a guest. `room` is where they talk."""

    def __init__(self, playground: Playground, settings: Settings) -> None:
        self.playground = playground
        self.settings = settings
        self.ann: Person = playground.person("Ann")
        self.ben: Person = playground.person("Ben")
        self.room: Channel = playground.channel("tavern")
        self.engine: Engine
        self.supervisor: Supervisor
        self._running: contextlib.AsyncExitStack | None = None

    # The process

    async def start(self) -> None:
        """Opens engine and bot, and waits until the bot has read its channels."""
        async with contextlib.AsyncExitStack() as stack:
            self.engine = await stack.enter_async_context(Engine.open(self.settings))
            self.script.speed = float("inf")
            supervisor = self.supervisor = Supervisor(self.engine, ready_timeout=0.05)
            serving = asyncio.create_task(supervisor.run())
            stack.push_async_callback(asyncio.gather, serving)
            stack.callback(supervisor.stop)
            await self.until(lambda: serving.done() or self._is_ready(), within=60.0)
            if serving.done():
                await serving
            self._running = stack.pop_all()
        await self.set_everywhere(CHAT_BURST_SECONDS, 0.0)

    async def stop(self) -> None:
        """Ends the bot as SIGTERM would."""
        if self._running is not None:
            await self._running.aclose()
            self._running = None

    async def restart(self) -> None:
        """Stops and starts on the same database."""
        await self.stop()
        await self.start()

    def _is_ready(self) -> bool:
        bot = self.supervisor.bot
        return bot is not None and bot.is_ready() and bot.recovery.settled.is_set()

    async def set_everywhere(self, option: Option[Any], value: object) -> None:
        """Sets an option as the bot's owner may."""
        host = Actor(1, "host", manager=True, owner=True)
        place = Place(channel_id=1, guild_id=1)
        await self.engine.services.options.set(host, place, option, value, Scope.EVERYWHERE)

    # What it is made of

    @property
    def bot(self) -> TavernBot:
        assert self.supervisor.bot is not None
        return self.supervisor.bot

    @property
    def script(self) -> Script:
        """Stage directions for the model that answers."""
        return self.engine.models.pool.catalog.script

    def will_say(self, *texts: str) -> None:
        self.script.say(*texts)

    @property
    def prompt(self) -> str:
        """What the model was sent last, as one text."""
        request = self.script.requests[-1]
        return request.prompt or "\n".join(message.content for message in request.messages)

    # What people see

    def said(self, room: Channel | None = None, *, by: Person | None = None) -> list[Json]:
        """Public messages of the bot and its characters, oldest first."""
        bot_id = self.playground.state.bot.id
        seen = (by or self.ann).sees(room or self.room)
        return [
            one
            for one in seen
            if (one["author"]["id"] == bot_id or one.get("webhook_id")) and not one["flags"] & 64
        ]

    def texts(self, room: Channel | None = None) -> list[str]:
        return [message["content"] for message in self.said(room)]

    async def until(self, check: Callable[[], Any], within: float = 30.0) -> Any:
        """The first true value of `check`; what it looks at may be outside the playground."""
        async with asyncio.timeout(within):
            while True:
                if found := check():
                    return found
                await asyncio.sleep(0.005)

    def is_idle(self, room: Channel | None = None) -> bool:
        """Whether no reply is under way in a room."""
        channel = self.bot.get_channel(int((room or self.room).id))
        return self.bot.channels.get(cast("Room", channel), self.place(room)).idle

    async def settled(self, *texts: str, room: Channel | None = None, within: float = 30.0) -> Json:
        """Waits until exactly these texts stand there, the last with the buttons of a reply."""

        def check() -> Json | None:
            shown = self.said(room)
            done = [one["content"] for one in shown] == list(texts)
            return shown[-1] if done and "Regenerate" in labels(shown[-1]) else None

        return await self._seen(check, room, within)

    async def reply(self, text: str, *, room: Channel | None = None, within: float = 30.0) -> Json:
        """Waits until the newest message is this finished reply."""

        def check() -> Json | None:
            shown = self.said(room)
            done = bool(shown) and shown[-1]["content"] == text
            return shown[-1] if done and "Regenerate" in labels(shown[-1]) else None

        return await self._seen(check, room, within)

    async def _seen(
        self, check: Callable[[], Json | None], room: Channel | None, within: float
    ) -> Json:
        try:
            found: Json = await self.until(check, within)
        except TimeoutError:
            seen = [(one["content"][:300], labels(one)) for one in self.said(room)]
            raise AssertionError(f"on the screen: {seen}") from None
        return found

    # What people do

    async def run(
        self, line: str, *, by: Person | None = None, room: Channel | None = None, **options: Any
    ) -> str:
        """A slash command; its answer's text, empty where the answer has none or goes."""
        return text_of(await self.answer(line, by=by, room=room, **options))

    async def answer(
        self, line: str, *, by: Person | None = None, room: Channel | None = None, **options: Any
    ) -> Json:
        """A slash command; the message it is answered with, which nobody else sees."""
        person = by or self.ann
        return await told(person.command(room or self.room, line, **options))

    async def form(
        self,
        line: str,
        values: Json,
        *,
        by: Person | None = None,
        room: Channel | None = None,
        **options: Any,
    ) -> str:
        """A slash command that opens a form, filled in and sent; the answer's text."""
        person = by or self.ann
        opened = person.command(room or self.room, line, **options)
        await opened.modal()
        return text_of(await told(person.submit(opened, values)))

    async def done(self, opened: Invocation, within: float = 30.0) -> None:
        """Waits until a command's note is gone: what it did shows in the channel."""
        room = opened.interaction.channel
        await opened.acknowledged(within)
        first = opened.interaction.response_id or ""
        await self.until(lambda: first not in room.ephemeral, within)

    # What is stored

    def place(self, room: Channel | None = None) -> Place:
        channel = self.bot.get_channel(int((room or self.room).id))
        found = place_of(channel, person_id=int(self.ann.id))
        assert found is not None
        return found

    async def history(self, room: Channel | None = None) -> list[Message]:
        """The visible turns of the story in a room, as the database has them."""
        story = await self.engine.services.storage.stories.open(self.place(room))
        return await self.engine.services.storage.messages.history(story)

    async def lines(self, room: Channel | None = None) -> list[tuple[str, str]]:
        """(name, text) of each turn."""
        return [(turn.name, turn.text) for turn in await self.history(room)]

    def file(self, attachment: Json) -> bytes:
        """An attachment's content."""
        found = self.playground.state.files.attachment(attachment["id"])
        assert found is not None
        return found.content

    async def heard(self, text: str, room: Channel | None = None) -> None:
        """Waits until a person's words are stored."""
        async with asyncio.timeout(10):
            while all(text not in said for _, said in await self.lines(room)):  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    def requests(self, method: str, part: str) -> list[Json]:
        """Requests the bot made of Discord."""
        return self.playground.log.find(method, part)


async def told(invocation: Invocation) -> Json:
    """The private answer to a command or form."""
    message = await invocation.response()
    assert message["flags"] & 64, "everyone sees this answer"
    return message


def text_of(message: Json) -> str:
    """What a message says: its content, or the texts of a page."""
    texts = [part["content"] for part, _ in walk(message["components"]) if part["type"] == TEXT]
    return "\n".join([message["content"], *texts]).strip("\n")


def labels(message: Json) -> list[str]:
    """The buttons."""
    return [part["label"] for part, _ in walk(message["components"]) if part["type"] == BUTTON]


@contextlib.asynccontextmanager
async def opened(
    monkeypatch: pytest.MonkeyPatch, folder: Path, **changes: Any
) -> AsyncIterator[Tavern]:
    """A tavern whose bot runs until the block ends; `changes` of the configuration."""
    async with Playground.open(world=two_servers) as playground:
        point(monkeypatch, playground)
        tavern = Tavern(playground, settings_for(playground, folder, **changes))
        try:
            await tavern.start()
            yield tavern
        finally:
            await tavern.stop()


def settings_for(playground: Playground, folder: Path, **changes: Any) -> Settings:
    """As the playground command configures it, in a folder of the test's own."""
    given = {
        "discord": DiscordSettings(
            token=Secret(playground.token),
            api_url=playground.api_url,
            gateway_url=playground.gateway_url,
            cdn_url=playground.cdn_url,
        ),
        "data_dir": folder,
        "enableDownloadableTokenizers": False,
        "network": NetworkSettings(private_backends="everyone"),
        **changes,
    }
    return Settings(**given).with_rehearsal()
