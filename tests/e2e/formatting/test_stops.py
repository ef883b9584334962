"""Stop strings: set as JSON, sent as far as the server takes them, cut here always."""

import json

from core.tokenizers.catalog import find
from core.tokenizers.tokenizer import load
from tests.conformance.standin import Act
from tests.e2e.connect.conftest import KOBOLDCPP
from tests.e2e.formatting.conftest import GREETING, Shelve, Stand, ask, page, textual
from tests.e2e.tavern.tavern import Tavern
from tests.shared import shared_path

SET = '["\\n", "\\nUser:"]'


async def own(chat: Tavern) -> list[str]:
    """What is stored."""
    from core.options.table import CUSTOM_STOP

    return (await chat.engine.services.options.resolve(chat.place()))[CUSTOM_STOP]


async def test_K1_a_json_list_is_stored_with_real_line_breaks(chat: Tavern) -> None:
    told = await chat.run("connect stop set", strings=SET)
    assert told.startswith('Extra stop strings in this channel: `["\\n", "\\nUser:"]`')
    assert await own(chat) == ["\n", "\nUser:"]
    assert '`["\\n", "\\nUser:"]`' in (await page(chat))["Stop strings"]
    await chat.run("connect stop set", strings="[]")
    assert await own(chat) == []


async def test_K2_bad_json_is_refused_with_the_place_of_the_fault(chat: Tavern) -> None:
    await chat.run("connect stop set", strings=SET)
    for strings, fault in (
        ('["a', "There is a fault in line 1, column 2. A quotation mark or comma is missing."),
        (
            '["a" "b"]',
            "There is a fault in line 1, column 6. A quotation mark or comma is missing.",
        ),
        ('["a", 7]', "There is a fault in line 1, column 7. Item 2 has to be a text of 1 to "),
        ('{"a": 1}', "There is a fault in line 1, column 1. It has to begin with `[`."),
        ('["a"]]', "There is a fault in line 1, column 6. A quotation mark or comma is missing."),
    ):
        told = await chat.run("connect stop set", strings=strings)
        assert told.startswith(fault), told
        assert "Nothing was changed." in told
        assert await own(chat) == ["\n", "\nUser:"]


async def test_K3_koboldai_gets_the_list_from_1_2_2_on(chat: Tavern, stand: Stand) -> None:
    await chat.run("connect stop set", strings='["###"]')
    for version, takes in (("1.2.1", False), ("1.2.2", True)):
        answers = {
            "/api/v1/info/version": {"result": version},
            "/api/v1/model": {"result": "some/model"},
        }
        server = await stand("koboldai", answers)
        await chat.run("connect use", backend="koboldai", url=server.url, name=f"k{version}")
        server.acts.append(Act(pieces=[f"Aye, {version}.### and more"]))
        chat.ann.send(chat.room, "Hello!")
        await chat.reply(f"Aye, {version}.")
        body = server.replies[-1].body
        assert ("###" in body.get("stop_sequence", [])) is takes
        shown = await chat.run("connect stop show")
        assert ("None are sent to" in shown) is not takes


async def test_K4_text_generation_webui_gets_the_list(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-text", textual())
    await chat.run("connect use", backend="textgenwebui", url=server.url)
    await chat.run("connect stop set", strings='["###", "\\n\\n"]')
    body = await ask(chat, server, "Aye.")
    assert [stop for stop in body["stop"] if stop in ("###", "\n\n")] == ["###", "\n\n"]
    assert body["stop"][0] == "\nAnn:"


async def test_K5_novelai_gets_tokens(chat: Tavern, stand: Stand, shelve: Shelve) -> None:
    shelve("nerdstash_v2")
    server = await stand("novelai")
    await chat.run("connect use", backend="novelai", url=server.url, model="kayra-v1", kind="text")
    await chat.run("connect stop set", strings='["###"]')
    body = await ask(chat, server, "Aye.")
    sent = body["parameters"]["stop_sequences"]
    row = find("nerdstash_v2")
    ours = load(row, shared_path("tokenizers", row.file))
    assert ours.encode("###") in sent
    assert sent[0] == ours.encode("\nAnn:")
    assert '"###"' in (await chat.run("connect stop show")).partition("Sent to NovelAI: ")[2]


async def test_K6_openai_takes_four_and_the_rest_is_cut_here(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openai", url=server.url, model="gpt-4o")
    seven = [f"<{number}>" for number in range(1, 8)]
    await chat.run("connect stop set", strings=json.dumps(seven))
    body = await ask(chat, server, "Aye.")
    assert body["stop"] == ["\nAnn:", "<1>", "<2>", "<3>"]
    shown = await chat.run("connect stop show")
    sent, _, kept = shown.partition("Handled by the bot: ")
    assert 'Sent to OpenAI: `["\\nAnn:", "<1>", "<2>", "<3>"]`' in sent
    assert kept.startswith('`["<4>", "<5>", "<6>", "<7>"]`')
    server.acts.append(Act(pieces=["Cut", " me <", "6> off"]))
    chat.ann.send(chat.room, "And?")
    await chat.reply("Cut me")


async def test_K6_through_openrouter_too(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openrouter", url=server.url, model="openai/gpt-4o")
    await chat.run("connect stop set", strings='["a1", "a2", "a3", "a4", "a5", "a6", "a7"]')
    body = await ask(chat, server, "Yes.")
    assert body["stop"] == ["\nAnn:", "a1", "a2", "a3"]


async def test_K7_a_stop_string_over_two_chunks_is_never_seen(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    await chat.run("connect stop set", strings='["STOP HERE"]')
    seen: list[str] = []
    chat.playground.simulation.bus.listen(
        lambda event: seen.append(event.message.content if event.message else "")
    )
    server.acts.append(Act(pieces=["The door", " opens.", " STOP", " HE", "RE and more", " text"]))
    chat.ann.send(chat.room, "Go on!")
    await chat.settled(GREETING, "The door opens.")
    assert not any("STOP" in text for text in seen)
