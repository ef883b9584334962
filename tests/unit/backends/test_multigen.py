"""A reply in short batches around any backend."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from core.backends.backend import Backend
from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.types import Delta, Finish, Request, Usage, WireMessage
from core.backends.wrap.multigen import Batches, Multigen
from core.errors import BackendError, Overloaded
from core.kind import Kind
from core.reply.output_filter import OutputFilter, OutputRules
from core.secret import Secret
from tests.unit.backends.test_wrap import collect, text_of

REQUEST = Request(Kind.TEXT, "m", prompt="Mira:", max_tokens=110, stop=("\nAnn:", "###"))


class Batching(Backend):
    """Each step is one batch, by default cut by its length, or a fault."""

    def __init__(self, *steps: str | BackendError, finish: Finish = Finish.LENGTH) -> None:
        super().__init__(Catalog.load().get("rehearsal"), Http(), "", Secret())
        self.steps = list(steps)
        self.finish = finish
        self.requests: list[Request] = []

    async def sent(self, request: Request) -> dict[str, Any]:
        return {"prompt": request.prompt, "max_tokens": request.max_tokens}

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        self.requests.append(request)
        step = self.steps.pop(0)
        if isinstance(step, BackendError):
            raise step
        yield Delta(text=step)
        yield Delta(finish=self.finish, usage=Usage(100 * len(self.requests), 30))


async def chained(*texts: str, request: Request = REQUEST) -> tuple[Batching, list[Delta]]:
    inner = Batching(*texts)
    return inner, await collect(Multigen(inner), request)


async def test_fifty_then_thirty_until_enough_is_there() -> None:
    inner, deltas = await chained("One", " two", " three", " four")
    assert [request.max_tokens for request in inner.requests] == [50, 30, 30]
    assert [request.prompt for request in inner.requests] == [
        "Mira:",
        "Mira:One",
        "Mira:One two",
    ]
    assert not any(request.stream for request in inner.requests)
    assert text_of(deltas) == "One two three"
    assert deltas[-1].finish is Finish.LENGTH


@pytest.mark.parametrize("wanted", [1, 40, 50])
async def test_no_more_than_one_where_one_is_enough(wanted: int) -> None:
    inner, _ = await chained("One", " two", request=replace(REQUEST, max_tokens=wanted))
    assert [request.max_tokens for request in inner.requests] == [wanted]


@pytest.mark.parametrize(
    "second", ["\nAnn: Hm", " two ### three", " two</s> rest", "", " \n", " x<|im_end|>"]
)
async def test_what_ends_it(second: str) -> None:
    inner, deltas = await chained("One", second, " never")
    assert len(inner.requests) == 2
    assert deltas[-1].finish is Finish.STOP
    assert "</s>" not in text_of(deltas)
    assert "<|im_end|>" not in text_of(deltas)


THOUGHT = ("<think>I\nAnn: wait", " </s> ### and", " so on.</think>Hel", "lo there.")


@pytest.mark.parametrize("finish", [Finish.LENGTH, Finish.STOP])
async def test_nothing_in_a_thought_ends_it_and_none_of_it_counts(finish: Finish) -> None:
    inner = Batching(*THOUGHT, " More.", " And.", " Never.", finish=finish)
    inner.spec = Catalog.load().get("koboldai" if finish is Finish.STOP else "koboldcpp")
    deltas = await collect(Multigen(inner), replace(REQUEST, max_tokens=80))
    assert [request.max_tokens for request in inner.requests] == [50, 30, 30, 30, 20]
    assert [bool(request.stop) for request in inner.requests] == [True, False, False, True, True]
    output = OutputFilter(OutputRules(stop=REQUEST.stop))
    output.feed(text_of(deltas))
    output.finish()
    assert output.text == "Hello there. More."


async def test_a_batch_that_ends_after_a_thought_is_not_the_end() -> None:
    inner = Batching("<think>plan</think>", "Hello.", " never", finish=Finish.STOP)
    inner.spec = Catalog.load().get("koboldcpp")
    deltas = await collect(Multigen(inner), REQUEST)
    assert text_of(deltas) == "<think>plan</think>Hello."


async def test_a_thought_without_end_ends_the_chain() -> None:
    inner = Batching(*["<think>", *[" and so on"] * 400])
    deltas = await collect(Multigen(inner), replace(REQUEST, effort="none"))
    assert len(inner.requests) < 40
    assert deltas[-1].finish is Finish.LENGTH


@pytest.mark.parametrize(
    "mark",
    ["<eos>", "<turn|>", "</s>", "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>",
     "<|END_OF_TURN_TOKEN|>", "<｜end▁of▁sentence｜>", "<|endoftext|>", "<|return|>", "[/INST]"],
)  # fmt: skip
async def test_every_end_mark_ends_it_split_over_two_batches_too(mark: str) -> None:
    for place in range(len(mark) + 1):
        inner, deltas = await chained(f"One{mark[:place]}", f"{mark[place:]} two", " three")
        assert text_of(deltas) == "One"
        assert deltas[-1].finish is Finish.STOP
        assert len(inner.requests) == (1 if place == len(mark) else 2)


async def test_what_only_begins_like_a_mark_is_given_late_but_given() -> None:
    _, deltas = await chained("One <|im", " two", " <e")
    assert text_of(deltas) == "One <|im two <e"


async def test_a_stop_string_over_two_batches_ends_it() -> None:
    inner, _ = await chained("One\nAn", "n: Hm", " never")
    assert len(inner.requests) == 2


async def test_another_name_at_the_very_beginning_ends_it() -> None:
    inner, _ = await chained("Ann: I say", " never")
    assert len(inner.requests) == 1


async def test_the_servers_word_that_it_is_over_counts() -> None:
    inner = Batching("One.", " never", finish=Finish.FILTER)
    deltas = await collect(Multigen(inner), REQUEST)
    assert (len(inner.requests), deltas[-1].finish) == (1, Finish.FILTER)


async def test_where_a_server_cannot_tell_it_is_asked_on() -> None:
    inner = Batching("One", " two", " three", finish=Finish.STOP)
    inner.spec = Catalog.load().get("koboldai")
    multigen = Multigen(inner, Batches(60, 25))
    assert text_of(await collect(multigen, REQUEST)) == "One two three"
    assert [request.max_tokens for request in inner.requests] == [60, 25, 25]


async def test_a_fault_on_the_way_is_raised_after_what_has_come() -> None:
    inner = Batching("One", Overloaded(None, "full"))
    deltas = Multigen(inner).stream(REQUEST)
    assert (await anext(deltas)).text == "One"
    with pytest.raises(Overloaded):
        await anext(deltas)


async def test_usage_is_added_up() -> None:
    _, deltas = await chained("One", " two", " three")
    assert deltas[-1].usage == Usage(100, 90)


async def test_chat_requests_are_passed_on() -> None:
    inner = Batching("Hello.", finish=Finish.STOP)
    request = Request(Kind.CHAT, "m", messages=(WireMessage("user", "Hi"),))
    assert text_of(await collect(Multigen(inner), request)) == "Hello."
    assert inner.requests == [request]
