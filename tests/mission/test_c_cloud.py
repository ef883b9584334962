"""Cloud backends."""

import base64
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.playground.people.options import Impossible
from tests.conformance.standin import Act
from tests.e2e.connect.test_horde import WORKER, Volunteers
from tests.e2e.connect.test_images import PNG, parts
from tests.e2e.connect.test_reasoning import thinking
from tests.e2e.formatting.conftest import counts, golden, prompt_of
from tests.e2e.tavern.tavern import Json, Tavern, labels
from tests.mission.conftest import KEY, Connect, Lead, Stub, row_of, talk, without_certificates


async def newest(chat: Tavern, words: str) -> str:
    """The newest message once it is a finished one with these words."""

    def found() -> str | None:
        shown = chat.said()[-1]
        return (
            shown["content"]
            if words in shown["content"] and "Regenerate" in labels(shown)
            else None
        )

    return str(await chat.until(found))


async def test_c1_keys_come_by_a_form_and_are_stored_sealed(chat: Tavern, stub: Stub) -> None:
    server = await stub("openai")
    await chat.run("connect use", backend="openai", url=server.url, model="gpt-4o")
    opened = chat.ann.command(chat.room, "connect key")
    form = await opened.modal()
    told = await chat.ann.submit(opened, {"key": KEY}).response()
    shown = await chat.run("connect show")
    assert "Key: …wxyz" in shown
    assert KEY[:-4] not in json.dumps(form) + told["content"] + shown
    await talk(chat, server, "Aye.")
    assert server.replies[-1].headers["authorization"] == f"Bearer {KEY}"
    files = [file for file in chat.settings.data_dir.rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if KEY.encode() in file.read_bytes()] == []
    for line in ("connect key", "connect use"):
        with pytest.raises(Impossible):
            chat.ann.command(chat.room, line, key=KEY)


@asynccontextmanager
async def horde(chat: Tavern, lead: Lead, volunteers: Volunteers) -> AsyncIterator[None]:
    """The Horde's own address leads to these volunteers."""
    http = chat.engine.models.pool.http
    http.limits = dataclasses.replace(http.limits, poll=0.05)
    without_certificates(chat, "horde")
    site = web.Application()
    site.add_subapp("/api", volunteers.application)
    async with TestServer(site) as server:
        lead(f"http://127.0.0.1:{server.port}", "aihorde.net")
        yield


async def test_c3_horde_needs_no_setup(chat: Tavern, lead: Lead) -> None:
    volunteers = Volunteers([], may_end=True)
    async with horde(chat, lead, volunteers):
        told = await chat.run("connect use", backend="horde")
        assert "**horde** will answer here from now on." in told
        chat.ann.send(chat.room, "Hello!")
        await chat.until(lambda: chat.texts()[-1].startswith("Come in."))
    assert volunteers.keys == ["0000000000"]
    assert "Hello!" in volunteers.jobs[0]["prompt"]


async def test_c4_the_wait_and_the_workers_limits_are_shown(chat: Tavern, lead: Lead) -> None:
    volunteers = Volunteers([WORKER])
    async with horde(chat, lead, volunteers):
        await chat.run("connect use", backend="horde")
        await chat.run("connect context", size=8192)
        chat.ann.send(chat.room, "Hello!")
        waits = await chat.until(lambda: "40 seconds" in chat.texts()[-1] and chat.texts()[-1])
        assert "number 7" in waits
        volunteers.may_end = True
        text = await chat.until(lambda: "kudos" in chat.texts()[-1] and chat.texts()[-1])
    params = volunteers.jobs[0]["params"]
    assert (params["max_context_length"], params["max_length"]) == (2048, 80)
    assert "-# The workers can only read 2048 tokens, so a shorter prompt was sent." in text
    assert "-# The workers can only write 80 tokens, so the reply may end early." in text


async def test_c5_openai_sees_pictures_where_the_model_does(chat: Tavern, connect: Connect) -> None:
    server = await connect("openai", model="gpt-4o")
    server.says("A violet door.")
    chat.ann.send(chat.room, "What is this?", files=[("door.png", PNG)])
    await chat.reply("A violet door.")
    (shown,) = parts(server.bodies[-1], "image_url")
    assert shown["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    await chat.run("connect model use", model="gpt-3.5-turbo")
    server.says("I cannot look.")
    chat.ann.send(chat.room, "And this?", files=[("gate.png", PNG)])
    await newest(chat, "can't see pictures")
    assert server.bodies[-1]["model"] == "gpt-3.5-turbo"
    assert not parts(server.bodies[-1], "image_url")
    assert "[image: gate.png]" in str(server.bodies[-1])


async def test_c6_claude_has_its_own_prompt_style(chat: Tavern, connect: Connect) -> None:
    server = await connect("anthropic", model="claude-opus-4-5")
    await chat.run("connect reply-start", text="*Mira nods.*")
    message = await chat.answer("chat prompt", text="Ready?")
    shown = json.loads(chat.file(message["attachments"][0]))
    assert "keeps the Silver Tankard" in json.dumps(shown["system"])
    roles = [one["role"] for one in shown["messages"]]
    assert roles == ["user", "assistant"] * (len(roles) // 2)
    assert "*Mira nods.*" in json.dumps(shown["messages"][-1])
    refusal = "This model does not support assistant message prefill."
    server.acts += [Act(status=400, message=refusal), Act(pieces=[" So it is."])]
    chat.ann.send(chat.room, "Ready?")
    told = await newest(chat, "So it is.")
    assert "told in words" in told
    first, second = server.bodies
    assert first == shown
    assert [one["role"] for one in second["messages"]] == roles[:-1]
    await talk(chat, server, "*Mira nods.* Still.", said="And now?")
    assert len(server.bodies) == 3
    assert server.bodies[-1]["messages"][-1]["role"] == "user"


async def test_c7_claude_sees_pictures(chat: Tavern, connect: Connect) -> None:
    server = await connect("anthropic", model="claude-sonnet-4-5")
    server.says("A door.")
    chat.ann.send(chat.room, "What is this?", files=[("door.png", PNG)])
    await chat.reply("A door.")
    (shown,) = parts(server.bodies[-1], "image")
    assert shown["source"]["media_type"] == "image/png"
    assert shown["source"]["data"] == base64.b64encode(PNG).decode()


async def rate_limited(chat: Tavern, connect: Connect, backend: str, model: str) -> None:
    """A request too many: the bot waits as long as it was told, and it is seen that it does."""
    server = await connect(backend, model=model)
    server.acts += [
        Act(status=429, message="trial keys are limited", headers={"Retry-After": "1"}),
        Act(pieces=["Patience."]),
    ]
    chat.ann.send(chat.room, "Hello!")
    waits = await chat.until(lambda: "asked us to wait" in chat.texts()[-1] and chat.texts()[-1])
    assert "1 second" in waits
    await chat.reply("Patience.")
    first, second = server.bodies
    assert first == second


async def test_c8_a_rate_limit_is_waited_for_and_shown(chat: Tavern, connect: Connect) -> None:
    await rate_limited(chat, connect, "gemini", "gemini-2.5-flash")


async def test_c9_vertex_by_project_region_and_account(chat: Tavern, stub: Stub) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    server = await stub("vertex", {"/token": {"access_token": "token-12345", "expires_in": 3599}})
    rows, row = chat.engine.models.pool.catalog.rows, row_of(chat, "vertex")
    key = row.key.model_copy(update={"token_url": f"{server.url}/token"})
    rows["vertex"] = row.model_copy(update={"key": key})
    account = {
        "type": "service_account",
        "project_id": "old",
        "client_email": "bot@novel.iam.gserviceaccount.com",
        "private_key": pem,
        "private_key_id": "k1",
        "token_uri": "https://thief.example/token",
    }
    values = {"project": "novel", "region": "europe-west4", "account": json.dumps(account)}
    options: Json = {"backend": "vertex", "model": "gemini-2.5-flash"}
    told = await chat.form("connect use", values, **options)
    assert "Address: <https://europe-west4-aiplatform.googleapis.com>" in told
    await chat.form("connect use", values | {"region": "global"}, url=server.url, **options)
    await talk(chat, server, "Servus.")
    assert server.replies[-1].headers["authorization"] == "Bearer token-12345"
    assert "/projects/novel/locations/global/" in server.replies[-1].path


async def test_c11_openrouters_catalogue_and_daily_cap(chat: Tavern, connect: Connect) -> None:
    models = [
        {"id": "maker/large", "context_length": 128000,
         "pricing": {"prompt": "0.0000025", "completion": "0.00001"}},
        {"id": "maker/small:free", "context_length": 32768,
         "pricing": {"prompt": "0", "completion": "0"}},
    ]  # fmt: skip
    server = await connect("openrouter", {"/models": {"data": models}}, model="maker/small:free")
    found = await chat.ann.autocomplete(chat.room, "connect model use", "model", model="maker")
    assert {one["value"]: one["name"] for one in found} == {
        "maker/large": "maker/large · 128,000 tokens · $2.5 / $10 per million tokens",
        "maker/small:free": "maker/small:free · 32,768 tokens · free",
    }
    capped = {
        "error": {
            "message": "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock more",
            "code": 429,
            "metadata": {"headers": {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0"}},
        }
    }
    server.acts.append(
        Act(status=429, body=json.dumps(capped).encode(), content_type="application/json")
    )
    chat.ann.send(chat.room, "Hello!")
    told = await chat.until(lambda: chat.texts()[-1].startswith("⚠") and chat.texts()[-1])
    assert "day" in told
    assert "empty" not in told
    assert len(server.bodies) == 1


async def test_c13_deepseeks_thoughts_stay_out_of_channel_and_prompt(
    chat: Tavern, connect: Connect
) -> None:
    server = await connect("deepseek", model="deepseek-chat")
    offered = await chat.ann.autocomplete(chat.room, "connect model use", "model", model="deep")
    assert {choice["value"] for choice in offered} == {"deepseek-chat", "deepseek-reasoner"}
    assert (await talk(chat, server, "Plain."))["model"] == "deepseek-chat"
    await chat.run("connect model use", model="deepseek-reasoner")
    server.acts.append(thinking("She wants ale.", "Ale it is."))
    chat.ann.send(chat.room, "I am thirsty.")
    await chat.reply("Ale it is.")
    body = await talk(chat, server, "Another?", said="Cheers!")
    assert body["model"] == "deepseek-reasoner"
    assert "Ale it is." in json.dumps(body)
    assert "She wants ale." not in json.dumps(body) + await prompt_of(chat)


async def test_c14_ai21_answers(chat: Tavern, connect: Connect) -> None:
    server = await connect("ai21", model="jamba-large")
    assert (await talk(chat, server, "Shalom."))["model"] == "jamba-large"


async def test_c15_coheres_families_and_trial_limit(chat: Tavern, connect: Connect) -> None:
    models = ("command-r-plus", "command-a-03-2025", "c4ai-aya-expanse-32b")
    catalogue = {"/models": {"models": [{"name": name, "endpoints": ["chat"]} for name in models]}}
    server = await connect("cohere", catalogue)
    offered = await chat.ann.autocomplete(chat.room, "connect model use", "model", model="")
    assert {choice["value"] for choice in offered} == set(models)
    for model in models:
        await chat.run("connect model use", model=model)
        assert (await talk(chat, server, f"I am {model}."))["model"] == model
    await rate_limited(chat, connect, "cohere", models[0])


async def test_c16_perplexitys_sources_are_links(chat: Tavern, connect: Connect) -> None:
    server = await connect("perplexity", model="sonar")
    choice = {"index": 0, "delta": {"content": "Rain is wet."}, "finish_reason": "stop"}
    cited = {"choices": [choice], "citations": ["https://rain.example/a", "https://wet.example/b"]}
    body = f"data: {json.dumps(cited)}\n\ndata: [DONE]\n\n".encode()
    server.acts.append(Act(body=body, content_type="text/event-stream"))
    chat.ann.send(chat.room, "Is it?")
    text = await newest(chat, "Rain is wet.")
    assert "[1](<https://rain.example/a>) [2](<https://wet.example/b>)" in text
    assert server.bodies[-1]["model"] == "sonar"


async def test_c17_mancer_speaks_as_textgen(chat: Tavern, connect: Connect) -> None:
    server = await connect("mancer", model="m")
    assert "(text completion)" in await chat.run("connect show")
    given = {"typical_p": "0.9", "repetition_penalty_range": "600", "no_repeat_ngram_size": "3"}
    for name, value in given.items():
        await chat.run("connect sampler set", name=name, value=value)
    body = await talk(chat, server, "Aye.")
    assert isinstance(body["prompt"], str)
    assert {name: body[name] for name in given} == {
        "typical_p": 0.9,
        "repetition_penalty_range": 600,
        "no_repeat_ngram_size": 3,
    }


async def test_c18_mancer_logs_only_when_asked(chat: Tavern, connect: Connect) -> None:
    server = await connect("mancer", model="m")
    assert "allow_logging" not in await talk(chat, server, "One.")
    assert "⚠" in await chat.run("connect option", name="mancer-log", value="on")
    assert (await talk(chat, server, "Two."))["allow_logging"] is True
    await chat.run("connect option", name="mancer-log", value="off")
    assert "allow_logging" not in await talk(chat, server, "Three.")


async def test_c19_dreamgen_answers(chat: Tavern, connect: Connect) -> None:
    server = await connect("dreamgen", model="lucid-v1-medium/text")
    assert (await talk(chat, server, "Once."))["model"] == "lucid-v1-medium/text"


async def test_c20_pollinations_needs_no_setup(chat: Tavern, stub: Stub, lead: Lead) -> None:
    server = await stub("pollinations")
    without_certificates(chat, "pollinations")
    lead(server.url, "text.pollinations.ai", "gen.pollinations.ai")
    told = await chat.run("connect use", backend="pollinations")
    assert "**pollinations** will answer here from now on." in told
    await talk(chat, server, "For free.")
    assert KEY not in str(server.replies[-1].headers)


ADVERT = "\n\n---\n\n**Sponsor**\nBuy [lamps](https://ads.example/x) at https://ads.example/y"


async def test_c21_adverts_are_stripped_or_kept_without_links(
    chat: Tavern, connect: Connect
) -> None:
    server = await connect("pollinations", model="openai")
    server.acts.append(Act(pieces=["The lamp", " glows.", *ADVERT]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("The lamp glows.")
    await chat.run("connect option", name="ads", value="keep")
    server.acts.append(Act(pieces=["It dims.", *ADVERT]))
    chat.ann.send(chat.room, "And now?")
    text = await newest(chat, "It dims.")
    assert "Buy lamps at hxxps://ads.example/y" in text
    assert "https://" not in text
    await chat.run("connect option", name="ads", value="strip")
    server.acts.append(Act(pieces=["It is out.", *ADVERT]))
    chat.ann.send(chat.room, "Well?")
    await chat.reply("It is out.")


async def test_c22_novelai_is_text_kind_with_the_models_tokenizer(
    chat: Tavern, connect: Connect, shelve: Any
) -> None:
    server = await connect("novelai", model="llama-3-erato-v1")
    shelve("llama3")
    shown = await chat.run("connect show")
    assert "(text completion)" in shown
    assert "Llama 3" in shown.partition("Tokenizer: ")[2].splitlines()[0]
    assert await counts(chat, "en", "ja") == golden("llama3", "en", "ja")
    body = await talk(chat, server, "Aye.")
    assert isinstance(body["input"], str)
    assert body["model"] == "llama-3-erato-v1"


async def test_c24_electronhub_lists_many_vendors(chat: Tavern, connect: Connect) -> None:
    models = [
        {"id": "paint-xl", "endpoints": ["/v1/images/generations"]},
        {"id": "gpt-4o-mini", "tokens": 128000, "endpoints": ["/v1/chat/completions"]},
        {"id": "claude-sonnet", "tokens": 200000, "endpoints": ["/v1/chat/completions"]},
    ]
    server = await connect("electronhub", {"/models": {"data": models}}, model="claude-sonnet")
    page = (await chat.answer("connect model list"))["embeds"][0]["description"]
    texts, _title, pictures = page.partition("**Only for making pictures**")
    assert "gpt-4o-mini" in texts
    assert "claude-sonnet" in texts
    assert "paint-xl" not in texts
    assert "paint-xl" in pictures
    assert (await talk(chat, server, "One key for all."))["model"] == "claude-sonnet"


async def test_c25_autocomplete_searches_hundreds_of_models(chat: Tavern, stub: Stub) -> None:
    data = [{"id": f"vendor/model-{number:03}", "type": "chat-completion"} for number in range(320)]
    server = await stub("aimlapi", {"/models": {"data": data}})
    await chat.run("connect use", backend="aimlapi", url=server.url)
    await chat.form("connect key", {"key": KEY})
    seen: set[str] = set()
    for number in range(32):
        typed = f"model-{number:02}"
        offered = await chat.ann.autocomplete(chat.room, "connect model use", "model", model=typed)
        assert len(offered) <= 25
        seen |= {choice["value"] for choice in offered}
    assert {one["id"] for one in data} <= seen
    await chat.run("connect model use", model="vendor/model-319")
    assert (await talk(chat, server, "Aye."))["model"] == "vendor/model-319"


@pytest.mark.parametrize(
    ("gone", "alive"), [("Window AI", "openrouter"), ("Scale API", "openai"), ("scale", "openai")]
)
async def test_c26_retired_names_lead_to_living_ones(chat: Tavern, gone: str, alive: str) -> None:
    told = await chat.run("connect use", backend=gone)
    assert "retired" in told
    assert f"`{alive}`" in told
