"""Where more is to be said than the context holds: the newest words arrive, or nothing goes out."""

import json
import re
from typing import Any

import pytest

from core.chat.place import Actor
from core.tokenizers.catalog import find
from core.tokenizers.tokenizer import load
from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import KOBOLDCPP
from tests.e2e.formatting.conftest import Stand, fields
from tests.e2e.tavern.cards import document
from tests.e2e.tavern.tavern import Json, Tavern, labels
from tests.shared import shared_path

MISFIT = re.compile(
    r"⚠ Your message does not fit: card ≈[\d,]+, settings ≈[\d,]+, reply \d+ of [\d,]+ tokens\."
)
LEFT_OUT = "-# ✂ No room in the context for: "


def preset(letters: int) -> bytes:
    """A prompt list whose main prompt alone has so many letters."""
    order = [{"identifier": one} for one in ("main", "charDescription", "chatHistory")]
    prompts: list[Json] = [
        {"identifier": "main", "role": "system", "content": "rule " * (letters // 5)},
        {"identifier": "charDescription", "marker": True},
        {"identifier": "chatHistory", "marker": True},
    ]
    listed = [{"character_id": 100001, "order": order}]
    return json.dumps({"prompts": prompts, "prompt_order": listed}).encode()


async def connected(chat: Tavern, stand: Stand, kind: str = "chat") -> StandIn:
    server = await stand(f"openai-{kind}")
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="m", kind=kind)
    return server


async def play(chat: Tavern, **fields: Any) -> None:
    """A story with Nora, who has these fields."""
    card = json.dumps(document("Nora", **fields)).encode()
    await chat.answer("character import", file=0, files=[("nora.json", card)])
    await chat.run("chat clear")
    await chat.run("chat start", character="Nora", mode="every")


def whole(body: Json) -> str:
    """All that a request tells the model."""
    told: str = body.get("prompt") or "\n".join(one["content"] for one in body["messages"])
    return told


async def refused(chat: Tavern) -> Json:
    """The public sentence that a message does not fit."""

    def check() -> Json | None:
        shown = chat.said()
        return shown[-1] if shown and MISFIT.fullmatch(shown[-1]["content"]) else None

    found: Json = await chat.until(check)
    return found


async def private(chat: Tavern, *buttons: str) -> Json:
    """The newest private page with these buttons."""

    def check() -> Json | None:
        pages = [one for one in chat.ann.sees(chat.room) if one["flags"] & 64]
        return pages[-1] if pages and labels(pages[-1]) == [*buttons] else None

    found: Json = await chat.until(check)
    return found


async def test_a_preset_larger_than_the_context(chat: Tavern, stand: Stand) -> None:
    """The case of SillyTavern presets of 40,000 letters at an unknown model."""
    server = await connected(chat, stand)
    path = shared_path("cases", "01-preset-larger-than-context", "preset.json")
    await chat.answer("format preset import", file=0, files=[("preset.json", path.read_bytes())])
    chat.ann.send(chat.room, "Hello unicorn.")

    def ended() -> bool:
        told = bool(chat.said()) and MISFIT.fullmatch(chat.texts()[-1])
        return bool(server.replies) or bool(told)

    await chat.until(ended)
    await chat.until(chat.is_idle)
    assert all("Hello unicorn." in whole(body) for body in server.bodies)


async def test_a_preset_that_leaves_no_room_stops_the_reply_and_offers_ways_out(
    chat: Tavern, stand: Stand
) -> None:
    server = await connected(chat, stand)
    await chat.answer("format preset import", file=0, files=[("mine.json", preset(41_000))])
    chat.ann.send(chat.room, "Hello unicorn.")
    told = await refused(chat)
    assert server.replies == []
    assert labels(told) == ["Try again", "Details"]
    assert "of 8,192 tokens" in told["content"]
    chat.ann.press(told, "Details")
    page = await private(chat, "Raise to 16,384", "Prompt")
    chat.ann.press(page, "Prompt")
    await chat.until(lambda: any("Nothing is sent." in str(one) for one in prompts(chat)))
    server.acts.append(Act(pieces=["I hear you."]))
    chat.ann.press(page, "Raise to 16,384")
    await chat.reply("I hear you.")
    assert "Hello unicorn." in whole(server.bodies[-1])
    assert "rule rule" in whole(server.bodies[-1])
    assert not any(MISFIT.fullmatch(text) for text in chat.texts())


def prompts(chat: Tavern) -> list[Json]:
    return [fields(one) for one in chat.ann.sees(chat.room) if one["embeds"]]


async def test_a_shorter_reply_makes_room(chat: Tavern, stand: Stand) -> None:
    server = await connected(chat, stand, "text")
    await chat.run("connect context", size=1024, reply=500)
    await play(chat, system_prompt="rule " * 400)
    chat.ann.send(chat.room, "Hello unicorn.")
    told = await refused(chat)
    chat.ann.press(told, "Details")
    page = await private(chat, "Raise to 2,048", "Shorter reply", "Prompt")
    server.acts.append(Act(pieces=["Gladly."]))
    chat.ann.press(page, "Shorter reply")
    await chat.until(lambda: chat.texts()[-1].startswith("Gladly."))
    await chat.until(chat.is_idle)
    body = server.bodies[-1]
    assert "Hello unicorn." in body["prompt"]
    assert 50 <= body["max_tokens"] < 500


async def test_who_may_not_set_anything_is_told_who_can(chat: Tavern, stand: Stand) -> None:
    await connected(chat, stand)
    await chat.answer("format preset import", file=0, files=[("mine.json", preset(41_000))])
    chat.ben.send(chat.room, "Hello unicorn.")
    told = await refused(chat)
    chat.ben.press(told, "Details")

    def check() -> Json | None:
        pages = [one for one in chat.ben.sees(chat.room) if one["flags"] & 64]
        return pages[-1] if pages and pages[-1]["content"] else None

    page = await chat.until(check)
    assert labels(page) == []
    assert "People who manage this server can raise the context" in page["content"]


async def test_a_command_that_does_not_fit_offers_the_same(chat: Tavern, stand: Stand) -> None:
    server = await connected(chat, stand)
    server.acts.append(Act(pieces=["First."]))
    chat.ann.send(chat.room, "Hello unicorn.")
    await chat.reply("First.")
    await chat.answer("format preset import", file=0, files=[("mine.json", preset(41_000))])
    answer = await chat.answer("chat regenerate")
    assert MISFIT.fullmatch("⚠ " + answer["content"])
    assert labels(answer) == ["Raise to 16,384", "Prompt"]
    await chat.reply("First.")


@pytest.mark.parametrize("kind", ["chat", "text"])
async def test_a_card_of_100_000_letters_at_2_048(chat: Tavern, stand: Stand, kind: str) -> None:
    server = await connected(chat, stand, kind)
    await chat.run("connect context", size=2048)
    await play(
        chat,
        description="Nora keeps the light. " * 5_000,
        scenario="A storm of words. " * 50,
        personality="Patient.",
        mes_example="<START>\n{{user}}: Hi.\n{{char}}: EXAMPLE.",
    )
    for text in ("Hello unicorn.", "And again."):
        server.acts.append(Act(pieces=["Well."]))
        chat.ann.send(chat.room, text)
        await chat.until(lambda: len(server.replies) and text in whole(server.bodies[-1]))  # noqa: B023
        told = whole(server.bodies[-1])
        assert len(told.encode()) / 3.35 <= 2048 - 350
        assert "Nora keeps the light." in told
        assert "A storm of words." not in told
        await chat.until(chat.is_idle)
    first, second = chat.texts()[-2:]
    assert first.startswith("Well.\n" + LEFT_OUT)
    assert "the scenario" in first
    assert "the end of the description" in first
    assert second == "Well."
    await chat.restart()
    server.acts.append(Act(pieces=["Third."]))
    chat.ann.send(chat.room, "Once more.")
    await chat.reply("Third.")


async def test_a_paste_loses_its_middle_and_that_is_said(chat: Tavern, stand: Stand) -> None:
    server = await connected(chat, stand)
    await chat.run("connect context", size=2048)
    text = "BEGINS\n" + "so many words " * 7_000 + "ENDS"
    server.acts.append(Act(pieces=["Well."]))
    chat.ann.send(chat.room, "Read this.", files=[("long.txt", text.encode())])
    await chat.until(lambda: server.replies)
    told = whole(server.bodies[-1])
    assert "Read this." in told
    assert "BEGINS" in told
    assert " […] " in told
    assert "keeps the Silver Tankard" in told
    await chat.until(chat.is_idle)
    shown = chat.texts()[-1]
    assert LEFT_OUT in shown
    assert "the middle of a long message" in shown
    assert "-# ✂ Only the beginning of “long.txt” was read." in shown


@pytest.mark.parametrize("size", [1024, 2048, 3000, 4096])
async def test_with_a_server_that_counts_its_count_is_never_over(
    chat: Tavern, stand: Stand, size: int
) -> None:
    """Of Llama's vocabulary the finished text has more tokens than its parts."""
    row = find("llama")
    llama = load(row, shared_path("tokenizers", row.file))
    counts = {"/api/extra/tokencount": lambda body: {"value": llama.count(body["prompt"])}}
    server = await stand("koboldcpp", KOBOLDCPP | counts)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    await chat.run("connect context", size=size, reply=100)
    await chat.run("chat mode", answer="mention")
    ann = Actor(int(chat.ann.id), "Ann", manager=True)
    for line in range(size // 12):
        await chat.engine.say(chat.place(), ann, f"{line}. Ok?")
    server.acts.append(Act(pieces=["Well."]))
    chat.ann.send(chat.room, f"<@{chat.playground.state.bot.id}> Hello unicorn.")
    await chat.until(lambda: server.replies)
    prompt = server.bodies[-1]["prompt"]
    await chat.until(chat.is_idle)
    assert "Hello unicorn." in prompt
    assert size - 200 < llama.count(prompt) <= size - 100


@pytest.mark.parametrize("kind", ["chat", "text"])
async def test_continue_another_version_and_two_speakers_at_1024(
    chat: Tavern, stand: Stand, kind: str
) -> None:
    """Large cards, a book, a note and a long greeting: each request holds the newest words."""
    server = await connected(chat, stand, kind)
    await chat.run("connect context", size=1024, reply=100)
    book = {"entries": {"0": {"uid": 0, "key": [], "constant": True, "content": "lore " * 5000}}}
    await chat.answer("lorebook import", file=0, files=[("book.json", json.dumps(book).encode())])
    for name in ("Nora", "Bram"):
        card = document(name, description="light " * 9_000, first_mes="once " * 3_000)
        await chat.answer(
            "character import", file=0, files=[(f"{name}.json", json.dumps(card).encode())]
        )
    await chat.run("chat clear")
    ann = Actor(int(chat.ann.id), "Ann", manager=True)
    find = chat.engine.services.characters.find
    both = [(await find(chat.place(), name)).id for name in ("Nora", "Bram")]
    await chat.engine.start(chat.place(), ann, both, "every")
    await chat.run("chat note", text="note " * 700)
    before = len(server.replies)
    server.says("First answer.", "Second answer.")
    chat.ann.send(chat.room, "Hello unicorn.")

    def ended() -> Json | None:
        newest = chat.said()[-1]
        return newest if chat.is_idle() and "Regenerate" in labels(newest) else None

    for button, count in (("Regenerate", before + 1), ("Continue", before + 2)):
        await chat.until(lambda: len(server.replies) >= count)  # noqa: B023
        shown = await chat.until(ended)
        server.says("Another answer.")
        chat.ann.press(shown, button)
    await chat.until(lambda: len(server.replies) > before + 2)
    await chat.until(ended)
    for body in server.bodies:
        told = whole(body)
        assert "Hello unicorn." in told
        assert len(told.encode()) / 3.35 <= 1024 - 100
    said = ("First answer.", "Second answer.", "Another answer.")
    assert any(text in whole(server.bodies[-1]) for text in said), "what is continued"
