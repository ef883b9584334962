"""What a preset puts into the model's mouth: sent where a model goes on from it, never shown."""

import json
from typing import Any

from tests.conformance.standin import Act, StandIn
from tests.e2e.formatting.conftest import Stand, ask
from tests.e2e.formatting.test_presets import CHAT, bring
from tests.e2e.tavern.tavern import Tavern

GREETING = "*Mira looks up.* Well met, Ann."


async def claude(chat: Tavern, stand: Stand, model: str = "claude-3-haiku") -> StandIn:
    server = await stand("anthropic")
    await chat.run("connect use", backend="anthropic", url=server.url, model=model)
    return server


def last(body: dict[str, Any]) -> tuple[str, str]:
    message = body["messages"][-1]
    content = message["content"]
    text = content if isinstance(content, str) else "".join(part["text"] for part in content)
    return message["role"], text


async def test_a_prefill_is_sent_and_not_shown(chat: Tavern, stand: Stand) -> None:
    server = await claude(chat, stand)
    told = (await bring(chat, CHAT | {"assistant_prefill": "As {{char}} I answer:"}))["content"]
    assert "assistant_prefill" not in told
    body = await ask(chat, server, "Come in.")
    assert last(body) == ("assistant", "As Mira I answer:")
    assert (await chat.lines())[-1] == ("Mira", "Come in.")
    # A start of the reply that was set by hand takes its place, and is shown.
    await chat.run("connect reply-start", text="*nods*")
    server.acts.append(Act(pieces=[" Sit."]))
    chat.ann.send(chat.room, "Thanks!")
    await chat.reply("*nods* Sit.")
    assert last(server.replies[-1].body) == ("assistant", "*nods*")


async def test_a_person_is_written_with_a_prefill_of_its_own(chat: Tavern, stand: Stand) -> None:
    server = await claude(chat, stand)
    preset = CHAT | {"assistant_prefill": "Aye:", "assistant_impersonation": "As {{user}} I say:"}
    await bring(chat, preset)
    body = await ask(chat, server, "One.")
    assert last(body) == ("assistant", "Aye:")


async def test_a_server_that_always_begins_anew_is_not_sent_it(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openai", url=server.url, model="gpt-4o")
    told = (await bring(chat, CHAT | {"assistant_prefill": "As {{char}} I answer:"}))["content"]
    assert "OpenAI doesn't go on from a started answer, so `assistant_prefill` isn't sent." in told
    body = await ask(chat, server, "Come in.")
    assert "I answer" not in json.dumps(body)
    assert [one["role"] for one in body["messages"]].count("assistant") == 1


async def test_a_model_that_refuses_a_prefill_is_asked_without_it(
    chat: Tavern, stand: Stand
) -> None:
    server = await claude(chat, stand)
    await bring(chat, CHAT | {"assistant_prefill": "As {{char}} I answer:"})
    refusal = "This model does not support assistant message prefill."
    server.acts.append(Act(status=400, message=refusal))
    server.acts.append(Act(pieces=["Come in."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Come in.")
    first, second = (one.body for one in server.replies[-2:])
    assert last(first) == ("assistant", "As Mira I answer:")
    assert last(second)[0] == "user"
    assert "I answer" not in json.dumps(second)
    # It is remembered: the next reply asks once.
    asked = len(server.replies)
    server.acts.append(Act(pieces=["Sit."]))
    chat.ann.send(chat.room, "Thanks!")
    await chat.reply("Sit.")
    assert len(server.replies) == asked + 1


async def test_a_continued_message_gets_it_in_front(chat: Tavern, stand: Stand) -> None:
    server = await claude(chat, stand)
    await bring(
        chat,
        CHAT
        | {"assistant_prefill": "As {{char}}:", "continue_prefill": True, "continue_postfix": "\n"},
    )
    await ask(chat, server, "Come in.")
    server.acts.append(Act(pieces=["Sit down."]))
    await chat.done(chat.ann.command(chat.room, "chat continue"))
    await chat.settled(GREETING, "Come in.\nSit down.")
    assert last(server.replies[-1].body) == ("assistant", "As Mira:\n\nCome in.")
