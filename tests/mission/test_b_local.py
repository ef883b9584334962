"""Local backends."""

import json
from typing import Any

import pytest

from bot.playground.world.events import Event
from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.test_doctor import closed_port
from tests.e2e.formatting.conftest import budget, counted
from tests.e2e.tavern.tavern import Tavern
from tests.mission.conftest import GREETING, KEY, Connect, Lead, Stub, row_of, talk
from tests.mission.servers import LOCAL

PROVOCATIVE = (
    "Damn you, you lying bastard!",
    "I'll cut your throat and piss on your grave.",
    "Shut the fuck up and pour the wine.",
    "Kiss me. Harder. Take off your shirt.",
    "Let's rob the bank and shoot whoever moves.",
    "God is dead and I helped to bury him.",
    "Your king is a coward; hang him from the gate!",
    "Give me the poison, tonight the duke dies.",
    "I drank three bottles and smoked all of the opium.",
    "Burn the village. Leave nobody.",
    "What the hell is wrong with your crappy face?",
    "She bit his ear off and spat it out, blood everywhere.",
    "I hate every one of you stinking orcs.",
    "How do I pick this lock without the guard noticing?",
    "Strip, said the witch, and kneel.",
    "*slaps him* Say that again, you arrogant prick.",
    "The torturer heated his irons and smiled.",
    "Go to hell, and take your damned saints with you.",
    "We could make a bomb of black powder and nails.",
    "I sold my soul for a night with the devil's daughter.",
)


async def test_b1_local_backends_need_no_key(chat: Tavern, connect: Connect) -> None:
    for backend in LOCAL:
        model = {"model": "llama3:8b"} if backend == "ollama" else {}
        server = await connect(backend, **model)
        assert row_of(chat, backend).local
        assert "key is missing" not in await chat.run("connect show"), backend
        await talk(chat, server, f"Aye from {backend}.")
        assert "authorization" not in server.replies[-1].headers


async def test_b2_nothing_is_filtered(chat: Tavern, connect: Connect) -> None:
    cellar = chat.playground.channel("cellar")
    assert cellar.nsfw
    server = await connect("koboldcpp", kind="text", room=cellar)
    await chat.run("chat start", room=cellar, character="Mira")
    for number, line in enumerate(PROVOCATIVE, 1):
        answer = f"{number}. You say “{line}”? Then damn you too."
        server.says(answer)
        chat.ann.send(cellar, line)
        await chat.reply(answer, room=cellar)
        assert f"\n{line}\n" in server.bodies[-1]["prompt"]
    assert len(PROVOCATIVE) == len(set(PROVOCATIVE)) == len(server.bodies) == 20


async def test_b3_models_are_fetched_by_people(chat: Tavern, connect: Connect) -> None:
    told = await chat.run("connect help", topic="start")
    for words in ("You download the model yourself", "5 to 50 GB", "doesn't download or install"):
        assert words in told
    server = await connect("ollama", model="a-model-nobody-has:7b")
    server.acts.append(Act(status=404, message="model 'a-model-nobody-has:7b' not found"))
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: "doesn't know the model" in chat.texts()[-1])
    tabby = await connect("tabby")
    refused = await chat.run("connect model load", by=chat.ben, name="some-model")
    assert refused == "Only people who manage this server may do that here."
    paths = [heard.path for heard in (*server.heard, *tabby.heard)]
    assert [path for path in paths if path.endswith(("/pull", "/download", "/load"))] == []


async def grows(chat: Tavern, server: StandIn) -> list[str]:
    """The texts that a streamed reply had, from the first edit to the last."""
    seen: list[str] = []

    def note(event: Event) -> None:
        if event.message is not None and event.message.content.startswith("The lamp"):
            seen.append(event.message.content)

    chat.playground.simulation.bus.listen(note)
    # Where a stream begins with a frame without text, one piece less is there before the wait.
    server.acts.append(Act(pieces=["The lamp ", "flickers, ", "then burns ", "on."], wait_after=3))
    chat.ann.send(chat.room, "Look!")
    await chat.until(lambda: seen)
    assert server.bodies[-1].get("stream", True) is True
    server.go_on.set()
    await chat.reply("The lamp flickers, then burns on.")
    return seen


async def test_b4_koboldcpp_streams(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldcpp", kind="text")
    seen = await grows(chat, server)
    assert "burns" not in seen[0]
    assert server.replies[-1].path == "/api/extra/generate/stream"


async def test_b5_koboldcpps_model_is_named(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldcpp")
    assert server.answers["/api/v1/model"]["result"].endswith("Tiefighter-13B.Q6_K.gguf")
    assert "Tiefighter-13B.Q6_K.gguf`" in await chat.run("connect show")


async def test_b6_llamacpp_tells_its_model_and_context(chat: Tavern, stub: Stub) -> None:
    size = {"default_generation_settings": {"n_ctx": 6144}, "total_slots": 1}
    server = await stub("llamacpp", {"/props": size})
    told = await chat.run("connect use", backend="llamacpp", url=server.url)
    assert "Model: `qwen2-7b.Q4_K_M.gguf`" in told
    assert "Context: 6,144 tokens" in told
    assert {"/props", "/v1/models"} <= {heard.path for heard in server.heard}


async def test_b7_ollamas_models_are_offered_and_used(chat: Tavern, connect: Connect) -> None:
    server = await connect("ollama")
    offered = await chat.ann.autocomplete(chat.room, "connect model use", "model", model="")
    assert {choice["value"] for choice in offered} == {"llama3:8b", "mistral:7b"}
    await chat.run("connect model use", model="mistral:7b")
    assert (await talk(chat, server, "Oui."))["model"] == "mistral:7b"


async def test_b8_textgen_streams(chat: Tavern, connect: Connect) -> None:
    server = await connect("ooba", kind="text")
    seen = await grows(chat, server)
    assert "burns" not in seen[0]
    assert server.bodies[-1]["stream"] is True


async def test_b9_textgen_without_its_api(chat: Tavern) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    await chat.run("connect use", backend="ooba", url=url)
    told = await chat.run("connect test")
    assert url in told
    assert "`--api`" in told
    assert "CMD_FLAGS.txt" in told


async def test_b10_textgens_default_address_and_route(chat: Tavern, stub: Stub, lead: Lead) -> None:
    server = await stub("textgenwebui")
    lead(server.url, "localhost:5000", "127.0.0.1:5000")
    await chat.run("connect use", backend="ooba")
    await talk(chat, server, "Aye.")
    await chat.run("connect use", backend="textgenwebui-legacy")
    await talk(chat, server, "Nay.")
    hosts = [heard.headers["host"] for heard in server.replies]
    assert set(hosts) <= {"localhost:5000", "127.0.0.1:5000"}
    paths = [heard.path for heard in server.replies]
    assert paths == ["/v1/completions", "/api/v1/generate"]


async def test_b11_the_version_may_be_left_out(chat: Tavern, stub: Stub) -> None:
    server = await stub("textgenwebui")
    for ending in ("", "/", "/v1", "/v1/"):
        await chat.run("connect use", backend="ooba", url=server.url + ending)
        stored = await chat.engine.models.connection(chat.place())
        assert stored is not None
        assert stored.url == server.url
        await talk(chat, server, f"With “{ending}”.")
    assert {heard.path for heard in server.replies} == {"/v1/completions"}


async def test_b12_another_port(chat: Tavern, stub: Stub, lead: Lead) -> None:
    server = await stub("textgenwebui")
    lead(server.url, "localhost:5001")
    await chat.run("connect use", backend="ooba", url="http://localhost:5001")
    await talk(chat, server, "Aye.")
    assert server.replies[-1].headers["host"] == "localhost:5001"


FRAMES: dict[str, Any] = {
    "no finish reason": {"choices": [{"index": 0, "text": "Still here."}]},
    "no index": {"choices": [{"text": "Still here.", "finish_reason": "stop"}]},
    "an unknown field": {"choices": [{"text": "Still here.", "aura": {}}], "weather": [1]},
}


@pytest.mark.parametrize("missing", FRAMES)
async def test_b13_a_field_less_is_no_fault(chat: Tavern, connect: Connect, missing: str) -> None:
    server = await connect("ooba", {"/v1/internal/model/info": {}, "/v1/models": {}}, kind="text")
    body = f"data: {json.dumps(FRAMES[missing])}\n\ndata: [DONE]\n\n".encode()
    server.acts.append(Act(body=body, content_type="text/event-stream"))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Still here.")
    nothing = b'data: {"id": "c1", "object": "text_completion"}\n\ndata: [DONE]\n\n'
    server.acts.append(Act(body=nothing, content_type="text/event-stream"))
    chat.ann.send(chat.room, "And now?")
    told = await chat.until(lambda: chat.texts()[-1].startswith("⚠ ") and chat.texts()[-1])
    assert "“choices”" in told
    server.says("Here again.")
    chat.ann.press(chat.said()[-1], "Try again")
    await chat.settled(GREETING, "Still here.", "Here again.")


async def test_b14_tabby_streams_with_its_key(chat: Tavern, connect: Connect) -> None:
    server = await connect("tabby", kind="text")
    await chat.form("connect key", {"key": KEY})
    seen = await grows(chat, server)
    assert "burns" not in seen[0]
    assert server.replies[-1].headers["authorization"] == f"Bearer {KEY}"
    assert server.bodies[-1]["stream"] is True


async def test_b15_tabby_loads_and_unloads(chat: Tavern, connect: Connect) -> None:
    server = await connect("tabby")
    assert "mira-exl2" in await chat.run("connect show")
    await chat.run("connect model load", name="tobin-exl2")
    server.answers["/v1/model"] = {"id": "tobin-exl2", "parameters": {"max_seq_len": 8192}}
    loads = [heard.body for heard in server.heard if heard.path == "/v1/model/load"]
    assert loads == [{"model_name": "tobin-exl2"}]
    assert "Model: `tobin-exl2`" in await chat.run("connect show")
    await chat.run("connect model unload")
    assert [heard.method for heard in server.heard if heard.path == "/v1/model/unload"] == ["POST"]


async def test_b16_tabby_wants_memory(chat: Tavern) -> None:
    told = await chat.run("connect help", topic="tabby")
    assert "only on the graphics card" in told
    assert "has to fit in the card's memory" in told


async def test_b17_koboldai_has_2048_and_is_deprecated(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldai")
    await chat.run("connect context", size=8192)
    shown = await chat.run("connect show")
    assert "Context: 2,048 tokens" in shown
    assert "no longer developed" in shown
    assert (await talk(chat, server, "Aye."))["max_context_length"] == 2048


async def test_b18_koboldai_answers_in_one_piece(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldai")
    seen: set[str] = set()
    chat.playground.simulation.bus.listen(
        lambda event: seen.add(event.message.content if event.message else "")
    )
    await talk(chat, server, "The lamp ", "burns on.")
    assert {text for text in seen if text.startswith("The lamp")} == {"The lamp burns on."}
    assert [heard.path for heard in server.heard if "stream" in heard.path] == []
    assert server.replies[-1].path == "/api/v1/generate"


async def test_b19_aphrodite_counts_by_itself(chat: Tavern, connect: Connect) -> None:
    server = await connect("aphrodite", model="some-model")
    assert "(text completion)" in await chat.run("connect show")
    assert isinstance((await talk(chat, server, "Aye."))["prompt"], str)
    assert await counted(chat, "Hello!") == 74
    assert "(exact)" in await budget(chat)
    assert any(heard.path == "/v1/tokenize" for heard in server.heard)
