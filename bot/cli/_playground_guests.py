"""What a first visit to the playground finds: characters in their channels, and what to try."""

from collections.abc import Iterable
from typing import cast

import discord

from bot.client import TavernBot
from bot.i18n import _
from bot.incoming.message_reader import place_of
from bot.webhooks import Room
from core.chat.place import Actor, Place, Scope
from core.engine import Engine
from core.options.table import CHAT_BURST_SECONDS

SEATS = (("tavern", 0), ("campfire", 1))
"""Which of the stock characters waits in which channel."""


async def forget_stories(engine: Engine) -> None:
    """The local Discord begins empty each time, and so do the stories told in it."""
    for place, _seen in await engine.watched():
        await engine.begin_anew(place)


async def answer_at_once(engine: Engine) -> None:
    """There is nobody else whose next message would be worth waiting for."""
    options, everywhere = engine.services.options, Place(0)
    if (await options.resolve(everywhere)).why(CHAT_BURST_SECONDS) is None:
        host = Actor(0, "", owner=True)
        await options.set(host, everywhere, CHAT_BURST_SECONDS, 0.0, Scope.EVERYWHERE)


async def seat(bot: TavernBot, character_ids: Iterable[int]) -> None:
    """Lets the stock characters wait where nobody else does yet, and greet."""
    await bot.wait_until_ready()
    ids = list(character_ids)
    for name, number in SEATS:
        channel = discord.utils.get(bot.get_all_channels(), name=name)
        place = place_of(channel)
        if place is not None and number < len(ids):
            await _greet(bot, cast("Room", channel), place, ids[number])


async def _greet(bot: TavernBot, room: Room, place: Place, character_id: int) -> None:
    story = (await bot.engine.scene(place)).story
    cast_before = [member.character_id for member in story.members]
    guest = getattr(getattr(room, "guild", None), "owner", None)
    name = guest.display_name if guest is not None else _("Traveller")
    host = Actor(bot.user.id if bot.user else 0, name, manager=True, owner=True)
    greeting = await bot.engine.start(place, host, cast_before or [character_id], "every")
    if greeting is not None:
        await bot.channels.get(room, place).show_message(greeting)
