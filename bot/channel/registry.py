"""The channels in use, by place."""

from collections.abc import Iterator
from typing import Any, cast

import discord

from bot.channel.channel import Channel, Repair
from bot.incoming.identity import place_of
from bot.outgoing.senders import Room
from bot.runtime import Runtime
from core.chat.place import Place
from core.errors import NotAllowed
from core.reasons import Reason

_MOST_CHANNELS = 2000


class ChannelRegistry:
    """`repair` puts a channel right before anything new happens in it."""

    def __init__(self, runtime: Runtime, repair: Repair) -> None:
        self._runtime = runtime
        self._repair = repair
        self._channels: dict[int, Channel] = {}

    def __iter__(self) -> Iterator[Channel]:
        return iter(list(self._channels.values()))

    def get(self, room: Room, place: Place) -> Channel:
        """The channel of a place. The place is renewed: a channel's age mark may have changed."""
        channel = self._channels.get(place.id)
        if channel is None:
            if len(self._channels) >= _MOST_CHANNELS:
                self._channels = {key: one for key, one in self._channels.items() if not one.idle}
            channel = Channel(self._runtime, room, place, self._repair)
            self._channels[place.id] = channel
        channel.place = place
        return channel

    def of_interaction(self, interaction: "discord.Interaction[Any]") -> Channel:
        """The channel an interaction came from. Raises NotAllowed where nobody talks."""
        place = place_of(interaction.channel, person_id=interaction.user.id)
        if place is None:
            raise NotAllowed(Reason.NO_TALK_IN_CHANNEL)
        return self.get(cast("Room", interaction.channel), place)
