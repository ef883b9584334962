"""Multigen: a long reply in short batches."""

import pytest

from bot.playground.world.events import Event
from tests.conformance.standin import Act, StandIn
from tests.e2e.tavern.tavern import Tavern
from tests.mission.conftest import GREETING, Connect

LONG = 200


async def chained(chat: Tavern, connect: Connect, length: int) -> StandIn:
    """A KoboldCpp whose replies of this length come in batches; it never says that it is done."""
    perf = {"stop_reason": 0, "last_token_count": 30}
    server = await connect("koboldcpp", {"/api/extra/perf": perf}, kind="text")
    await chat.run("connect context", reply=length)
    await chat.run("connect multigen", on=True)
    return server


def batches(server: StandIn, *texts: str) -> None:
    server.acts = [Act(pieces=[text], finish="length") for text in texts]


async def said(chat: Tavern, text: str, asked: str = "Hello!") -> None:
    """Ann is answered with exactly this."""
    chat.ann.send(chat.room, asked)
    await chat.settled(GREETING, text)


def lengths(server: StandIn) -> list[int]:
    return [body["max_length"] for body in server.bodies]


async def test_m1_a_long_reply_comes_in_several_requests(chat: Tavern, connect: Connect) -> None:
    server = await chained(chat, connect, LONG)
    seen: list[str] = []

    def note(event: Event) -> None:
        if event.message is not None and event.message.content.startswith("One"):
            seen.append(event.message.content)

    chat.playground.simulation.bus.listen(note)
    batches(server, "One", " two", " three", " four", " five", " six")
    await said(chat, "One two three four five six")
    assert len(server.bodies) == 6
    assert len(set(seen)) >= 2


async def test_m2_it_takes_the_place_of_streaming(chat: Tavern, connect: Connect) -> None:
    server = await chained(chat, connect, LONG)
    batches(server, "One", " two", " three", " four", " five", " six")
    await said(chat, "One two three four five six")
    assert {heard.path for heard in server.replies} == {"/api/v1/generate"}
    await chat.run("connect multigen", on=False)
    batches(server, "Streamed.")
    chat.ann.send(chat.room, "And now?")
    await chat.reply("Streamed.")
    assert server.replies[-1].path == "/api/extra/generate/stream"


async def test_m3_the_first_batch_has_50_tokens(chat: Tavern, connect: Connect) -> None:
    server = await chained(chat, connect, LONG)
    batches(server, "One", "")
    await said(chat, "One")
    assert lengths(server)[0] == 50


async def test_m4_the_next_batches_have_30(chat: Tavern, connect: Connect) -> None:
    server = await chained(chat, connect, LONG)
    batches(server, "One", " two", " three", " four", " five", " six")
    await said(chat, "One two three four five six")
    assert lengths(server) == [50, 30, 30, 30, 30, 30]


async def test_m5_a_short_reply_is_one_request(chat: Tavern, connect: Connect) -> None:
    server = await chained(chat, connect, 40)
    batches(server, "Short and sweet.")
    await said(chat, "Short and sweet.")
    assert lengths(server) == [40]


async def test_m6_each_prompt_goes_on_from_the_last_answer(chat: Tavern, connect: Connect) -> None:
    server = await chained(chat, connect, 110)
    batches(server, "One", " two", " three")
    await said(chat, "One two three")
    first, second, third = (body["prompt"] for body in server.bodies)
    assert second == first + "One"
    assert third == first + "One two"


async def test_m7_it_stops_when_enough_is_there(chat: Tavern, connect: Connect) -> None:
    server = await chained(chat, connect, 110)
    batches(server, "One", " two", " three", " never")
    await said(chat, "One two three")
    assert lengths(server) == [50, 30, 30]


async def test_m8_it_stops_when_somebody_else_would_speak(chat: Tavern, connect: Connect) -> None:
    server = await chained(chat, connect, LONG)
    batches(server, "Aye.", "")
    chat.ben.send(chat.room, "I am here too.")
    await chat.settled(GREETING, "Aye.")
    for name in ("Ann", "Ben"):
        before = len(server.bodies)
        batches(server, "One", f" for {name}\n{name}: Hm", " never")
        chat.ann.send(chat.room, f"Say something to {name}.")
        await chat.reply(f"One for {name}")
        assert len(server.bodies) - before == 2


@pytest.mark.parametrize("mark", ["</s>", "<eos>", "<turn|>", "<|im_end|>", "<|eot_id|>"])
async def test_m9_it_stops_at_an_end_mark(chat: Tavern, connect: Connect, mark: str) -> None:
    server = await chained(chat, connect, 200)
    half = len(mark) // 2
    batches(server, "One", f" two{mark} rest", " never")
    await said(chat, "One two")
    assert len(server.bodies) == 2
    batches(server, "Three", f" four{mark[:half]}", f"{mark[half:]} rest", " never")
    chat.ann.send(chat.room, "Again!")
    await chat.reply("Three four")
    assert len(server.bodies) == 5


async def test_m10_it_stops_on_an_empty_batch(chat: Tavern, connect: Connect) -> None:
    server = await chained(chat, connect, LONG)
    batches(server, "One", "", " never")
    await said(chat, "One")
    assert len(server.bodies) == 2


async def test_m11_it_stops_on_a_stop_sequence_in_instruct_mode_only(
    chat: Tavern, connect: Connect
) -> None:
    server = await chained(chat, connect, 110)
    await chat.run("format template use", instruct="Alpaca")
    batches(server, "One", " two\n### Instruction: x", " never")
    await said(chat, "One two")
    assert len(server.bodies) == 2
    await chat.run("format template use", instruct="off")
    batches(server, "One", " two\n### Instruction: x", " three")
    chat.ann.send(chat.room, "Again!")
    await chat.reply("One two\n### Instruction: x three")
    assert len(server.bodies) == 5
