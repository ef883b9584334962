"""What is told about models: on connecting, on request, and by name alone."""

import pytest

from tests.conformance.standin import Act
from tests.e2e.connect.conftest import KOBOLDCPP, TEXTGEN, Stand
from tests.e2e.tavern.tavern import Tavern, labels


async def test_B5_B6_H6_the_model_and_context_the_server_reports(
    chat: Tavern, stand: Stand
) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    told = await chat.run("connect use", backend="koboldcpp", url=server.url)
    assert "koboldcpp/Tiefighter-13B.Q6_K.gguf" in told
    shown = await chat.run("connect show")
    assert "Tiefighter-13B.Q6_K.gguf" in shown
    assert "Context: 4,096 tokens" in shown
    props = {
        "/props": {"default_generation_settings": {"n_ctx": 8192}, "total_slots": 1},
        "/v1/models": {"data": [{"id": "qwen2-7b.Q4_K_M.gguf"}]},
    }
    llama = await stand("llamacpp", props)
    shown = await chat.run("connect use", backend="llamacpp", url=llama.url)
    assert "qwen2-7b.Q4_K_M.gguf" in shown
    assert "Context: 8,192 tokens" in shown


async def test_H12_size_and_quantisation_are_shown(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    shown = await chat.run("connect show")
    assert "Llama 2 · 13B · Q6_K (almost as good as the original) · 10.7 GB" in shown


async def test_H11_real_limits_and_a_warning_above_them(chat: Tavern, stand: Stand) -> None:
    model = {"result": "koboldcpp/mistral-7b-instruct-v0.1.Q4_K_M.gguf"}
    size = {"/api/extra/true_max_context_length": {"value": 8192}}
    server = await stand("koboldcpp", {**KOBOLDCPP, "/api/v1/model": model, **size})
    told = await chat.run("connect use", backend="koboldcpp", url=server.url)
    assert "claims to handle 8,192 tokens, but only 4,096 work well" in told
    warning = "⚠ The context is larger than this model can handle well (4,096 tokens)."
    assert warning not in told
    await chat.run("connect context", size=8192)
    assert warning in await chat.run("connect show")


async def test_H15_templates_are_proposed_with_a_button(chat: Tavern, stand: Stand) -> None:
    model = {"model_name": "kunoichi-dpo-v2-7b.Q6_K.gguf", "loader": "llama.cpp"}
    server = await stand("openai-text", {**TEXTGEN, "/v1/internal/model/info": model})
    told = await chat.answer("connect use", backend="textgenwebui", url=server.url)
    assert "works best with the **Alpaca** templates" in told["content"]
    assert labels(told) == ["Use Alpaca", "Only here"]
    pressed = chat.ann.press(told, "Use Alpaca")
    await pressed.acknowledged()
    await chat.until(lambda: "now uses **Alpaca**" in chat.ann.sees(chat.room)[-1]["content"])
    server.acts.append(Act(pieces=["Aye."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Aye.")
    assert "### Instruction:" in server.replies[-1].body["prompt"]
    shown = await chat.answer("connect show")
    assert "works best with the" not in shown["content"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mythomax-l2-13b.Q5_K_M.gguf", ("GGUF", "13B", "KoboldCpp", "**Alpaca**")),
        ("pytorch_model.bin", ("⚠ **Unsafe", "safetensors")),
        ("model-00001-of-00003.safetensors", ("part 1 of 3",)),
        ("longchat-7b-16k", ("16,384 tokens of context", "quant_method")),
        ("config.json", ("quant_method",)),
    ],
)
async def test_H13_identify(tavern: Tavern, name: str, words: tuple[str, ...]) -> None:
    told = await tavern.run("connect identify", name=name)
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("start", ("doesn't download or install models",)),  # B3
        ("files", ("one `.gguf` file", "all `.safetensors` parts")),  # H14
        (
            "speed",
            ("flash attention", "more layers", "flash attention on and context shift off"),
        ),  # H17
        ("models", ("no single best", "calculator", "Hugging Face")),  # H18
        ("tabby", ("has to fit in the card's memory",)),  # B16
        ("docker", ("host.docker.internal",)),
    ],
)
async def test_help_by_topic(tavern: Tavern, topic: str, words: tuple[str, ...]) -> None:
    told = await tavern.run("connect help", topic=topic)
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    ("gone", "alive"),
    [("window-ai", "openrouter"), ("Window AI", "openrouter"), ("Scale API", "openai")],
)
async def test_C26_retired_names(tavern: Tavern, gone: str, alive: str) -> None:
    told = await tavern.run("connect use", backend=gone)
    assert "retired" in told
    assert f"`{alive}`" in told


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("ooba", "textgenwebui"),
        ("Text-Generation-WebUI", "textgenwebui"),
        ("LM Studio", "lmstudio"),
        ("AI Horde", "horde"),
        ("Claude", "anthropic"),
        ("llama.cpp", "llamacpp"),
    ],
)
async def test_a_backend_by_its_other_names(tavern: Tavern, said: str, meant: str) -> None:
    assert (await tavern.run("connect use", backend=said)).startswith(f"**{meant}** ")
    offered = await tavern.ann.autocomplete(
        tavern.room, "connect use", "backend", backend=said.lower()
    )
    assert meant in [choice["value"] for choice in offered]


async def test_a_misspelled_backend(tavern: Tavern) -> None:
    assert "`koboldcpp`" in await tavern.run("connect use", backend="koboldccp")


async def test_C24_one_list_of_many_vendors_with_the_models_for_pictures_apart(
    chat: Tavern, stand: Stand
) -> None:
    listed = [
        {"id": "paint-xl", "endpoints": ["/v1/images/generations"]},
        {"id": "gpt-4o-mini", "tokens": 128000, "endpoints": ["/v1/chat/completions"]},
        {"id": "claude-sonnet", "tokens": 200000, "endpoints": ["/v1/chat/completions"]},
    ]
    server = await stand("openai-chat", {"/models": {"data": listed}})
    await chat.run("connect use", backend="electronhub", url=server.url, model="gpt-4o-mini")
    page = (await chat.answer("connect model list"))["embeds"][0]["description"]
    texts, _title, pictures = page.partition("**Only for making pictures**")
    assert texts.strip().splitlines() == [
        "`gpt-4o-mini` · 128,000 tokens",
        "`claude-sonnet` · 200,000 tokens",
    ]
    assert pictures.strip() == "`paint-xl`"
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: server.replies and "Regenerate" in labels(chat.said()[-1]))
