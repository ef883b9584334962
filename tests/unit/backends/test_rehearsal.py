"""The offline stand-in for a model."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.rehearsal.prompt_reader import read
from core.backends.rehearsal.rehearsal import ScriptedReply
from core.backends.types import Finish, Request, WireMessage
from core.errors import KeyRejected, StreamBroken
from core.kind import Kind
from core.secret import Secret

STORY = """Mira keeps the Lantern Inn, a crooked house at the edge of the marsh.
Tobin is a travelling cartographer with ink-stained fingers.
Scenario: Rain has flooded the road, and nobody leaves tonight.
The marsh lights follow anyone who hums."""
HISTORY = [
    ("Mira", "*Mira holds the door.* Come in, come in!"),
    ("Tobin", "Hello Mira, is there a room left under the rafters?"),
]
FACTS = ("Lantern Inn", "cartographer", "flooded the road", "marsh lights")


def plain(history: list[tuple[str, str]] = HISTORY, **more: object) -> Request:
    lines = "\n".join(f"{name}: {text}" for name, text in history)
    prompt = f"{STORY}\n***\n{lines}\nMira:"
    request = Request(Kind.TEXT, "rehearsal", prompt=prompt, stop=("\nTobin:",))
    return replace(request, **more)  # type: ignore[arg-type]


def chatml() -> Request:
    turns = "".join(
        f"<|im_start|>{'assistant' if name == 'Mira' else 'user'}\n{name}: {text}<|im_end|>\n"
        for name, text in HISTORY
    )
    prompt = f"<|im_start|>system\n{STORY}<|im_end|>\n{turns}<|im_start|>assistant\nMira:"
    return Request(Kind.TEXT, "rehearsal", prompt=prompt, stop=("<|im_end|>", "\nTobin:"))


def alpaca() -> Request:
    turns = "".join(
        f"### {'Response' if name == 'Mira' else 'Instruction'}:\n{name}: {text}\n\n"
        for name, text in HISTORY
    )
    return Request(Kind.TEXT, "rehearsal", prompt=f"{STORY}\n\n{turns}### Response:\nMira:",
                   stop=("\n### Instruction:", "\nTobin:"))  # fmt: skip


def chat() -> Request:
    system = "Write Mira's next reply in a fictional chat between Mira and Tobin.\n" + STORY
    messages = [WireMessage("assistant" if name == "Mira" else "user", text)
                for name, text in HISTORY]  # fmt: skip
    return Request(Kind.CHAT, "rehearsal", messages=(WireMessage("system", system), *messages))


def catalog() -> Catalog:
    found = Catalog.load()
    found.script.speed = 1e9
    return found


async def reply(request: Request, source: Catalog | None = None) -> tuple[str, Finish | None]:
    text, finish = "", None
    source = source or catalog()
    async with Http() as http:
        backend = source.create(source.get("rehearsal"), request.kind, http, "", Secret())
        async with aclosing(backend.stream(request)) as deltas:
            async for delta in deltas:
                text += delta.text
                finish = delta.finish or finish
    return text, finish


@pytest.mark.parametrize("request_", [plain(), chatml(), alpaca(), chat()])
def test_it_understands_who_speaks_to_whom(request_: Request) -> None:
    scene = read(request_)
    assert (scene.character, scene.user) == ("Mira", "Tobin")
    assert scene.last.startswith("Hello Mira")
    told = " ".join(scene.bits)
    assert all(fact in told for fact in FACTS)
    assert "Write" not in told


@pytest.mark.parametrize("request_", [plain(), chatml(), alpaca(), chat()])
async def test_it_answers_in_character_from_the_prompt(request_: Request) -> None:
    texts = [(await reply(replace(request_, samplers={"seed": seed})))[0] for seed in range(12)]
    assert all("Mira" in text for text in texts)
    assert sum("Tobin" in text for text in texts) >= 6
    assert any(fact in text for text in texts for fact in FACTS)
    assert any("rafters" in text for text in texts)
    for text in texts:
        assert "{" not in text
        assert text.count("*") % 2 == 0
        assert text.count("“") == text.count("”")
        assert "\n" not in text


async def test_equal_seeds_give_equal_text_and_others_do_not() -> None:
    texts = [(await reply(plain(samplers={"seed": seed})))[0] for seed in (1, 1, 2, 3, 4)]
    assert texts[0] == texts[1]
    assert len(set(texts)) >= 4


async def test_only_the_first_reply_says_that_it_is_a_rehearsal() -> None:
    first, _ = await reply(plain())
    assert "rehearsal" in first
    assert "offline" in first
    assert "without any AI model" in first
    history = [*HISTORY, ("Mira", first), ("Tobin", "What lies behind the marsh?")]
    for seed in range(5):
        later, _ = await reply(plain(history, samplers={"seed": seed}))
        assert "offline" not in later


async def test_it_does_not_repeat_itself_over_several_turns() -> None:
    history, said = list(HISTORY), []
    topics = ("tower", "ferry", "bridge", "tower", "ferry", "bridge")
    for turn, topic in enumerate(topics):
        text, _ = await reply(plain(history, samplers={"seed": turn}))
        said.append(text)
        history += [("Mira", text), ("Tobin", f"Tell me about the {topic}.")]
    assert len(set(said)) == 6


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("こんにちは、灯りはどこですか？", "リハーサル"),
        ("Olá, você pode me ajudar com o mapa?", "ensaio"),
        ("你好，今晚有房间吗？", "排练"),
        ("Hello, where is the map?", "rehearsal"),
    ],
)
async def test_it_answers_in_the_language_it_is_spoken_to(line: str, expected: str) -> None:
    text, _ = await reply(plain([*HISTORY[:1], ("Tobin", line)]))
    assert expected in text


async def test_length_and_stops_are_obeyed() -> None:
    text, finish = await reply(plain(max_tokens=4))
    assert finish is Finish.LENGTH
    source = catalog()
    source.script.say("One line.\nTobin: not this")
    assert await reply(plain(), source) == ("One line.", Finish.STOP)
    assert len(text) < 40


async def test_an_unfinished_reply_is_continued() -> None:
    request = plain()
    text, _ = await reply(replace(request, prompt=request.prompt + " She lifts the lamp"))
    assert text.startswith(" ")
    assert "rehearsal" not in text


async def test_a_script_says_what_it_is_told() -> None:
    source = catalog()
    source.script.say("First.", "Second.")
    source.script.fail(KeyRejected(None, "no"))
    source.script.fail(StreamBroken(None, "cut"), "Half of")
    assert (await reply(plain(), source))[0] == "First."
    assert (await reply(plain(), source))[0] == "Second."
    with pytest.raises(KeyRejected):
        await reply(plain(), source)
    with pytest.raises(StreamBroken):
        await reply(plain(), source)
    assert len(source.script.requests) == 4


async def test_a_held_reply_can_be_broken_off() -> None:
    source = catalog()
    source.script.replies.append(ScriptedReply("Never heard.", hold=asyncio.Event()))
    task = asyncio.create_task(reply(plain(), source))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
