"""Who speaks, what a reply begins with, and where instructions stand, vendor by vendor."""

import json
from dataclasses import replace
from typing import Any

import pytest

from core.backends.catalog import Catalog, protocols
from core.backends.http import Http
from core.backends.messages import CONTINUE
from core.backends.spec import Spec
from core.backends.types import Request, SpeakerNames, WireMessage
from core.kind import Kind
from core.secret import Secret

CATALOG = Catalog.load()
CHAT_ROWS = [spec for spec in CATALOG if Kind.CHAT in spec.kinds]
EXAMPLES = (
    WireMessage("system", "You are Mirabel."),
    WireMessage("system", "A fine day?", "example_user"),
    WireMessage("system", "*nods* It is.", "example_assistant"),
    WireMessage("system", "Tobin: I say so too.", "example_assistant"),
    WireMessage("user", "Good morning."),
)
SPEAKERS = SpeakerNames("Ann", "Mirabel", ("Mirabel", "Tobin"))
START = "*She smiles.* I"


async def sent(spec: Spec, request: Request) -> dict[str, Any]:
    backend = protocols()[spec.kinds[Kind.CHAT]](spec, Http(), spec.endpoint.url, Secret())
    return await backend.sent(request)


def words(body: dict[str, Any]) -> list[str]:
    """All texts of the body that a model reads, in order."""
    found: list[str] = []

    def look(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("text", "content") and isinstance(value, str):
                    found.append(value)
                else:
                    look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    for key in ("system", "systemInstruction", "messages", "contents"):
        look(body.get(key))
    return found


@pytest.mark.parametrize("spec", CHAT_ROWS, ids=lambda spec: spec.id)
async def test_example_dialogues_keep_their_speakers(spec: Spec) -> None:
    request = Request(Kind.CHAT, "m", messages=EXAMPLES, speakers=SPEAKERS)
    body = await sent(spec, request)
    text = "\n".join(words(body))
    if spec.request.names == "field":
        names = [one["name"] for one in body["messages"] if "name" in one]
        assert names == ["example_user", "example_assistant", "example_assistant"]
        return
    assert "Ann: A fine day?" in text
    assert "Mirabel: *nods* It is." in text
    assert "Tobin: I say so too." in text
    assert "Mirabel: Tobin:" not in text
    assert "example_" not in json.dumps(body)


@pytest.mark.parametrize("spec", CHAT_ROWS, ids=lambda spec: spec.id)
async def test_the_start_of_a_reply_is_never_a_finished_turn(spec: Spec) -> None:
    messages = (WireMessage("user", "Hello?"), WireMessage("assistant", START))
    request = Request(Kind.CHAT, "m", messages=messages, prefill=True, reply_start=START)
    body = await sent(spec, request)
    text = words(body)
    if spec.request.prefill != "none":
        assert body.get("response_prefix", text[-1]) == START
        return
    assert text[-1] != START
    assert START in text[-1]
    last = (body.get("messages") or body["contents"])[-1]
    assert last["role"] in ("user", "system")


@pytest.mark.parametrize("spec", CHAT_ROWS, ids=lambda spec: spec.id)
async def test_a_refused_start_is_told_in_words(spec: Spec) -> None:
    messages = (WireMessage("user", "Hello?"), WireMessage("assistant", START))
    request = Request(
        Kind.CHAT, "m", messages=messages, prefill=True, reply_start=START, takes_prefill=False
    )
    body = await sent(spec, replace(request, user_last=True))
    last = (body.get("messages") or body["contents"])[-1]
    assert last["role"] == "user"
    assert START in words(body)[-1]
    assert not {"continue_", "continue_final_message", "response_prefix"} & body.keys()


@pytest.mark.parametrize("spec", CHAT_ROWS, ids=lambda spec: spec.id)
async def test_a_message_to_continue_stays_a_message(spec: Spec) -> None:
    messages = (WireMessage("user", "Hello?"), WireMessage("assistant", "Once upon a"))
    request = Request(Kind.CHAT, "m", messages=messages, prefill=True)
    body = await sent(spec, request)
    text = words(body)
    assert "Once upon a" in [*text, body.get("response_prefix")]
    assert (text[-1] == CONTINUE) is (spec.request.prefill == "none")


def test_system_stands_where_the_vendor_wants_it() -> None:
    from core.backends import anthropic, gemini
    from core.backends.openai import chat_body

    messages = (
        *EXAMPLES,
        WireMessage("assistant", "Morning."),
        WireMessage("system", "It rains."),
        WireMessage("system", "It pours."),
    )
    request = Request(Kind.CHAT, "m", messages=messages, speakers=SPEAKERS)
    claude = anthropic.messages_body(CATALOG.get("anthropic"), request)
    assert [block["text"] for block in claude["system"]] == [
        "You are Mirabel.",
        "Ann: A fine day?",
        "Mirabel: *nods* It is.",
        "Tobin: I say so too.",
    ]
    assert [turn["role"] for turn in claude["messages"]] == ["user", "assistant", "user"]
    assert len(claude["messages"][-1]["content"]) == 2
    google = gemini.content_body(CATALOG.get("gemini"), request)
    assert len(google["systemInstruction"]["parts"]) == 4
    assert google["contents"][-1]["parts"] == [{"text": "It rains.\n\nIt pours."}]
    mistral = chat_body(CATALOG.get("mistral"), request)["messages"]
    assert [one["role"] for one in mistral[-3:]] == ["assistant", "user", "system"]


def test_claude_is_told_in_words_while_it_thinks() -> None:
    from core.backends.anthropic import messages_body

    messages = (WireMessage("user", "Hello?"), WireMessage("assistant", START))
    request = Request(
        Kind.CHAT, "claude-sonnet-4-5", messages=messages, prefill=True, reply_start=START
    )
    spec = CATALOG.get("anthropic")
    assert messages_body(spec, request)["messages"][-1]["role"] == "assistant"
    thinking = messages_body(spec, replace(request, effort="low"))
    assert thinking["messages"][-1]["role"] == "user"
    assert START in thinking["messages"][-1]["content"][-1]["text"]


@pytest.mark.parametrize("spec", CHAT_ROWS, ids=lambda spec: spec.id)
async def test_a_mark_of_thoughts_is_never_told_in_words(spec: Spec) -> None:
    messages = (WireMessage("user", "Hello?"), WireMessage("assistant", "<think>\n"))
    request = Request(Kind.CHAT, "m", messages=messages, prefill=True, reply_start="")
    body = await sent(spec, request)
    if spec.request.prefill == "none":
        assert words(body) == ["Hello?"]


@pytest.mark.parametrize(
    ("backend", "key", "path"),
    [("cohere", "seed", ()), ("gemini", "topP", ("generationConfig",)), ("openai", "seed", ())],
)
async def test_what_a_model_refused_is_left_out(
    backend: str, key: str, path: tuple[str, ...]
) -> None:
    samplers = {"seed": 3, "top_p": 0.5}
    request = Request(Kind.CHAT, "m", messages=EXAMPLES, samplers=samplers)
    for omit in ((), (key,)):
        body = await sent(CATALOG.get(backend), replace(request, omit=omit))
        for step in path:
            body = body[step]
        assert (key in body) is (not omit)
