"""Concepts and prompt building."""

import io
import json
import logging

from bot.log import configure
from core.settings import LogSettings
from tests.e2e.formatting.conftest import page, prompt_of
from tests.e2e.tavern.tavern import Tavern
from tests.mission.conftest import (
    GREETING,
    KEY,
    LORE,
    Connect,
    bring,
    reconfigured,
    row_of,
    talk,
)
from tests.mission.servers import CLOUD, LOCAL

INSTRUCT = """
Adventure;Alpaca;Alpaca-Single-Turn;ChatML;ChatML-Names;Command R;DeepSeek-V2.5;Dots1;GLM-4;Gemma 2;
Gemma 4;Koala;KoboldAI;Libra-32B;Lightning 1.1;Llama 2 Chat;Llama 3 Instruct;Llama 4 Instruct;
Llama-3-Instruct-Names;Metharme;Mistral V1;Mistral V2 & V3;Mistral V3-Tekken;Mistral V7;
Mistral V7-Tekken;Moonshot AI;OpenAI Harmony;OpenAI Harmony (Thinking);OpenOrca-OpenChat;Phi;Story;
Synthia;Tulu;Vicuna 1.0;Vicuna 1.1;WizardLM;WizardLM-13B;simple-proxy-for-tavern
"""
CONTEXT = """
Adventure;Alpaca;Alpaca-Single-Turn;ChatML;ChatML-Names;Command R;DeepSeek-V2.5;Default;Dots1;GLM-4;
Gemma 2;Gemma 4;Libra-32B;Lightning 1.1;Llama 2 Chat;Llama 3 Instruct;Llama 4 Instruct;
Llama-3-Instruct-Names;Metharme;Minimalist;Mistral V1;Mistral V2 & V3;Mistral V3-Tekken;Mistral V7;
Mistral V7-Tekken;Moonshot AI;NovelAI;OldDefault;OpenAI Harmony;Phi;Story;Synthia;Tulu;
simple-proxy-for-tavern
"""


def lacking(chat: Tavern, backend: str) -> set[str]:
    """What a backend still needs when nothing but its name is given."""
    row = row_of(chat, backend)
    needs = {
        "address": not row.endpoint.url,
        "key": row.key.need == "required",
        "model": row.models.required and not row.models.known and not row.local,
    }
    return {name for name, is_needed in needs.items() if is_needed}


def names(listed: str) -> list[str]:
    return [name.strip() for name in listed.replace("\n", "").split(";")]


async def test_a1_every_backend_is_offered_and_says_what_it_needs(chat: Tavern) -> None:
    for backend in (*LOCAL, *CLOUD, "openai-compatible"):
        offered = await chat.ann.autocomplete(chat.room, "connect use", "backend", backend=backend)
        assert backend in [choice["value"] for choice in offered]
        if backend == "vertex":
            form = await chat.ann.command(chat.room, "connect use", backend=backend).modal()
            assert "Service account" in json.dumps(form)
            continue
        # Discord's stand-in gives up on a command that is not answered within three seconds.
        told = await chat.run("connect use", backend=backend)
        needs = [line for line in told.splitlines() if line.startswith("⚠")]
        for name in lacking(chat, backend):
            assert any(name in line for line in needs), (backend, name, told)


async def test_a2_the_kind_is_a_property_of_the_request(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldcpp", kind="text")
    text = await talk(chat, server, "Aye.", said="Who keeps the lamp?")
    await chat.run("connect use", backend="koboldcpp", url=server.url, kind="chat")
    body = await talk(chat, server, "Nay.", said="And the door?")
    assert isinstance(text["prompt"], str)
    assert "messages" not in text
    assert "prompt" not in body
    told = [one["content"] for one in body["messages"]]
    for line in (GREETING, "Who keeps the lamp?"):
        assert line in text["prompt"]
        assert any(line in content for content in told)
    assert any("Aye." in content for content in told)


async def test_a3_a_kind_that_a_backend_lacks_is_refused(chat: Tavern, connect: Connect) -> None:
    await connect("novelai", model="kayra-v1")
    assert "Service: NovelAI (text completion)" in await chat.run("connect show")
    await connect("koboldai")
    shown = await chat.run("connect show")
    assert "Service: KoboldAI Classic (text completion)" in shown
    await chat.run("connect use", backend="horde")
    assert "Service: AI Horde (text completion)" in await chat.run("connect show")
    for backend in ("koboldai", "horde"):
        assert "it takes `text`" in await chat.run("connect use", backend=backend, kind="chat")
    assert "it takes `chat`" in await chat.run("connect use", backend="anthropic", kind="text")
    assert "Service: AI Horde (text completion)" in await chat.run("connect show")


async def test_a4_each_part_of_the_prompt_has_its_label(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldcpp")
    await bring(chat, "lorebook import", LORE)
    await chat.run("chat note", text="Keep it short.")
    await talk(chat, server, "Hm.", said="One.")
    body = await talk(chat, server, "It comes.", said="What of the storm?")
    parts = (await chat.answer("chat prompt"))["embeds"][0]["description"]
    for label in ("**Card**", "**Lore**", "**Note**", "**History**"):
        assert label in parts, parts
    for text in ("keeps the Silver Tankard", "Storms drown.", "Keep it short.", "One.", "Hm."):
        assert text in body["prompt"]


async def test_a5_the_kind_alone_decides_how_the_prompt_is_built(
    chat: Tavern, connect: Connect
) -> None:
    server = await connect("koboldcpp", kind="text")
    before = await chat.run("connect show")
    assert (await prompt_of(chat)).endswith("\n### Response:\n")
    assert isinstance((await talk(chat, server, "One."))["prompt"], str)
    await chat.run("connect use", backend="koboldcpp", url=server.url, kind="chat")
    after = await chat.run("connect show")
    # What stands below the tokenizer's name says how that tokenizer counts.
    told, now = (shown.partition("Tokenizer: ")[0].splitlines() for shown in (before, after))
    assert set(told) ^ set(now) == {
        "Service: KoboldCpp (text completion)",
        "Service: KoboldCpp (chat completion)",
    }
    assert "messages" in json.loads(await prompt_of(chat))
    assert "messages" in await talk(chat, server, "Two.")


async def test_a6_the_terminal_shows_exactly_what_is_sent(chat: Tavern, connect: Connect) -> None:
    await reconfigured(chat, log=LogSettings(prompts=True))
    terminal, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    configure(chat.settings.log, stream=terminal)
    try:
        for backend, options in (
            ("koboldcpp", {"kind": "text"}),
            ("openai", {"model": "gpt-4o"}),
            ("anthropic", {"model": "claude-sonnet-4-5"}),
        ):
            server = await connect(backend, **options)
            message = await chat.answer("chat prompt", text="Who is there?")
            file = next(one for one in message["attachments"] if one["filename"] == "request.json")
            promised = chat.file(file).decode()
            await talk(chat, server, f"I, {backend}.", said="Who is there?")
            assert server.replies[-1].raw == promised
            assert promised in terminal.getvalue()
        assert KEY not in terminal.getvalue()
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])


async def test_a7_chat_kind_is_a_list_of_roles(chat: Tavern, connect: Connect) -> None:
    server = await connect("openai", model="gpt-4o")
    await talk(chat, server, "First answer.", said="First question.")
    body = await talk(chat, server, "Second answer.", said="Second question.")
    turns = [GREETING, "First question.", "First answer.", "Second question."]
    sent = [(one["role"], one["content"]) for one in body["messages"]]
    roles = [role for role, content in sent if content in turns]
    assert [content for _, content in sent if content in turns] == turns
    assert roles == ["assistant", "user", "assistant", "user"]
    assert {role for role, content in sent if content not in turns} == {"system"}
    assert "Second answer." in await prompt_of(chat)


async def test_a8_text_kind_is_one_string(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldcpp", kind="text")
    marks = ("<|", "###", "[INST]", "USER:", "ASSISTANT:")
    await chat.run("format template use", instruct="off")
    body = await talk(chat, server, "Aye.")
    assert isinstance(body["prompt"], str)
    assert [mark for mark in marks if mark in body["prompt"]] == []
    await chat.run("format template use", instruct="ChatML")
    body = await talk(chat, server, "Nay.")
    left = body["prompt"].replace("<|im_start|>", "").replace("<|im_end|>", "")
    assert left != body["prompt"]
    assert [mark for mark in marks if mark in left] == []


async def test_a9_a_continuation_is_shown_as_the_characters_message(
    chat: Tavern, connect: Connect
) -> None:
    server = await connect("koboldcpp", kind="text")
    await chat.run("format template use", instruct="off")
    body = await talk(chat, server, " Hello", said="Good evening.")
    assert body["prompt"].endswith(f"\nMira: {GREETING}\nAnn: Good evening.\nMira:")
    shown = chat.said()[-1]
    assert (shown["author"]["username"], shown["content"]) == ("Mira", "Hello")


async def test_a10_a_plain_continuation_posts_only_itself(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldcpp", kind="text")
    server.says(" east, and sets in the west.")
    await chat.done(chat.ann.command(chat.room, "chat continue", text="The Sun rises in the"))
    assert server.bodies[-1]["prompt"] == "The Sun rises in the"
    assert chat.texts() == [GREETING, "east, and sets in the west."]


async def test_a11_templates_of_all_families_are_offered(chat: Tavern, connect: Connect) -> None:
    line = "format template use"
    for option, wanted in (("instruct", names(INSTRUCT)), ("context", names(CONTEXT))):
        for name in wanted:
            found = await chat.ann.autocomplete(chat.room, line, option, **{option: name})
            assert name in [choice["value"] for choice in found]
    assert (len(names(INSTRUCT)), len(names(CONTEXT))) == (38, 34)
    server = await connect("koboldcpp", kind="text")
    await chat.run(line, instruct="ChatML")
    body = await talk(chat, server, "Aye.")
    assert "<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant" in body["prompt"]


async def test_a12_one_page_holds_all_of_the_formatting(chat: Tavern, connect: Connect) -> None:
    await connect("koboldcpp", kind="text")
    assert {
        "Context template",
        "Instruct template",
        "System prompt",
        "Tokenizer",
        "Token padding",
        "Stop strings",
        "Batches (Multigen)",
    } <= set(await page(chat))
