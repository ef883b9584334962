"""What every command starts with: who asks, where, and the engine to ask."""

from dataclasses import dataclass
from typing import Any

import discord

from bot.channel.channel import Channel, ChannelRegistry
from core.chat.place import Actor, Place
from core.engine import Engine
from core.errors import NotConfigured
from core.options.table import Option
from core.services import Services
from core.storage.connections import Connection

Interaction = discord.Interaction[Any]
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class CommandContext:
    """One command's surroundings."""

    interaction: Interaction
    channel: Channel
    actor: Actor

    @property
    def place(self) -> Place:
        return self.channel.place

    @property
    def engine(self) -> Engine:
        return self.channel.runtime.engine

    @property
    def services(self) -> Services:
        return self.engine.services

    async def set(self, option: Option[Any], value: object) -> None:
        """Stores an option of this channel; None takes it back. Raises NotAllowed."""
        options = self.services.options
        if value is None:
            await options.reset(self.actor, self.place, option)
        else:
            await options.set(self.actor, self.place, option, value)

    async def set_given(self, *wishes: tuple[Option[Any], object]) -> None:
        """Stores those that are not None; all are checked first, so a refusal changes nothing."""
        given = [(option, option.check(value)) for option, value in wishes if value is not None]
        for option, value in given:
            await self.set(option, value)

    async def connection(self, name: str | None = None) -> Connection:
        """The one of this name, or what answers here. Raises NotFound or NotConfigured."""
        if name:
            return await self.services.connections.find(self.place, name)
        found = await self.engine.models.connection(self.place)
        if found is None:
            raise NotConfigured(what="model", command="connect use")
        return found

    async def say(self, text: str = "", **extras: Any) -> None:
        """Answers the deferred command, for the person alone."""
        if len(text) > LONGEST_TEXT:
            text = text[: LONGEST_TEXT - 1] + "…"
        await self.interaction.followup.send(
            text,
            ephemeral=True,
            **{name: extra for name, extra in extras.items() if extra is not None},
        )

    async def done(self) -> None:
        """The note goes; what happened shows in the channel."""
        await self.interaction.delete_original_response()


async def defer(interaction: Interaction) -> None:
    """Answers Discord at once, which waits 3 s only; what is said follows."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=True)


async def command_context(interaction: Interaction) -> CommandContext:
    """Answers Discord at once (it waits 3 s) and gives the surroundings.

    Raises NotAllowed in places where nobody talks.
    """
    await defer(interaction)
    return context_of(interaction)


def context_of(interaction: Interaction) -> CommandContext:
    """The surroundings, without answering: for autocomplete and modals."""
    channels: ChannelRegistry = interaction.client.channels
    channel = channels.of_interaction(interaction)
    actor = channel.runtime.actor(interaction.user, channel.place)
    return CommandContext(interaction, channel, actor)
