"""What is said about a connection is so: causes, remedies, sizes, names."""

import asyncio
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.doctor import Doctor
from tests.conformance.standin import Act
from tests.e2e.connect.conftest import KOBOLDCPP, TEXTGEN, Stand
from tests.e2e.connect.test_doctor import closed_port, pressed
from tests.e2e.tavern.tavern import Tavern, labels

OLLAMA = {
    "/api/version": {"version": "0.12"},
    "/api/tags": {"models": [{"name": "llama3:8b"}]},
    "/api/show": {"details": {}},
    "/v1/models": {"object": "list", "data": [{"id": "llama3:8b"}]},
}


async def failed(chat: Tavern) -> str:
    await chat.until(lambda: chat.texts()[-1].startswith("⚠ "))
    return chat.texts()[-1]


async def test_A10_a_plain_continuation(tavern: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await tavern.run("connect use", backend="koboldcpp", url=server.url)
    server.acts.append(Act(pieces=[" e", "ast."]))
    await tavern.done(tavern.ann.command(tavern.room, "chat continue", text="The Sun rises in the"))
    assert tavern.texts() == ["east."]
    body = server.replies[-1].body
    assert body["prompt"] == "The Sun rises in the"
    assert not body.get("stop_sequence")
    chat = await stand("openai-chat")
    await tavern.run("connect use", backend="openai-compatible", url=chat.url, model="m")
    chat.acts.append(Act(pieces=["east, too."]))
    await tavern.done(tavern.ann.command(tavern.room, "chat continue", text="The Sun rises in the"))
    assert tavern.texts()[-1] == "east, too."
    (message,) = chat.replies[-1].body["messages"]
    assert message["content"] == "The Sun rises in the"


async def test_a_typed_trial_goes_as_it_stands(tavern: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await tavern.run("connect use", backend="koboldcpp", url=server.url)
    server.acts.append(Act(pieces=[" east."]))
    assert "> east." in await tavern.run("connect test", say="The Sun rises in the")
    assert server.replies[-1].body["prompt"] == "The Sun rises in the"


async def test_an_address_that_is_missing_is_named_with_a_button(chat: Tavern) -> None:
    await chat.run("connect use", backend="openai-compatible")
    chat.ann.send(chat.room, "Hello?")
    said = await failed(chat)
    assert said == "⚠ Its address is missing. Enter it with `/connect use url:`."
    told = await chat.answer("connect test")
    assert "The address of OpenAI-compatible server is missing." in told["content"]
    assert "Enter the address" in labels(told)


async def test_https_on_a_plain_server_is_told_and_mended(tavern: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    secure = server.url.replace("http://", "https://")
    await tavern.run("connect use", backend="koboldcpp", url=secure)
    told = await tavern.answer("connect test")
    assert f"this server only works with http: <{server.url}>" in told["content"]
    (button,) = labels(told)
    server.acts.append(Act(pieces=["Safe and sound."]))
    assert "> Safe and sound." in await pressed(tavern, told, button, "sound")


async def test_the_host_of_a_container_is_tried_before_it_is_stored(tavern: Tavern) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    await tavern.run("connect use", backend="koboldcpp", url=url)
    tavern.engine.doctor = Doctor(tavern.engine.models, contained=lambda: True)
    told = await tavern.answer("connect test")
    text = await pressed(tavern, told, labels(told)[0], "Nothing was changed")
    assert "`--add-host=host.docker.internal:host-gateway`" in text
    assert url in await tavern.run("connect show")


@pytest.mark.parametrize("backend", ["llamacpp", "lmstudio", "koboldcpp"])
async def test_a_server_is_named_for_what_it_is(tavern: Tavern, stand: Stand, backend: str) -> None:
    server = await stand("openai-chat", OLLAMA)
    told = await tavern.run("connect use", backend=backend, url=server.url)
    assert "The server at this address is Ollama" in told
    server.acts.append(Act(pieces=["Hm."]))
    assert "The server at this address is Ollama" in await tavern.run("connect test")


async def test_one_verdict_where_no_model_is_named(tavern: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", {"/models": {"data": [{"id": "a"}, {"id": "b"}]}})
    server.acts.append(Act(pieces=["Hi."]))
    told = await tavern.run("connect use", backend="openai-compatible", url=server.url)
    assert "will answer here from now on" in told
    assert "can't answer" not in told
    assert "the server chooses" in told
    server.acts.append(Act(status=404, message="no model"))
    told = await tavern.run("connect use", backend="openai-compatible", url=server.url)
    assert "can't answer yet" in told
    assert "⚠ No model chosen yet." in told


async def test_a_slow_server_is_not_called_unable(tavern: Tavern, stand: Stand) -> None:
    async def slowly(body: Any) -> Any:
        await asyncio.sleep(3)
        return {"data": [{"id": "m"}]}

    server = await stand("openai-chat", {"/models": slowly})
    told = await tavern.run("connect use", backend="openai-compatible", url=server.url, model="m")
    assert "can't" not in told
    assert "takes its time" in told


async def test_a_characters_own_connection_is_shown_and_tried(chat: Tavern, stand: Stand) -> None:
    dead = f"http://127.0.0.1:{closed_port()}"
    await chat.run("connect use", backend="rehearsal", kind="text")
    await chat.run("connect use", backend="koboldcpp", url=dead)
    server = await stand("openai-chat", {"/models": {"data": [{"id": "own"}]}})
    told = await chat.run(
        "connect use", backend="openai-compatible", url=server.url, model="own", character="Mira"
    )
    assert f"<{server.url}>" in told
    assert "`own`" in told
    assert dead not in told
    assert "can't be reached" not in told


async def test_C10_mistrals_limits_are_known_offered_and_explained(
    chat: Tavern, stand: Stand
) -> None:
    listed = [{"id": "mistral-large-latest"}, {"id": "codestral-latest"}]
    server = await stand("openai-chat", {"/v1/models": {"data": listed}})
    for model, limit in (("mistral-large-latest", "131,072"), ("codestral-latest", "262,144")):
        await chat.run("connect use", backend="mistral", url=server.url, model=model)
        await chat.form("connect key", {"key": "mistral-key-123456"})
        shown = await chat.run("connect show")
        assert f"Context: 16,384 of {limit} tokens" in shown
        told = await chat.run("connect context")
        assert f"The model has room for {limit} tokens. It starts smaller because" in told
        told = await chat.run("connect context", size=int(limit.replace(",", "")))
        assert f"{limit} tokens" in told
        assert "⚠" not in told
        await chat.run("connect context", size=0)


async def test_C23_a_larger_wish_names_the_tier(chat: Tavern, stand: Stand) -> None:
    server = await stand("novelai", {"/user/subscription": {"tier": 1, "active": True}})
    await chat.run("connect use", backend="novelai", url=server.url, model="kayra-v1")
    await chat.form("connect key", {"key": "pst-123456"})
    told = await chat.run("connect context", size=8192)
    assert "The subscription Tablet at NovelAI has 4,096 tokens of context" in told
    assert "Nothing was changed." in told
    told = await chat.run("connect context")
    assert "150 of them for the reply" in told
    await chat.run("connect use", backend="novelai", model="llama-3-erato-v1")
    shown = await chat.run("connect show")
    assert "llama-3-erato-v1 needs the subscription Opus; this account has Tablet." in shown


async def test_the_default_trips_no_warning_of_its_own(tavern: Tavern, stand: Stand) -> None:
    model = {"model_name": "mythomax-l2-13b.Q5_K_M.gguf", "loader": "llama.cpp"}
    answers = {**TEXTGEN, "/v1/internal/model/info": model}
    server = await stand("openai-text", answers)
    told = await tavern.run("connect use", backend="textgenwebui", url=server.url)
    assert "good up to 4,096" in told
    assert "larger than this model" not in told
    told = await tavern.run("connect context")
    assert "4,096 tokens" in told


async def test_a_path_on_the_hosts_disk_never_shows(tavern: Tavern, stand: Stand) -> None:
    for path in (
        "/home/ann/secret models/lantern-7b.Q4_K_M.gguf",
        "C:\\Users\\ann\\models\\lantern-7b.Q4_K_M.gguf",
        "../models/lantern-7b.Q4_K_M.gguf",
    ):
        answers = {"/v1/models": {"data": [{"id": path}]}, "/props": {}, "/health": {}}
        server = await stand("llamacpp", answers)
        await tavern.run("connect use", backend="llamacpp", url=server.url)
        shown = await tavern.run("connect show")
        page = (await tavern.answer("connect model list"))["embeds"][0]["description"]
        offered = await tavern.ann.autocomplete(tavern.room, "connect model use", "model", model="")
        for text in (shown, page, offered[0]["name"]):
            assert "lantern-7b.Q4_K_M.gguf" in text
            assert "ann" not in text.replace("channel", "")
            assert "models/" not in text


async def test_no_model_after_unloading_is_told_as_that(tavern: Tavern, stand: Stand) -> None:
    tabby: dict[str, Any] = {
        "/v1/models": {"data": [{"id": "mira-exl2"}]},
        "/v1/model/unload": {},
        "/v1/model": {"id": "mira-exl2", "parameters": {"max_seq_len": 8192}},
    }
    server = await stand("openai-text", tabby)
    await tavern.run("connect use", backend="tabby", url=server.url)
    told = await tavern.run("connect model unload")
    assert "Load another with `/connect model load`" in told
    del server.answers["/v1/model"]
    shown = await tavern.run("connect show")
    assert "no such model" not in shown


async def test_a_vertex_key_is_told_by_its_number(tavern: Tavern) -> None:
    account = {
        "project_id": "old",
        "client_email": "bot@old.iam.gserviceaccount.com",
        "private_key": "-----BEGIN PRIVATE KEY-----",
        "private_key_id": "0123456789abcdef",
        "universe": "x",
    }
    values = {"project": "", "region": "", "account": json.dumps(account)}
    told = await tavern.form("connect use", values, backend="vertex", model="gemini-2.5-flash")
    assert "Key: …cdef" in told
    assert '"x"}' not in told


async def test_mancers_log_stays_visible(tavern: Tavern, stand: Stand) -> None:
    server = await stand("openai-text", {"/models": {"data": [{"id": "mytholite"}]}})
    await tavern.run("connect use", backend="mancer", url=server.url, model="mytholite")
    assert "mancer-log" not in await tavern.run("connect show")
    await tavern.run("connect option", name="mancer-log", value="on")
    assert "mancer-log: on. ⚠ The provider stores" in await tavern.run("connect show")


async def test_B10_the_old_api_only_where_it_is_asked_for(tavern: Tavern) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    told = await tavern.run("connect use", backend="ooba", url=url)
    assert "Service: text-generation-webui (text completion)" in told
    told = await tavern.run("connect use", backend="ooba", url=url, legacy=True)
    assert "API before November 2023" in told


async def test_a_dash_takes_back(tavern: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", {"/models": {"data": [{"id": "a"}, {"id": "b"}]}})
    await tavern.run("connect use", backend="openai-compatible", url=server.url, model="a")
    assert "The server chooses the model here now." in await tavern.run(
        "connect model use", model="-"
    )
    assert "rehearsal" in await tavern.run("connect use", backend="-")
    assert await tavern.run("persona use", persona="-") == "You're now speaking as yourself."


async def test_an_unknown_connection_names_the_nearest(tavern: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", {"/models": {"data": [{"id": "a"}]}})
    await tavern.run(
        "connect use", backend="openai-compatible", url=server.url, model="a", name="Hearth"
    )
    told = await tavern.form("connect key", {"key": "sk-123456789"}, connection="Hearht")
    assert "Did you mean `Hearth`?" in told
    assert "sk-123456789" not in told


async def test_a_vertex_region_counts_behind_another_address(chat: Tavern, stand: Stand) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"project_id": "novel", "client_email": "bot@novel.example", "private_key": pem}
    server = await stand("gemini", {"/token": {"access_token": "token-12345", "expires_in": 3599}})
    rows = chat.engine.models.pool.catalog.rows
    key = rows["vertex"].key.model_copy(update={"token_url": f"{server.url}/token"})
    rows["vertex"] = rows["vertex"].model_copy(update={"key": key})
    values = {"project": "", "region": "europe-west4", "account": json.dumps(account)}
    await chat.form(
        "connect use", values, backend="vertex", url=server.url, model="gemini-2.5-flash"
    )
    server.acts.append(Act(pieces=["Servus."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Servus.")
    assert "/projects/novel/locations/europe-west4/" in server.replies[-1].path
    told = await chat.form(
        "connect use",
        values,
        backend="vertex",
        url="https://us-central1-aiplatform.googleapis.com",
        model="gemini-2.5-flash",
    )
    assert "<https://europe-west4-aiplatform.googleapis.com>" in told
