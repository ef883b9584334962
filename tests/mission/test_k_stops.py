"""Custom stop strings."""

import json

from core.options.table import CUSTOM_STOP
from core.tokenizers.catalog import find
from core.tokenizers.tokenizer import load
from tests.conformance.standin import Act
from tests.e2e.formatting.conftest import Shelve
from tests.e2e.tavern.tavern import Tavern
from tests.mission.conftest import GREETING, Connect, talk
from tests.shared import shared_path


async def own(chat: Tavern) -> list[str]:
    """What is stored."""
    return (await chat.engine.services.options.resolve(chat.place()))[CUSTOM_STOP]


async def test_k1_a_json_list_with_real_line_breaks(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldcpp", kind="text")
    await chat.run("connect stop set", strings='["\\n", "\\nUser:"]')
    assert await own(chat) == ["\n", "\nUser:"]
    body = await talk(chat, server, "Aye.")
    assert {"\n", "\nUser:"} <= set(body["stop_sequence"])


async def test_k2_bad_json_is_refused_with_its_place(chat: Tavern) -> None:
    await chat.run("connect stop set", strings='["\\n"]')
    told = await chat.run("connect stop set", strings='["a')
    assert told.startswith("There is a fault in line 1, column 2.")
    assert await own(chat) == ["\n"]


async def test_k3_koboldai_takes_the_list_from_1_2_2_on(chat: Tavern, connect: Connect) -> None:
    await chat.run("connect stop set", strings='["###"]')
    for version, takes in (("1.2.1", False), ("1.2.2", True)):
        server = await connect("koboldai", {"/api/v1/info/version": {"result": version}})
        server.says(f"Aye, {version}.### and more")
        chat.ann.send(chat.room, "Hello!")
        await chat.reply(f"Aye, {version}.")
        assert ("###" in server.bodies[-1].get("stop_sequence", [])) is takes


async def test_k4_textgen_gets_the_list(chat: Tavern, connect: Connect) -> None:
    server = await connect("ooba", kind="text")
    await chat.run("connect stop set", strings='["###", "\\n\\n"]')
    body = await talk(chat, server, "Aye.")
    assert [stop for stop in body["stop"] if stop in ("###", "\n\n")] == ["###", "\n\n"]


async def test_k5_novelai_gets_tokens(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    shelve("nerdstash_v2")
    server = await connect("novelai", model="kayra-v1", kind="text")
    await chat.run("connect stop set", strings='["###"]')
    body = await talk(chat, server, "Aye.")
    row = find("nerdstash_v2")
    ours = load(row, shared_path("tokenizers", row.file))
    assert ours.encode("###") in body["parameters"]["stop_sequences"]


async def test_k6_openai_takes_four(chat: Tavern, connect: Connect) -> None:
    seven = [f"<{number}>" for number in range(1, 8)]
    for backend, model in (("openai", "gpt-4o"), ("openrouter", "openai/gpt-4o")):
        server = await connect(backend, model=model)
        await chat.run("connect stop set", strings=json.dumps(seven))
        body = await talk(chat, server, f"By {backend}.")
        assert body["stop"] == ["\nAnn:", "<1>", "<2>", "<3>"]
        shown = await chat.run("connect stop show")
        sent, _, kept = shown.partition("Handled by the bot: ")
        assert '`["\\nAnn:", "<1>", "<2>", "<3>"]`' in sent
        assert kept.startswith('`["<4>", "<5>", "<6>", "<7>"]`')
        server.acts.append(Act(pieces=[f"Cut {backend}", " here <", "6> off"]))
        chat.ann.send(chat.room, "And?")
        await chat.reply(f"Cut {backend} here")


async def test_k7_a_stop_string_is_never_seen(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldcpp", kind="text")
    await chat.run("connect stop set", strings='["STOP HERE"]')
    seen: list[str] = []
    chat.playground.simulation.bus.listen(
        lambda event: seen.append(event.message.content if event.message else "")
    )
    server.acts.append(Act(pieces=["The door", " opens.", " STOP", " HERE and more", " text"]))
    chat.ann.send(chat.room, "Go on!")
    await chat.settled(GREETING, "The door opens.")
    assert server.bodies[-1]["stop_sequence"]
    assert [text for text in seen if "STOP" in text or "more" in text] == []
