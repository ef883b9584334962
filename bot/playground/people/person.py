"""A person in the playground, for tests and scripts: writes, clicks, and reads the answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.playground.people import invoke, people
from bot.playground.people.interactions import Interaction
from bot.playground.rules.components import walk
from bot.playground.rules.errors import Json
from bot.playground.simulation import Simulation
from bot.playground.world import render
from bot.playground.world.models import Channel, Message, MessageFlag, Upload

Files = Sequence[tuple[str, bytes]]


class Invocation:
    """An interaction somebody began, and what comes back."""

    def __init__(self, simulation: Simulation, interaction: Interaction) -> None:
        self._simulation, self.interaction = simulation, interaction

    async def acknowledged(self, within: float = 30.0) -> Interaction:
        """Waits for the first answer. Raises TimeoutError."""
        interaction = self.interaction
        return await self._simulation.bus.until(
            lambda: interaction if interaction.reply is not None else None, within
        )

    async def response(self, within: float = 30.0) -> Json:
        """The answering message once it is there and no longer loading. Raises TimeoutError."""
        return await self._simulation.bus.until(self._response, within)

    def _response(self) -> Json | None:
        channel, message_id = self.interaction.channel, self.interaction.response_id or ""
        message = channel.messages.get(message_id) or channel.ephemeral.get(message_id)
        if message is None or MessageFlag.LOADING in message.flags:
            return None
        return render.message(self._simulation.state, message, self.interaction.user_id)

    async def modal(self, within: float = 30.0) -> Json:
        """The form the bot opened. Raises TimeoutError."""
        return await self._simulation.bus.until(lambda: self.interaction.modal, within)

    async def failed(self, within: float = 30.0) -> bool:
        """Waits until "The application did not respond" shows. Raises TimeoutError."""
        return await self._simulation.bus.until(lambda: self.interaction.failed or None, within)


class Person:
    """One user. Everything raises `Impossible` or `Refused` for what Discord would not allow."""

    def __init__(self, simulation: Simulation, user_id: str) -> None:
        self._simulation, self.id = simulation, user_id

    @property
    def name(self) -> str:
        return self._simulation.state.users[self.id].name

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def speak(self, locale: str) -> None:
        """Changes the language of the person's Discord."""
        self._simulation.state.users[self.id].locale = locale

    def direct(self) -> Channel:
        """The conversation with the bot."""
        return self._simulation.state.direct_channel(self.id)

    def send(
        self,
        channel: Channel,
        content: str = "",
        *,
        reply_to: Json | None = None,
        files: Files = (),
    ) -> Json:
        body: Json = {"content": content}
        if reply_to is not None:
            body["message_reference"] = {"message_id": reply_to["id"]}
        uploads = _uploads(files)
        return self._shown(people.send(self._simulation, self.id, channel, body, uploads))

    def edit(self, message: Json, content: str) -> Json:
        channel = self._place(message)
        return self._shown(people.edit(self._simulation, self.id, channel, message["id"], content))

    def delete(self, message: Json) -> None:
        people.delete(self._simulation, self.id, self._place(message), message["id"])

    def react(self, message: Json, emoji: str) -> None:
        people.react(self._simulation, self.id, self._place(message), message["id"], emoji)

    def type_in(self, channel: Channel) -> None:
        self._simulation.changes.typing(channel, self.id)

    def open_thread(
        self, channel: Channel, name: str, *, message: Json | None = None, content: str = ""
    ) -> Channel:
        message_id = message["id"] if message else None
        return people.open_thread(self._simulation, self.id, channel, name, message_id, content)

    def command(
        self, channel: Channel, line: str, /, *, files: Files = (), **options: Any
    ) -> Invocation:
        """A slash command: `command(channel, "chat start", character="Mira")`."""
        given = dict(options)
        return self._begun(
            invoke.command(self._simulation, self.id, channel, line, given, _uploads(files))
        )

    async def autocomplete(
        self, channel: Channel, line: str, focused: str, /, **options: Any
    ) -> list[Json]:
        return await invoke.autocomplete(self._simulation, self.id, channel, line, options, focused)

    def context(self, name: str, message: Json) -> Invocation:
        channel = self._place(message)
        return self._begun(invoke.context(self._simulation, self.id, channel, name, message["id"]))

    def context_on(self, channel: Channel, name: str, user_id: str) -> Invocation:
        return self._begun(invoke.context(self._simulation, self.id, channel, name, user_id))

    def click(self, message: Json, custom_id: str, *values: str) -> Invocation:
        """Presses a button, or picks values of a select menu."""
        channel = self._place(message)
        return self._begun(
            invoke.click(self._simulation, self.id, channel, message["id"], custom_id, values)
        )

    def press(self, message: Json, label: str) -> Invocation:
        """Presses the button of a label. Raises LookupError."""
        for component, _ in walk(message["components"]):
            if component.get("label") == label:
                return self.click(message, component["custom_id"])
        raise LookupError(f"no button {label!r}")

    def submit(
        self, opened: Invocation, values: Mapping[str, Any], *, files: Files = ()
    ) -> Invocation:
        """Sends the form that an invocation opened."""
        modal_id, uploads = opened.interaction.id, _uploads(files)
        return self._begun(invoke.submit(self._simulation, self.id, modal_id, values, uploads))

    def sees(self, channel: Channel) -> list[Json]:
        """The channel's messages with the person's own ephemeral ones, oldest first."""
        own = [each for each in channel.ephemeral.values() if each.audience == self.id]
        everything = sorted([*channel.messages.values(), *own], key=lambda each: int(each.id))
        return [self._shown(each) for each in everything]

    def _place(self, message: Json) -> Channel:
        return self._simulation.state.channel(message["channel_id"])

    def _shown(self, message: Message) -> Json:
        return render.message(self._simulation.state, message, self.id)

    def _begun(self, interaction: Interaction) -> Invocation:
        return Invocation(self._simulation, interaction)


def _uploads(files: Files) -> list[Upload]:
    return [Upload(f"files[{place}]", *file) for place, file in enumerate(files)]
