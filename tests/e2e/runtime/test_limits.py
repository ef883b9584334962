"""Under Discord's rate limits nothing is refused and everything arrives."""

import asyncio

from tests.e2e.runtime.conftest import ScriptedChat, labels


class Ticks(asyncio.Event):
    """Time that a model takes for one piece of text."""

    async def wait(self) -> bool:  # type: ignore[override]
        await asyncio.sleep(0.03)
        return True


async def test_many_channels_at_once(strict: ScriptedChat) -> None:
    playground = strict.playground
    guild = next(iter(playground.state.guilds.values()))
    rooms = [playground.state.add_channel(guild, f"room-{n}") for n in range(8)]
    for room in rooms:
        playground.simulation.changes.channel_created(room)
    await strict.until(lambda: all(strict.bot.get_channel(int(room.id)) for room in rooms))
    words = [f"word{n} " for n in range(60)]
    for room in rooms:
        steps = [step for word in words for step in (word, Ticks())]
        strict.engine.will_say(*steps)
        strict.ann.send(room, "Go!")
    text = "".join(words).strip()
    for room in rooms:
        await strict.settled(text, room=room, within=30)
    assert strict.bot.scheduler.refusals == 0


async def test_replies_in_quick_succession(strict: ScriptedChat) -> None:
    expected: list[str] = []
    for n in range(6):
        strict.engine.will_say(f"Answer {n}.")
        strict.ann.send(strict.room, f"Question {n}?")
        expected.append(f"Answer {n}.")
        await strict.settled(*expected, within=30)
    assert strict.bot.scheduler.refusals == 0


async def test_in_a_direct_message_too(strict: ScriptedChat) -> None:
    room = strict.ann.direct()
    words = [f"word{n} " for n in range(100)]
    strict.engine.will_say(*[step for word in words for step in (word, Ticks())])
    strict.ann.send(room, "Go!")
    await strict.settled("**Mira**\n" + "".join(words).strip(), room=room, within=30)
    assert strict.bot.scheduler.refusals == 0
    assert all(labels(message) == [] for message in strict.said(room)[:-1])
