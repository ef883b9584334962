"""`/format preset`: what a file asks for holds in the scope chosen, and is told and taken back."""

import json
from typing import Any

from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import KOBOLDCPP
from tests.e2e.formatting.conftest import Stand, ask
from tests.e2e.tavern.tavern import Json, Tavern
from tests.shared import shared_path


async def bring(
    chat: Tavern, document: object, name: str = "mine.json", command: str = "", **options: Any
) -> Json:
    """Imports a document as a file; the answer."""
    files = [(name, json.dumps(document).encode())]
    return await chat.answer("format preset import", file=0, files=files, **options)


async def back(chat: Tavern, name: str | None = None) -> Any:
    """The file that an export gives."""
    options: dict[str, Any] = {} if name is None else {"name": name}
    answer = await chat.answer("format preset export", **options)
    (attachment,) = answer["attachments"]
    return json.loads(chat.file(attachment))


async def heard(chat: Tavern, text: str) -> None:
    """Waits for a private answer."""
    await chat.until(lambda: any(text in one["content"] for one in chat.ann.sees(chat.room)))


async def chat_server(chat: Tavern, stand: Stand) -> StandIn:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="m")
    return server


CHAT: Json = {
    "temperature": 0.8,
    "top_p": 0.9,
    "frequency_penalty": 0.3,
    "presence_penalty": 0.2,
    "openai_max_context": 200_000,
    "openai_max_tokens": 900,
    "seed": 7,
    "squash_system_messages": False,
    "prompts": [
        {"identifier": "main", "name": "Main", "role": "system", "content": "Be {{char}}."},
        {"identifier": "charDescription", "marker": True},
        {"identifier": "chatHistory", "marker": True},
    ],
    "prompt_order": [
        {
            "character_id": 100001,
            "order": [
                {"identifier": "main", "enabled": True},
                {"identifier": "charDescription", "enabled": True},
                {"identifier": "chatHistory", "enabled": True},
            ],
        }
    ],
}


async def test_case_04_everything_in_a_preset_holds_and_is_told(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    data = shared_path("cases", "04-preset-import-drops-samplers", "preset.json").read_bytes()
    files = [("preset.json", data)]
    told = (await chat.answer("format preset import", file=0, files=files))["content"]
    assert told.startswith("**preset** is now used in this channel:")
    assert "Prompt list: 3 prompts, 3 of them on" in told
    assert "`temperature` 0.8, `top_p` 0.9" in told
    assert "Longest reply: 900 tokens" in told
    assert "Context: 200,000 tokens wanted, 8,192 used" in told
    assert "Not taken" not in told
    body = await ask(chat, server, "Aye.")
    sent = {key: body[key] for key in ("temperature", "top_p", "max_tokens", "seed")}
    assert sent == {"temperature": 0.8, "top_p": 0.9, "max_tokens": 900, "seed": 7}
    assert (body["frequency_penalty"], body["presence_penalty"]) == (0.3, 0.2)
    assert body["messages"][0]["content"].startswith("Write Mira's next reply.")
    assert await back(chat, "preset") == json.loads(data)
    assert await back(chat) == json.loads(data)


async def test_a_reply_longer_than_half_the_context_is_told_wherever_it_is_set(
    chat: Tavern, stand: Stand
) -> None:
    server = await chat_server(chat, stand)
    told = "Longest reply: {} tokens; with a context of 512 at most 256 are used."
    said = await chat.run("connect context", size=512, reply=400)
    assert said == f"Context: 512 tokens, 256 of them for the reply\n-# {told.format(400)}"
    lines = (await chat.run("server why", option="reply_length")).splitlines()
    assert lines[0] == "`reply_length` is **400** here."
    assert f"-# {told.format(400)}" in lines
    said = await chat.run("server set", option="reply_length", value="500", where="channel")
    assert said.splitlines()[-1] == f"-# {told.format(500)}"
    said = await chat.run("connect context", size=512, reply=600)
    assert told.format(600) in said
    preset = CHAT | {"openai_max_context": 512, "openai_max_tokens": 4000}
    assert f"- {told.format('4,000')}" in (await bring(chat, preset))["content"]
    assert (await ask(chat, server, "Aye."))["max_tokens"] == 256
    said = await chat.run("connect context", size=512, reply=256)
    assert said == "Context: 512 tokens, 256 of them for the reply"
    assert "Longest reply" not in await chat.run("server why", option="reply_length")


async def test_prompts_without_an_order_are_told_as_they_are_sent(
    chat: Tavern, stand: Stand
) -> None:
    server = await chat_server(chat, stand)
    main = {"identifier": "main", "content": "Be brief.", "system_prompt": True}
    own = {"identifier": "own", "content": "Never sent.", "system_prompt": False}
    told = (await bring(chat, {"prompts": [main], "temperature": 0.5}))["content"]
    assert "Prompt list: 1 prompt, 1 on" in told
    told = (await bring(chat, {"prompts": [main, own], "prompt_order": []}))["content"]
    assert "Prompt list: 2 prompts, 1 of them on" in told
    sent = json.dumps((await ask(chat, server, "Aye."))["messages"])
    assert ("Be brief." in sent, "Never sent." in sent) == (True, False)


async def test_the_context_wished_goes_as_far_as_the_model_is_known_to_go(
    chat: Tavern, stand: Stand
) -> None:
    models = {"/v1/models": {"data": [{"id": "m", "context_length": 32_768}]}}
    server = await stand("openai-chat", models)
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="m")
    told = (await bring(chat, CHAT))["content"]
    assert "Context: 200,000 tokens wanted, 32,768 used" in told
    assert "Context: 32,768 tokens, 900 of them for the reply" in await chat.run("connect context")
    told = (await bring(chat, CHAT | {"openai_max_context": 20_000}))["content"]
    assert "Context: 20,000 tokens" in told
    # A size that is set by hand afterwards wins, and 0 leaves it to the model again.
    told = await chat.run("connect context", size=10_000)
    assert "10,000 tokens" in told
    assert "16,384 tokens" in await chat.run("connect context", size=0)


async def test_a_preset_is_taken_back_to_what_held_before(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    await chat.run("connect sampler set", name="temperature", value="0.5")
    await chat.run("connect sampler set", name="min_p", value="0.1")
    await chat.run("connect context", size=6000, reply=111)
    before = await ask(chat, server, "One.")
    answer = await bring(chat, CHAT)
    assert "In place of what was set by hand: `temperature`" in answer["content"]
    during = await ask(chat, server, "Two.")
    assert (during["temperature"], during["max_tokens"]) == (0.8, 900)
    await chat.ann.press(answer, "Take back").acknowledged()
    await heard(chat, "Taken back: **mine**")
    after = await ask(chat, server, "Three.")
    keys = {"temperature", "max_tokens", "top_p", "seed", "frequency_penalty"}
    assert {key: after.get(key) for key in keys} == {key: before.get(key) for key in keys}
    assert "Context: 6,000 tokens" in await chat.run("connect context")
    # The file's own document went with it.
    assert "no preset" in (await chat.run("format preset use", name="mine")).lower()


async def test_uses_are_taken_back_one_by_one_newest_first(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    first = await bring(chat, {"temperature": 0.3, "top_p": 0.5}, "one.json")
    await bring(chat, {"temperature": 0.6, "top_p": 0.7}, "two.json")
    assert (await ask(chat, server, "Two."))["temperature"] == 0.6
    # An older button does not pull something out from under a newer preset.
    await chat.ann.press(first, "Take back").acknowledged()
    await chat.until(
        lambda: any(
            "another preset is in use" in one["content"] for one in chat.ann.sees(chat.room)
        )
    )
    assert (await ask(chat, server, "Still."))["temperature"] == 0.6
    assert await chat.run("format preset use", name="-") == (
        "Taken back: **two**. What held before it holds again."
    )
    assert (await ask(chat, server, "One."))["temperature"] == 0.3
    assert "Taken back: **one**" in await chat.run("format preset use", name="-")
    assert (await ask(chat, server, "None."))["temperature"] == 1.0
    assert "No preset was used there" in await chat.run("format preset use", name="-")


async def test_a_preset_for_the_server_holds_in_its_channels(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    await chat.run("connect sampler set", name="top_p", value="0.4")
    told = (await bring(chat, CHAT, use="server"))["content"]
    assert told.startswith("**mine** is now used in this server:")
    assert "Set otherwise for this place, so not as in the preset here: `top_p`" in told
    body = await ask(chat, server, "Aye.")
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.8, 0.4, 900)
    assert "No preset was used there" in await chat.run("format preset use", name="-")
    told = await chat.run("format preset use", name="-", where="server")
    assert "Taken back: **mine**" in told
    assert (await ask(chat, server, "Nay."))["temperature"] == 1.0


async def test_a_preset_that_is_only_kept_changes_nothing(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    told = (await bring(chat, CHAT, use="nowhere"))["content"]
    assert told.startswith("Added **mine**. `/format preset use` puts it to use.")
    assert (await ask(chat, server, "Nay."))["temperature"] == 1.0
    told = await chat.run("format preset use", name="MINE")
    assert told.startswith("**mine** is now used in this channel:")
    assert (await ask(chat, server, "Aye."))["temperature"] == 0.8
    offered = await chat.ann.autocomplete(chat.room, "format preset use", "name", name="min")
    assert {"name": "mine · prompt list, sampler preset", "value": "mine"} in offered


async def test_what_is_not_taken_is_named_with_the_reason(chat: Tavern, stand: Stand) -> None:
    await chat_server(chat, stand)
    odd = {
        "openai_model": "gpt-x",
        "reverse_proxy": "https://example.test",
        "proxy_password": "hunter2",
        "function_calling": True,
        "wizardry": 3,
        "top_k": "many",
        "temperature": "11",
        "extensions": {"regex_scripts": [{"scriptName": "Trim"}], "dice": {"sides": 6}},
    }
    told = (await bring(chat, CHAT | odd))["content"]
    assert "`/connect use` sets those: `openai_model`" in told
    assert "Values that can't be: `top_k`" in told
    assert "`function_calling`, `wizardry`" in told
    assert "`extensions.dice`" in told
    assert "`temperature` was 11; 10 is as far as it goes." in told
    assert "brings 1 regex script: “Trim”. It only runs if you allow it." in told
    assert "hunter2" not in told
    kept = await back(chat, "mine")
    assert kept == CHAT | odd | {"reverse_proxy": "", "proxy_password": ""}


async def test_a_sampler_preset_for_text_sets_lengths_and_order(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    preset = {
        "temp": "1.25", "rep_pen": 1.07, "rep_pen_range": 512, "presence_pen": 0.1, "nsigma": 1.5,
        "sampler_order": [6, 0, 1, 3, 4, 2, 5], "genamt": 222, "max_length": 3000,
        "max_tokens_second": 0, "mirostat_mode": 0, "custom_stopping_strings": '["###"]',
    }  # fmt: skip
    told = (await bring(chat, preset))["content"]
    assert "Longest reply: 222 tokens" in told
    assert "Context: 3,000 tokens" in told
    assert "1 stop string" in told
    body = await ask(chat, server, "Aye.")
    assert body["temperature"] == 1.25
    assert (body["rep_pen"], body["rep_pen_range"], body["nsigma"]) == (1.07, 512, 1.5)
    assert body["sampler_order"] == [6, 0, 1, 3, 4, 2, 5]
    assert (body["max_length"], body["max_context_length"]) == (222, 3000)
    assert "###" in body["stop_sequence"]
    assert await back(chat, "mine") == preset


async def test_all_templates_in_one_file(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    everything: Json = {
        "instruct": {
            "name": "Bars", "input_sequence": "|u|", "output_sequence": "|a|",
            "stop_sequence": "|end|", "mine": 1,
        },
        "context": {
            "name": "Bars", "story_string": "STORY {{system}} {{description}}",
            "single_line": False, "trim_sentences": True,
        },
        "sysprompt": {"name": "Bars", "content": "Speak in bars."},
        "preset": {"name": "Bars", "temp": 0.66, "top_p": 0.77, "genamt": 123},
        "reasoning": {"name": "Bars", "prefix": "[[", "suffix": "]]", "separator": ""},
        "srw": {"value": "Well,", "show": True},
    }  # fmt: skip
    told = (await bring(chat, everything, "all.json"))["content"]
    for line in (
        "Instruct template: Bars", "Context template: Bars", "System prompt: Bars",
        "Thinking tags: Bars", "Longest reply: 123 tokens", "Replies start with “Well,”",
        "Cut off unfinished sentences: on", "`temperature` 0.66",
    ):  # fmt: skip
        assert line in told, told
    server.acts.append(Act(pieces=["[[hm]]aye. And then"]))
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: server.replies)
    body = server.replies[-1].body
    assert body["temperature"] == 0.66
    assert body["prompt"].startswith("STORY Speak in bars. Mira keeps the Silver Tankard.")
    assert "|u|" in body["prompt"]
    assert body["prompt"].endswith("Well,\n")
    given = await back(chat, "Bars")
    assert given == {key: value for key, value in everything.items() if key != "srw"}
    used = await back(chat)
    assert used["srw"] == everything["srw"]
    assert used["preset"] | {"name": "Bars"} == everything["preset"]
    assert used["instruct"] == everything["instruct"]
    assert "Taken back: **Bars**" in await chat.run("format preset use", name="-")


async def test_values_that_are_not_at_home_in_a_kind_hold_there_too(
    chat: Tavern, stand: Stand
) -> None:
    """Samplers alone, as many makers write them, on a chat backend."""
    server = await chat_server(chat, stand)
    told = (await bring(chat, {"temperature": "0.7", "topP": 0.95, "maxTokens": 321}))["content"]
    assert "Longest reply: 321 tokens" in told
    body = await ask(chat, server, "Aye.")
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.7, 0.95, 321)


async def test_a_chat_presets_samplers_hold_in_text_completion_too(
    chat: Tavern, stand: Stand
) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    told = (await bring(chat, CHAT))["content"]
    assert "KoboldCpp gets text completion here, where a prompt list has no effect." in told
    assert "Context: 200,000 tokens wanted, 4,096 used" in told
    body = await ask(chat, server, "Aye.")
    assert (body["temperature"], body["top_p"], body["presence_penalty"]) == (0.8, 0.9, 0.2)
    assert (body["sampler_seed"], body["max_length"]) == (7, 900)
    assert body["max_context_length"] == 4096
    assert await back(chat, "mine") == CHAT


async def test_a_changed_value_is_in_the_export_of_what_is_in_use(
    chat: Tavern, stand: Stand
) -> None:
    await chat_server(chat, stand)
    await bring(chat, CHAT)
    await chat.run("connect sampler set", name="temperature", value="0.42")
    await chat.run("connect context", reply=77)
    assert await back(chat) == CHAT | {"temperature": 0.42, "openai_max_tokens": 77}
    assert await back(chat, "mine") == CHAT


async def test_every_text_of_a_prompt_list_is_in_the_request(chat: Tavern, stand: Stand) -> None:
    """Formats, headings, names and the joining of system messages, each as the file has it."""
    server = await chat_server(chat, stand)
    order = ("main", "charPersonality", "scenario", "worldInfoBefore", "dialogueExamples", "own")
    named = [*order, "chatHistory"]
    preset = {
        "prompts": [
            {"identifier": "main", "role": "system", "content": "Be {{char}}."},
            {"identifier": "own", "name": "Mine", "role": "user", "content": "OWN for {{user}}"},
            *({"identifier": one, "marker": True} for one in named if one not in ("main", "own")),
        ],
        "prompt_order": [
            {
                "character_id": "100001",
                "order": [{"identifier": one, "enabled": one != "own"} for one in named],
            }
        ],
        "wi_format": "<lore>{0}</lore>",
        "scenario_format": "SCENE: {{scenario}}",
        "personality_format": "WHO: {{personality}}",
        "new_chat_prompt": "CHAT BEGINS",
        "new_example_chat_prompt": "EXAMPLE BEGINS",
        "names_behavior": "2",
        "squash_system_messages": True,
    }
    book = {"entries": {"0": {"uid": 0, "key": ["hello"], "content": "The sea.", "position": 0}}}
    files = [("sea.json", json.dumps(book).encode())]
    await chat.answer("lorebook import", file=0, files=files)
    told = (await bring(chat, preset))["content"]
    assert "Prompt list: 7 prompts, 6 of them on" in told
    messages = (await ask(chat, server, "Aye."))["messages"]
    texts = [one["content"] for one in messages]
    assert texts[0].startswith(
        "Be Mira.\nWHO: dry, patient\nSCENE: A rainy evening.\n<lore>The sea.</lore>"
    )
    assert "EXAMPLE BEGINS" in "".join(texts)
    assert "CHAT BEGINS" in texts
    assert {"role": "user", "content": "Ann: Hello!"} in messages
    assert "Mira: *Mira looks up.* Well met, Ann." in texts
    assert "OWN" not in "".join(texts)
    preset["prompt_order"][0]["order"][-2]["enabled"] = True  # type: ignore[index]
    assert "7 of them on" in (await bring(chat, preset))["content"]
    messages = (await ask(chat, server, "Nay."))["messages"]
    assert {"role": "user", "content": "OWN for Ann"} in messages
