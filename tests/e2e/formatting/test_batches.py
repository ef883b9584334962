"""Multigen: a long reply in short batches."""

from typing import Any

import pytest

from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import KOBOLDCPP
from tests.e2e.formatting.conftest import GREETING, Stand, page
from tests.e2e.tavern.tavern import Tavern


async def chained(chat: Tavern, stand: Stand, length: int) -> StandIn:
    """A KoboldCpp, with batches on."""
    perf = {"stop_reason": 0, "last_token_count": 30}
    server = await stand("koboldcpp", {**KOBOLDCPP, "/api/extra/perf": perf})
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    await chat.run("connect context", reply=length)
    told = await chat.run("connect multigen", on=True)
    assert told == "Batches (Multigen): 50 tokens, then 30 at a time, instead of a stream"
    return server


def batches(server: StandIn, *texts: str, finish: str = "length") -> None:
    server.acts.extend(Act(pieces=[text], finish=finish) for text in texts)


def lengths(server: StandIn) -> list[int]:
    return [heard.body["max_length"] for heard in server.replies]


async def said(chat: Tavern, text: str, asked: str = "Hello!") -> None:
    chat.ann.send(chat.room, asked)
    await chat.settled(GREETING, text)


async def test_it_stops_when_the_server_says_so(chat: Tavern, stand: Stand) -> None:
    server = await chained(chat, stand, 200)
    server.answers["/api/extra/perf"] = {"stop_reason": 1, "last_token_count": 5}
    batches(server, "One.", " never")
    await said(chat, "One.")
    assert len(server.replies) == 1


async def test_it_works_around_a_backend_that_cannot_stream(chat: Tavern, stand: Stand) -> None:
    answers: dict[str, Any] = {"/api/v1/info/version": {"result": "1.2.2"}}
    server = await stand("koboldai", answers)
    await chat.run("connect use", backend="koboldai", url=server.url)
    await chat.run("connect context", reply=100)
    await chat.run("connect multigen", on=True, first=40, next=20)
    batches(server, "One", " two", " three", " four", " never")
    await said(chat, "One two three four")
    assert lengths(server) == [40, 20, 20, 20]


async def test_it_is_off_and_without_effect_in_chat_completion(chat: Tavern, stand: Stand) -> None:
    assert (await page(chat))["Batches (Multigen)"].removeprefix("-# ").startswith("off")
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openai", url=server.url, model="gpt-4o")
    told = await chat.run("connect multigen", on=True)
    assert "This has no effect right now" in told
    server.acts.append(Act(pieces=["One."]))
    await said(chat, "One.")
    assert len(server.replies) == 1
    assert server.replies[0].body["stream"] is True


async def test_M9_nothing_in_a_thought_ends_the_batches(chat: Tavern, stand: Stand) -> None:
    server = await chained(chat, stand, 80)
    thought = ("<think>I wait.\nAnn: so?", " </s> <eos> and", " on.</think>Aye", ", come in.<e")
    batches(server, *thought, "os> Never.", " Never.")
    await said(chat, "Aye, come in.")
    assert lengths(server) == [50, 30, 30, 30, 20]
    assert "stop_sequence" not in server.replies[1].body


@pytest.mark.parametrize("mark", ["<eos>", "<turn|>", "</s>", "<|eot_id|>", "<|im_end|>"])
async def test_M9_an_end_mark_over_two_batches_is_never_posted(
    chat: Tavern, stand: Stand, mark: str
) -> None:
    server = await chained(chat, stand, 200)
    batches(server, f"Come in.{mark[:2]}", f"{mark[2:]} And you", " never")
    await said(chat, "Come in.")
    assert len(server.replies) == 2
