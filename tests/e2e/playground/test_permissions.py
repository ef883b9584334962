"""What the bot may do where: roles, overwrites, time-outs, threads."""

from typing import Any

import discord
import pytest

from bot.playground import Playground
from bot.playground.rules.permissions import ALL, Permission
from bot.playground.world.models import Channel
from tests.e2e.playground.helpers import Client, eventually
from tests.e2e.playground.test_messages import place

# discord.py leaves voice rights out of a text channel's.
TEXTUAL = int(ALL) & ~discord.Permissions.voice().value


def forbid(playground: Playground, channel: Channel, *denied: Permission) -> None:
    bits = sum(int(each) for each in denied)
    playground.simulation.changes.overwrite(channel, playground.state.bot.id, 1, 0, bits)


async def _code(attempt: Any) -> int:
    with pytest.raises(discord.HTTPException) as caught:
        await attempt
    return caught.value.code


async def test_each_right_is_needed(client: Client, playground: Playground) -> None:
    tavern, channel = playground.channel("tavern"), place(client, "tavern")
    spoken = await channel.send("own")
    forbid(playground, tavern, Permission.SEND_MESSAGES)
    assert await _code(channel.send("x")) == 50013
    await spoken.edit(content="still editable")
    forbid(playground, tavern, Permission.MANAGE_WEBHOOKS)
    assert await _code(channel.create_webhook(name="x")) == 50013
    assert await _code(channel.webhooks()) == 50013
    forbid(playground, tavern, Permission.ATTACH_FILES)
    file = discord.File(__file__, "x.py")
    assert await _code(channel.send(file=file)) == 50013
    forbid(playground, tavern, Permission.EMBED_LINKS)
    assert await _code(channel.send(embed=discord.Embed(title="x"))) == 50013
    forbid(playground, tavern, Permission.ADD_REACTIONS)
    assert await _code(spoken.add_reaction("🍺")) == 50013
    forbid(playground, tavern, Permission.READ_MESSAGE_HISTORY)
    assert [message async for message in channel.history()] == []
    assert await _code(spoken.fetch()) == 50013
    assert await _code(spoken.reply("x")) == 160002
    forbid(playground, tavern, Permission.VIEW_CHANNEL)
    assert await _code(channel.send("x")) == 50001
    assert await _code(client.fetch_channel(channel.id)) == 50001
    assert await _code(channel.typing().__aenter__()) == 50001


async def test_the_client_computes_the_same_rights(client: Client, playground: Playground) -> None:
    tavern = playground.channel("tavern")
    guild_id = str(tavern.guild_id)
    changes, bot = playground.simulation.changes, playground.state.bot.id
    role_id = next(each for each in playground.state.guilds[guild_id].roles if each != guild_id)
    for target, kind, allow, deny in (
        (guild_id, 0, 0, int(Permission.SEND_MESSAGES | Permission.ATTACH_FILES)),
        (role_id, 0, int(Permission.SEND_MESSAGES), int(Permission.ADD_REACTIONS)),
        (bot, 1, int(Permission.PIN_MESSAGES), int(Permission.EMBED_LINKS)),
    ):
        changes.overwrite(tavern, target, kind, allow, deny)
        await eventually(lambda: _agree(client, playground, "tavern"))
    ben = playground.person("Ben")
    channel = place(client, "tavern")
    member = channel.guild.get_member(int(ben.id))
    theirs = channel.permissions_for(member).value
    assert theirs & TEXTUAL == int(playground.state.permissions(ben.id, tavern)) & TEXTUAL
    assert _agree(client, playground, "campfire")


def _agree(client: Client, playground: Playground, name: str) -> bool:
    channel = place(client, name)
    ours = playground.state.permissions(playground.state.bot.id, playground.channel(name))
    return bool(channel.permissions_for(channel.guild.me).value & TEXTUAL == int(ours) & TEXTUAL)


async def test_a_bot_in_time_out_is_mute(client: Client, playground: Playground) -> None:
    tavern, channel = playground.channel("tavern"), place(client, "tavern")
    guild = playground.state.guilds[str(tavern.guild_id)]
    own = guild.members[playground.state.bot.id]
    own.timed_out_until = playground.simulation.clock.now() + 60
    playground.simulation.changes.member_updated(guild, own.user_id)
    await eventually(lambda: channel.guild.me.is_timed_out())
    assert await _code(channel.send("x")) == 50013
    playground.advance(61)
    assert (await channel.send("free")).content == "free"


async def test_threads_have_rules_of_their_own(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    thread = ann.open_thread(tavern, "Upstairs")
    ann.send(thread, "hello")
    await eventually(lambda: "hello" in client.said())
    heard = client.heard[-1].channel
    forbid(playground, tavern, Permission.SEND_MESSAGES_IN_THREADS)
    assert await _code(heard.send("x")) == 50013
    await place(client, "tavern").send("but here")
    forbid(playground, tavern)
    assert thread.thread is not None
    playground.simulation.changes.archive(thread, True, locked=True)
    assert await _code(heard.send("x")) == 160005
    playground.simulation.changes.archive(thread, False, locked=False)
    await heard.send("open again")
    forbid(playground, tavern, Permission.CREATE_PUBLIC_THREADS)
    kind = discord.ChannelType.public_thread
    assert await _code(place(client, "tavern").create_thread(name="x", type=kind)) == 50013


async def test_people_have_rights_too(playground: Playground) -> None:
    ann, ben, tavern = (
        playground.person("Ann"),
        playground.person("Ben"),
        playground.channel("tavern"),
    )
    spoken = ann.send(tavern, "mine")
    with pytest.raises(Exception, match="only your own"):
        ben.edit(spoken, "yours")
    with pytest.raises(Exception, match="may not delete"):
        ben.delete(spoken)
    from_ben = ben.send(tavern, "mine")
    ann.delete(from_ben)
    playground.simulation.changes.overwrite(tavern, ben.id, 1, 0, int(Permission.SEND_MESSAGES))
    with pytest.raises(Exception, match="may not write"):
        ben.send(tavern, "x")
    playground.simulation.changes.overwrite(tavern, ben.id, 1, 0, int(Permission.VIEW_CHANNEL))
    assert not playground.state.sees(ben.id, tavern)
    assert playground.state.sees(ann.id, tavern)
