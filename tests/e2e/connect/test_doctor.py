"""`/connect test`: names what is wrong, and mends it at the press of a button."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from core.doctor import Doctor
from tests.conformance.standin import Act
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.tavern.tavern import Tavern, labels

Json = dict[str, Any]


def closed_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def page(host: str = "127.0.0.1", answers: Json | None = None) -> AsyncIterator[int]:
    """A server that answers these paths with JSON and all others with a web page."""

    async def handle(request: web.Request) -> web.Response:
        if request.path in (answers or {}):
            return web.json_response((answers or {})[request.path])
        return web.Response(text="<html><title>Gradio</title></html>", content_type="text/html")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, 0)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def pressed(tavern: Tavern, message: Json, label: str, words: str) -> str:
    """Presses a button and waits until the message says these words."""
    await tavern.ann.press(message, label).acknowledged()

    def shown() -> str | None:
        seen = next(one for one in tavern.ann.sees(tavern.room) if one["id"] == message["id"])
        return seen["content"] if words in seen["content"] else None

    return str(await tavern.until(shown))


async def test_nothing_listens(tavern: Tavern) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    await tavern.run("connect use", backend="llamacpp", url=url)
    tavern.engine.doctor = Doctor(tavern.engine.models, contained=lambda: False)
    told = await tavern.run("connect test")
    assert f"Can't reach llama.cpp at <{url}>. Is it running" in told


async def test_localhost_on_the_other_family(tavern: Tavern) -> None:
    async with page("::1", {"/health": {"status": "ok"}, "/v1/models": {"data": []}}) as port:
        url = f"http://127.0.0.1:{port}"
        await tavern.run("connect use", backend="llamacpp", url=url)
        tavern.engine.doctor = Doctor(tavern.engine.models, contained=lambda: False)
        told = await tavern.answer("connect test")
        assert "has an IPv4 and an IPv6 address" in told["content"]
        assert labels(told) == [f"Use [::1]:{port}"]


async def test_a_missing_version_is_found_and_mended(tavern: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", {"/api/v1/models": {"data": [{"id": "m"}]}})
    url = f"{server.url}/api"
    await tavern.run("connect use", backend="openai-compatible", url=url, model="m")
    told = await tavern.answer("connect test")
    assert f"The API is at <{url}/v1>" in told["content"]
    server.acts.append(Act(pieces=["CommandContext I am."]))
    button = f"Use {url.partition('://')[2]}/v1"
    assert "> CommandContext I am." in await pressed(tavern, told, button, "CommandContext I am.")
    assert server.replies[-1].path == "/api/v1/chat/completions"


async def test_another_server_is_named_and_taken(tavern: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await tavern.run("connect use", backend="tabby", url=server.url)
    told = await tavern.answer("connect test")
    assert "The server at this address is KoboldCpp, not TabbyAPI." in told["content"]
    server.acts.append(Act(pieces=["Mended."]))
    assert "> Mended." in await pressed(tavern, told, "Use as KoboldCpp", "Mended.")


async def test_a_missing_key_opens_its_form(tavern: Tavern) -> None:
    await tavern.run("connect use", backend="openai", model="gpt-4o")
    told = await tavern.answer("connect test")
    assert "OpenAI needs a key" in told["content"]
    opened = tavern.ann.press(told, "Enter the key")
    assert (await opened.modal())["title"] == "Key for this channel's model"


async def test_a_refused_key(tavern: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", {"/v1/models": {"data": [{"id": "m"}]}})
    await tavern.run("connect use", backend="openai-compatible", url=server.url, model="m")
    await tavern.form("connect key", {"key": "Bearer sk-wrong-one-1234"})
    server.acts.append(Act(status=401, message="Incorrect API key provided"))
    told = await tavern.answer("connect test")
    assert "didn't accept the key" in told["content"]
    assert server.replies[-1].headers["authorization"] == "Bearer sk-wrong-one-1234"
    assert "sk-wrong" not in told["content"]
    assert labels(told) == ["Enter the key"]


async def test_a_key_in_the_place_of_the_model(tavern: Tavern) -> None:
    key = "sk-" + "a1" * 20
    await tavern.run("connect use", backend="openai", model=key)
    told = await tavern.run("connect test")
    assert "looks like a key" in told
    assert key not in told


async def test_the_wrong_kind(tavern: Tavern, stand: Stand) -> None:
    server = await stand("openai-text", {"/v1/models": {"data": [{"id": "gpt-4o"}]}})
    await tavern.run(
        "connect use", backend="openai-compatible", url=server.url, model="gpt-4o", kind="text"
    )
    message = "This is a chat model and not supported in the v1/completions endpoint."
    server.acts.append(Act(status=404, message=message))
    told = await tavern.answer("connect test")
    assert "needs chat completion" in told["content"]
    assert labels(told) == ["Use chat"]
    whole = b'{"choices": [{"message": {"content": "Hello!"}, "finish_reason": "stop"}]}'
    server.acts.append(Act(body=whole, content_type="application/json"))
    assert "> Hello!" in await pressed(tavern, told, "Use chat", "Hello!")


async def test_no_model_is_loaded(tavern: Tavern, stand: Stand) -> None:
    idle = {**KOBOLDCPP, "/api/v1/model": {"result": "koboldcpp/inactive"}}
    server = await stand("koboldcpp", idle)
    await tavern.run("connect use", backend="koboldcpp", url=server.url)
    told = await tavern.run("connect test")
    assert "KoboldCpp is running, but has no model loaded" in told
    assert not server.replies


async def test_ollama_wants_a_model_chosen(tavern: Tavern, stand: Stand) -> None:
    tags = {"models": [{"name": "llama3:8b"}, {"name": "mistral:7b"}]}
    server = await stand("ollama", {"/api/tags": tags, "/api/version": {"version": "0.9"}})
    await tavern.run("connect use", backend="ollama", url=server.url)
    told = await tavern.answer("connect test")
    assert "has no model loaded" in told["content"]
    server.acts.append(Act(pieces=["CommandContext."]))
    assert "> CommandContext." in await pressed(tavern, told, "Use llama3:8b", "CommandContext.")
    assert server.replies[-1].body["model"] == "llama3:8b"


async def test_the_rehearsal_is_healthy(tavern: Tavern) -> None:
    tavern.will_say("All is well.")
    assert "> All is well." in await tavern.run("connect test")


async def test_only_managers_try_a_connection(tavern: Tavern) -> None:
    told = await tavern.run("connect test", by=tavern.ben)
    assert told == "Only people who manage this server may do that here."


async def test_a_smaller_context_than_asked(tavern: Tavern, stand: Stand) -> None:
    from core.chat.place import Actor
    from core.options.table import CONTEXT_SIZE

    server = await stand("koboldcpp", KOBOLDCPP)
    await tavern.run("connect use", backend="koboldcpp", url=server.url)
    ann = Actor(int(tavern.ann.id), "Ann", manager=True)
    await tavern.engine.services.options.set(ann, tavern.place(), CONTEXT_SIZE, 16384)
    shown = await tavern.run("connect show")
    assert "You asked for 16,384 tokens of context, but the server only has 4,096" in shown
    server.acts.append(Act(pieces=["Hi."]))
    told = await tavern.answer("connect test")
    assert "To get more, change it where the server is started" in told["content"]
    assert server.replies[-1].body["max_context_length"] == 4096
    server.acts.append(Act(pieces=["Hi again."]))
    text = await pressed(tavern, told, "Use 4,096 tokens", "Hi again.")
    assert "You asked for" not in text


async def test_a_template_that_differs_from_the_servers(tavern: Tavern, stand: Stand) -> None:
    template = "{% for m in messages %}<|im_start|>{{ m.role }}<|im_end|>{% endfor %}"
    answers = {
        "/props": {"default_generation_settings": {"n_ctx": 8192}, "chat_template": template},
        "/v1/models": {"data": [{"id": "mythomax-l2-13b.Q4_K_M.gguf"}]},
    }
    server = await stand("llamacpp", answers)
    await tavern.run("connect use", backend="llamacpp", url=server.url)
    await tavern.answer("format template use", instruct="Alpaca")
    server.acts.append(Act(pieces=["Hi."]))
    told = await tavern.answer("connect test")
    assert "The server recommends the **ChatML** template" in told["content"]
    assert "Use ChatML" in labels(told)
