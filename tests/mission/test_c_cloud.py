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
from tests.e2e.tavern.tavern import Json, Tavern
from tests.mission.conftest import (
    KEY,
    Connect,
    Lead,
    Stub,
    newest,
    row_of,
    talk,
    without_certificates,
)


def streamed(*frames: Json) -> Act:
    body = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames) + "data: [DONE]\n\n"
    return Act(body=body.encode(), content_type="text/event-stream")


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


def refused(status: int, error: Json) -> Act:
    body = json.dumps({"error": error}).encode()
    return Act(status=status, body=body, content_type="application/json")


def ending(finish: str, **delta: str) -> Act:
    """A stream of one piece."""
    return streamed({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


async def told_off(chat: Tavern) -> str:
    """Why Ann is not answered."""
    chat.ann.send(chat.room, "Hello!")
    return str(await chat.until(lambda: chat.texts()[-1].startswith("⚠ ") and chat.texts()[-1]))


async def test_c2_who_refused_and_why(chat: Tavern, connect: Connect) -> None:
    server = await connect("openai", model="gpt-4o")
    words, policy = "I can't help with that", "Your prompt was rejected by our safety system"
    for act, why in (
        (ending("content_filter"), "filter"),
        (ending("stop", refusal=words), words),
        (refused(400, {"message": policy, "code": "content_policy_violation"}), policy),
    ):
        server.acts.append(act)
        told = await told_off(chat)
        assert "OpenAI" in told
        assert why in told
        assert words not in str(await chat.lines())
        await talk(chat, server, "Well.", said="Never mind.")


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


async def test_c10_mistrals_limits_are_known(chat: Tavern, connect: Connect) -> None:
    for model, limit in (
        ("mistral-large-latest", 131_072),
        ("open-mistral-7b", 32_768),
        ("codestral-latest", 262_144),
    ):
        server = await connect("mistral", model=model)
        told = await chat.run("connect context")
        assert "Context: 16,384 tokens" in told
        assert f"has room for {limit:,} tokens" in told
        assert "starts smaller because" in told
        told = await chat.run("connect context", size=limit)
        assert f"Context: {limit:,} tokens" in told
        assert "⚠" not in told
        await talk(chat, server, f"I am {model}.")
        await chat.run("connect context", size=0)


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
        "code": 429,
        "message": "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock more",
        "metadata": {"headers": {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0"}},
    }
    server.acts.append(refused(429, capped))
    told = await told_off(chat)
    assert "day" in told
    assert "empty" not in told
    assert len(server.bodies) == 1


async def test_c12_openrouter_adds_no_moderation(chat: Tavern, connect: Connect) -> None:
    server = await connect("openrouter", model="openai/gpt-4o")
    body = await talk(chat, server, "Aye.")
    assert "moderation" not in json.dumps(body)
    assert "safety" not in json.dumps(body)
    why = {
        "code": 403,
        "message": 'openai/gpt-4o requires moderation. Your input was flagged for "violence".',
        "metadata": {"reasons": ["violence"], "provider_name": "OpenAI"},
    }
    server.acts.append(refused(403, why))
    told = await told_off(chat)
    assert "OpenAI" in told
    assert "violence" in told


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
    cited = ["https://rain.example/a", "https://wet.example/b"]
    server.acts.append(streamed({"choices": [choice], "citations": cited}))
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


@pytest.mark.parametrize(
    ("tier", "name", "size"),
    [(0, "Paper", 4096), (1, "Tablet", 4096), (2, "Scroll", 8192), (3, "Opus", 8192)],
)
async def test_c23_the_tier_decides_the_context(
    chat: Tavern, connect: Connect, tier: int, name: str, size: int
) -> None:
    answers = {"/user/subscription": {"tier": tier, "active": tier > 0}}
    await connect("novelai", answers, model="kayra-v1")
    shown = await chat.run("connect show")
    assert f"Context: {size:,} tokens" in shown
    assert f"Subscription: {name}" in shown
    told = await chat.run("connect context", size=16384)
    assert name in told
    assert f"{size:,}" in told
    assert f"Context: {size:,} tokens" in await chat.run("connect show")


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
