"""Many things going wrong at once, the same way each time."""

import asyncio

import aiohttp
import discord
import pytest

from bot.playground import Playground
from tests.e2e.playground.helpers import Client, eventually
from tests.e2e.playground.test_messages import place


@pytest.mark.usefixtures("hurry")
async def test_a_seeded_storm_loses_nothing_that_was_said_to_be_done(
    client: Client, playground: Playground
) -> None:
    """Whatever the client was told to have arrived is there, once."""
    playground.simulation.faults.mix(3, 0.1)
    channel, done = place(client, "tavern"), []
    for number in range(40):
        try:
            await channel.send(f"line {number}", nonce=str(number))
            done.append(f"line {number}")
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            continue
    playground.clear_faults()
    said = [each["content"] for each in playground.messages(playground.channel("tavern"))]
    assert [each for each in said if each in done] == done
    assert len(set(said)) == len(said)
    assert sum(rule["status"] != 200 for rule in playground.log.find("POST")) > 0


async def test_a_crowd_is_heard(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    for number in range(1000):
        ann.send(tavern, str(number))
    await eventually(lambda: len(client.heard) == 1000)
    assert client.said() == [str(number) for number in range(1000)]
    channel = place(client, "campfire")
    await asyncio.gather(*(channel.send(str(number)) for number in range(100)))
    assert len(playground.messages(playground.channel("campfire"))) == 100
