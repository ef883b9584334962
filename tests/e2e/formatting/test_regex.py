"""Regex scripts: off until somebody allows them, then at work on replies and prompts."""

import asyncio
import json
from typing import Any

from core.regex_scripts.script import new_script
from tests.conformance.standin import Act, StandIn
from tests.e2e.formatting.conftest import Stand, ask, stored
from tests.e2e.tavern.tavern import MIRA, Json, Tavern, labels
from tests.shared import shared_path

CASE = ("cases", "18-regex-scripts")


async def chat_server(chat: Tavern, stand: Stand) -> StandIn:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="m")
    return server


async def bring(chat: Tavern, data: bytes, name: str = "card.json", **who: Any) -> Json:
    return await chat.answer("character import", file=0, files=[(name, data)], **who)


async def meet(chat: Tavern, *scripts: Json, name: str = "Juno", **fields: Any) -> Json:
    """Imports a card with these scripts and starts the chat with it; the import's answer."""
    card = json.loads(json.dumps(MIRA))
    card["data"] |= {"name": name, "extensions": {"regex_scripts": list(scripts)}, **fields}
    answer = await bring(chat, json.dumps(card).encode())
    await chat.run("chat start", character=name)
    return answer


def script(pattern: str, replacement: str = "", name: str = "mine", **values: Any) -> Json:
    made = new_script(scriptName=name, findRegex=pattern, replaceString=replacement, **values)
    return dict(made.document)


def sent(body: Json) -> str:
    return "\n".join(str(one["content"]) for one in body["messages"])


async def allow(chat: Tavern, answer: Json) -> None:
    chat.ann.press(answer, "Allow")
    await chat.until(
        lambda: any(
            "run from the next message" in one["content"] for one in chat.ann.sees(chat.room)
        )
    )


async def test_case_18_a_block_is_hidden_once_the_script_is_allowed(
    chat: Tavern, stand: Stand
) -> None:
    server = await chat_server(chat, stand)
    answer = await bring(chat, shared_path(*CASE, "card.json").read_bytes())
    told = "**Regi** brings 1 regex script: “hide status”. It only runs if you allow it."
    assert told in answer["content"]
    assert [one for one in labels(answer) if one in ("Look", "Allow", "Not now")] == [
        *("Look", "Allow", "Not now")
    ]
    await chat.run("chat start", character="Regi")
    stream = shared_path(*CASE, "stream.sse").read_bytes()
    server.acts += [Act(body=stream, content_type="text/event-stream") for _ in range(2)]
    chat.ann.send(chat.room, "Hello.")
    await chat.reply("Evening.\n<status>HP: 10</status>")
    await allow(chat, answer)
    chat.ann.send(chat.room, "And now?")
    await chat.until(lambda: len(server.replies) == 2)
    # What was stored before is as it was; the script rewrites what is stored from now on.
    assert sent(server.bodies[-1]).count("<status>") == 1
    await chat.reply("Evening.")
    await ask(chat, server, "Aye.", said="Again.")
    assert sent(server.bodies[-1]).count("<status>") == 1
    assert [turn.text for turn in await chat.history()][-3] == "Evening."


async def test_not_now_leaves_them_off(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    answer = await meet(chat, script("/b/g"))
    chat.ann.press(answer, "Not now")
    await ask(chat, server, "abc")
    listed = await chat.answer("format regex list")
    assert "waits until you allow it" in listed["embeds"][0]["description"]


async def test_a_guest_cannot_allow_them(chat: Tavern, stand: Stand) -> None:
    await chat_server(chat, stand)
    card = json.loads(json.dumps(MIRA))
    card["data"] |= {"name": "Guest", "extensions": {"regex_scripts": [script("/b/g")]}}
    answer = await bring(chat, json.dumps(card).encode(), by=chat.ben)
    assert "brings 1 regex script" in answer["content"]
    assert "`/format regex list`" in answer["content"]
    assert "Allow" not in labels(answer)


async def test_a_changed_script_asks_again(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    await allow(chat, await meet(chat, script("/b/g")))
    await ask_for(chat, server, "abc", "ac")
    place = chat.place(chat.room)
    found = await chat.engine.services.characters.find(place, "Juno")
    edited = found.character.edited(extensions={"regex_scripts": [script("/a/g")]})
    await chat.engine.services.storage.characters.change(place.owner, found.id, edited)
    await ask_for(chat, server, "abc", "abc")


async def ask_for(chat: Tavern, server: StandIn, text: str, shown: str) -> Json:
    """The model says one thing, and another one is shown; what was sent."""
    server.says(text)
    count = len(chat.said())
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: len(chat.said()) > count)
    await chat.reply(shown)
    body: Json = server.bodies[-1]
    return body


async def test_display_prompt_and_story_are_three_things(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    shown = script("/screen/g", "SCREEN", "shown", markdownOnly=True)
    prompt = script("/prompt/g", "PROMPT", "prompt", promptOnly=True)
    story = script("/story/g", "{{char}}'s", "story")
    person = script("/tea/g", "coffee", "person", placement=[1])
    await allow(chat, await meet(chat, shown, prompt, story, person))
    await ask_for(chat, server, "screen prompt story", "SCREEN prompt Juno's")
    await stored(chat, 3)
    assert (await chat.history())[-1].text == "screen prompt Juno's"
    server.says("Done.")
    chat.ann.send(chat.room, "More tea with the prompt!")
    await chat.reply("Done.")
    told = sent(server.bodies[-1])
    assert "screen PROMPT Juno's" in told
    assert "More coffee with the prompt!" in told
    # Another version and back: the screen shows what it showed.
    server.says("screen again")
    chat.ann.press(chat.said()[-1], "Regenerate")
    again = await chat.reply("SCREEN again")
    chat.ann.press(again, "◀")
    back = await chat.reply("Done.")
    chat.ann.press(back, "▶")
    await chat.reply("SCREEN again")


async def test_depths_count_from_the_newest(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    old = script("/<mood>.*?<\\/mood>/g", "", "old moods", promptOnly=True, minDepth=2)
    await allow(chat, await meet(chat, old))
    await ask(chat, server, "One. <mood>a</mood>", said="1")
    await ask(chat, server, "Two. <mood>b</mood>", said="2")
    body = await ask(chat, server, "Three.", said="3")
    told = sent(body)
    assert "One." in told
    assert "<mood>a</mood>" not in told
    assert "Two. <mood>b</mood>" in told


async def test_a_stream_does_not_show_what_will_be_hidden(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    await allow(chat, await meet(chat, script("/<status>[\\s\\S]*?<\\/status>/g")))
    pieces = ["Evening. <sta", "tus>HP", ": 10</sta", "tus>Sit."]
    server.acts.append(Act(pieces=pieces, wait_after=3))
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.texts()[-1:] == ["Evening."])
    seen = {chat.texts()[-1]}
    server.go_on.set()
    async with asyncio.timeout(10):
        while not chat.is_idle():
            seen.add(chat.texts()[-1])
            await asyncio.sleep(0.01)
    await chat.reply("Evening. Sit.")
    assert not any("status" in text or "HP" in text for text in seen)


async def test_a_catastrophe_costs_only_itself(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    evil = script("/(?:a|aa)+$/g", "", "evil")
    await allow(chat, await meet(chat, evil, script("/!/g", "?", "good")))
    text = "a" * 60 + "!"
    server.says(text)
    chat.ann.send(chat.room, "Hello!")
    small = "-# The regex script “evil” took too long and was stopped. See `/format regex list`."
    await chat.reply(f"{text[:-1]}?\n{small}")
    listed = await chat.answer("format regex list")
    assert "takes too long" in listed["embeds"][0]["description"]


async def test_a_script_may_not_swallow_a_reply_in_silence(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    answer = await meet(chat, script("/^X[\\s\\S]*/", "", "all"))
    await allow(chat, answer)
    server.says("X is gone.")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: any("took everything out" in text for text in chat.texts()))


async def test_the_servers_own_scripts(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    await chat.run("chat start", character="Mira")
    values = {"scriptName": "loud", "findRegex": "/quiet/g", "replaceString": "LOUD"}
    told = await chat.form("format regex add", values | {"trimStrings": ""}, where="server")
    assert told.startswith("**loud** runs from now on.")
    await ask_for(chat, server, "so quiet", "so LOUD")
    tried = await chat.answer("format regex test", text="a quiet night")
    assert "**loud**: `a LOUD night`" in tried["embeds"][0]["description"]
    changed = values | {"replaceString": "low", "trimStrings": "*\n"}
    assert "Saved **loud**." in await chat.form("format regex edit", changed, script="loud")
    await ask_for(chat, server, "too quiet", "too low")
    assert await chat.run("format regex toggle", script="loud") == "**loud** is off."
    await ask_for(chat, server, "now quiet", "now quiet")
    exported = await chat.answer("format regex export", script="loud")
    document = json.loads(chat.file(exported["attachments"][0]))
    assert (document["replaceString"], document["trimStrings"]) == ("low", ["*"])
    assert document["disabled"] is True


async def test_a_script_file_is_off_until_allowed(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    await chat.run("chat start", character="Mira")
    data = shared_path(*CASE, "script.json").read_bytes()
    answer = await chat.answer("format regex import", file=0, files=[("script.json", data)])
    assert "**script.json** brings 1 regex script: “strip”." in answer["content"]
    await ask_for(chat, server, "a<x>b</x>", "a<x>b</x>")
    await allow(chat, answer)
    await ask_for(chat, server, "c<x>d</x>", "c")
    exported = await chat.answer("format regex export", script="strip")
    assert json.loads(chat.file(exported["attachments"][0])) == json.loads(data)


async def test_a_file_with_a_faulty_script_is_taken_whole(chat: Tavern, stand: Stand) -> None:
    await chat_server(chat, stand)
    both = json.dumps([script("/(/g", "", "broken"), script("/b/g", "", "whole")]).encode()
    answer = await chat.answer("format regex import", file=0, files=[("two.json", both)])
    assert "brings 2 regex scripts: “broken”, “whole”" in answer["content"]
    listed = (await chat.answer("format regex list"))["embeds"][0]["description"]
    assert "**broken** · this channel · its pattern can't be used" in listed
    exported = await chat.answer("format regex export")
    assert chat.file(exported["attachments"][0]) == json.dumps(json.loads(both), indent=4).encode()
    refused = await chat.run("format regex import", file=0, files=[("none.json", b"[1, 2]")])
    assert refused.startswith("“none.json” can't be read as regex scripts.")


async def test_a_presets_scripts_run_where_it_is_used(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    await chat.run("chat start", character="Mira")
    preset = {
        "temperature": 0.7,
        "prompts": [{"identifier": "main", "content": "Be {{char}}.", "role": "system"}],
        "prompt_order": [],
        "extensions": {"regex_scripts": [script("/b/g", "", "of the preset")]},
    }
    files = [("Prose.json", json.dumps(preset).encode())]
    answer = await chat.answer("format preset import", file=0, files=files)
    assert "**Prose** brings 1 regex script: “of the preset”." in answer["content"]
    await ask_for(chat, server, "abc", "abc")
    await allow(chat, answer)
    await ask_for(chat, server, "abcd", "acd")
    assert "**of the preset** is off." in await chat.run(
        "format regex toggle", script="of the preset"
    )
    await ask_for(chat, server, "abcde", "abcde")


async def test_html_is_shown_as_discord_can(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    await chat.run("chat start", character="Mira")
    html = '<font color="#fc0">*She smiles.*</font><br><b>Well?</b> I <3 you, <Ann>.'
    await ask_for(chat, server, html, "*She smiles.*\n**Well?** I <3 you, <Ann>.")
    await stored(chat, 3)
    assert (await chat.history())[-1].text == html


async def test_html_can_be_left_alone(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    await chat.run("server set", option="format.convert_html", value="off")
    await ask_for(chat, server, "<b>Well?</b>", "<b>Well?</b>")


async def test_edits_of_people(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    once = script("/tea/g", "coffee", "once", placement=[1], runOnEdit=False)
    always = script("/milk/g", "cream", "always", placement=[1])
    await allow(chat, await meet(chat, once, always))
    server.says("Aye.")
    mine = chat.ann.send(chat.room, "tea and milk")
    await chat.reply("Aye.")
    assert (await chat.history())[-2].text == "coffee and cream"
    chat.ann.edit(mine, "more tea and milk")
    await chat.heard("more tea and cream")


async def test_variables_of_scripts_are_kept_with_the_reply(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    mood = script("/\\[mood: (.*?)\\]/g", "{{setvar::mood::$1}}", "mood")
    fields = {"description": "{{char}} feels {{getvar::mood}}."}
    await allow(chat, await meet(chat, mood, **fields))
    await ask_for(chat, server, "Hm. [mood: {{user}} :: glad]", "Hm.")
    await stored(chat, 3)
    body = await ask_for(chat, server, "Well.", "Well.")
    # What the model wrote works as a macro nowhere: a break between its braces makes it text.
    assert "Juno feels {\u200b{user}} :: glad." in sent(body)


async def test_greetings_and_what_goes_on(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    card = json.loads(json.dumps(MIRA))
    scripts = [script("/looks up/g", "looks down"), script("/one two/g", "three", "both")]
    card["data"] |= {"name": "Juno", "extensions": {"regex_scripts": scripts}}
    await allow(chat, await bring(chat, json.dumps(card).encode()))
    await chat.run("chat clear")
    await chat.run("chat start", character="Juno")
    await chat.reply("*Juno looks down.* Well met, Ann.")
    shown = await ask_for_message(chat, server, "one")
    server.says(" two")
    chat.ann.press(shown, "Continue")
    # The whole text goes through the scripts, the words from before too.
    await chat.reply("three")


async def ask_for_message(chat: Tavern, server: StandIn, text: str) -> Json:
    server.says(text)
    chat.ann.send(chat.room, "Hello!")
    return await chat.reply(text)


async def test_thoughts_have_scripts_of_their_own(chat: Tavern, stand: Stand) -> None:
    server = await chat_server(chat, stand)
    secret = script("/secret/g", "…", "secret", placement=[6])
    await allow(chat, await meet(chat, secret))
    await ask_for(chat, server, "<think>a secret</think>No secret.", "No secret.")
    await stored(chat, 3)
    message = (await chat.history())[-1]
    assert message.swipes[message.active].reasoning == "a …"
