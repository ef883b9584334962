"""Streams as servers really send them: what channel, story and terminal hold of them."""

import json
from typing import Any

import pytest

from core.chat.message import State
from tests.conformance.families import FAMILIES
from tests.conformance.standin import Act, StandIn, serve
from tests.conformance.test_say import say
from tests.e2e.connect.conftest import Stand
from tests.e2e.tavern.tavern import Tavern, labels
from tests.shared import shared_path

CASES = [
    ("05-terminal-frame-with-whole-message", "stream", "Hello there, traveller."),
    ("06-thinking-in-field-and-in-text", "stream", "Hello."),
    ("08-harmony-commentary", "stream", "Hello there."),
    ("10-thinking-not-at-the-start", "stream", "*smiles* Hello there."),
    ("10-thinking-not-at-the-start", "stream2", "Hello there."),
    ("24-speaker-in-bold", "stream", "She nods."),
    ("24-speaker-in-bold", "stream2", "Evening."),
    ("27-missing-opening-tag-PASS", "stream", "Hello there."),
    ("29-thinking-list-PASS", "stream", "Hello there."),
]
FAULTS = [
    ("28-llamacpp-error-field-PASS", "stream", "takes", "Lower the context"),
    ("31-reason-of-a-mid-stream-error", "stream", "has no credit left", "Insufficient credits"),
    ("31-reason-of-a-mid-stream-error", "stream2", "would not answer this",
     "Output blocked by the safety filter"),
    ("31-reason-of-a-mid-stream-error", "stream3", "longer than the model takes",
     "Lower the context"),
]  # fmt: skip


def streamed(body: bytes) -> Act:
    return Act(body=body, content_type="text/event-stream")


def case(folder: str, name: str) -> Act:
    return streamed(shared_path("cases", folder, f"{name}.sse").read_bytes())


def frames(*said: dict[str, Any], finish: str = "stop") -> Act:
    """Chat chunks with these deltas, the last one with the reason of the end."""
    chunks: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": one}]} for one in said]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return streamed("".join([*lines, "data: [DONE]\n\n"]).encode())


@pytest.fixture
async def server(chat: Tavern, stand: Stand) -> StandIn:
    found = await stand("openai-chat", {"/v1/models": {"data": [{"id": "stub"}]}})
    await chat.run("connect use", backend="openai-compatible", url=found.url, model="stub")
    return found


async def ended(chat: Tavern) -> str:
    """The newest message once its reply is over."""
    await chat.until(lambda: len(chat.said()) > 1 and labels(chat.said()[-1]) not in ([], ["Stop"]))
    return str(chat.texts()[-1])


@pytest.mark.parametrize(("folder", "name", "shown"), CASES)
async def test_a_channel_shows_the_words_alone(
    chat: Tavern, server: StandIn, folder: str, name: str, shown: str
) -> None:
    server.acts = [case(folder, name)]
    chat.ann.send(chat.room, "hi")
    await chat.reply(shown)
    assert (await chat.lines())[-1] == ("Mira", shown)


@pytest.mark.parametrize(("folder", "name", "told", "words"), FAULTS)
async def test_a_reason_given_in_mid_stream_stays_the_reason(
    chat: Tavern, server: StandIn, folder: str, name: str, told: str, words: str
) -> None:
    server.acts = [case(folder, name)]
    chat.ann.send(chat.room, "hi")
    text, _, note = (await ended(chat)).partition("\n-# ✂ ")
    assert text == "Hello"
    assert told in note
    assert words in note
    assert "What came until then" not in note
    last = (await chat.history())[-1]
    assert (last.text, last.state) == ("Hello", State.CUT)


@pytest.mark.parametrize(("folder", "name", "shown"), [one for one in CASES if "24" not in one[0]])
async def test_the_terminal_prints_the_words_alone(folder: str, name: str, shown: str) -> None:
    async with serve(FAMILIES["openai-chat"]) as server:
        server.acts = [case(folder, name)]
        status, out, err = await say(
            "--backend", "openai-compatible", "--url", server.url, "--model", "stub", "--json", "hi"
        )
    assert (status, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert "".join(line.get("text", "") for line in lines) == shown


@pytest.mark.parametrize(("folder", "name", "told", "words"), FAULTS)
async def test_the_terminal_names_the_reason_too(
    folder: str, name: str, told: str, words: str
) -> None:
    async with serve(FAMILIES["openai-chat"]) as server:
        server.acts = [case(folder, name)]
        status, out, err = await say(
            "--backend", "openai-compatible", "--url", server.url, "--model", "stub", "hi"
        )
    assert (status, out.strip()) == (1, "Hello")
    assert told in err


LOST = ("SECRET the user", " says hi.\n</thi", "nk>\n\nHello ", "there.")


async def test_after_one_thought_without_an_opening_no_other_shows(
    chat: Tavern, server: StandIn
) -> None:
    async def answered(text: str) -> list[str]:
        """What was sent to Discord until the reply stood there."""
        before = [len(chat.requests(method, "/webhooks/")) for method in ("POST", "PATCH")]
        shown = chat.texts().count("Hello there.")
        server.acts = [frames(*({"content": piece} for piece in LOST))]
        chat.ann.send(chat.room, text)
        await chat.until(lambda: chat.texts().count("Hello there.") == shown + 1)
        await chat.reply("Hello there.")
        posts, edits = (chat.requests(method, "/webhooks/") for method in ("POST", "PATCH"))
        return [str(line["json"]) for line in posts[before[0] :] + edits[before[1] :]]

    await answered("hi")
    assert not any("SECRET" in one for one in await answered("and you?"))
    server.acts = [frames({"content": "No thought "}, {"content": "at all."})]
    chat.ann.send(chat.room, "go on")
    await chat.reply("No thought at all.")


DAILY = {"error": {"code": 429, "message": "Rate limit exceeded: free-models-per-day",
                   "metadata": {"headers": {"X-RateLimit-Reset": "7200"}}}}  # fmt: skip
RAW = {"error": {"code": 400, "message": "Provider returned error", "metadata": {
    "provider_name": "Azure", "raw": json.dumps({"error": {
        "code": "content_filter", "message": "The prompt was filtered."}})}}}  # fmt: skip
TOLD = [
    (429, DAILY, "The daily limit at", "is used up. It is renewed in 2 hours."),
    (429, {"message": "You are using a Trial key, limited to 1000 API calls / month."},
     "The monthly limit at", "1000 API calls / month"),
    (402, {"error": {"message": "Insufficient credits"}}, "has no credit left",
     "Insufficient credits"),
    (400, {"error": {"code": "content_policy_violation", "message": "Rejected by our policy."}},
     "would not answer this: “Rejected by our policy”", ""),
    (400, RAW, "Azure (", "would not answer this: “The prompt was filtered”"),
    (422, {"detail": [{"loc": ["body", "min_p"], "msg": "Must be smaller"}]},
     "refused the request", "min_p: Must be smaller"),
    (502, "<html><head><style>b{}</style></head><h1>Bad Gateway</h1><p>nginx</p></html>",
     "Bad Gateway", ""),
]  # fmt: skip


@pytest.mark.parametrize(("status", "document", "told", "more"), TOLD)
async def test_a_refusal_before_the_first_word_says_what_it_is(
    chat: Tavern, server: StandIn, status: int, document: Any, told: str, more: str
) -> None:
    body = (document if isinstance(document, str) else json.dumps(document)).encode()
    kind = "text/html" if isinstance(document, str) else "application/json"
    server.acts = [Act(status=status, body=body, content_type=kind) for _ in range(3)]
    chat.ann.send(chat.room, "hi")
    text = await ended(chat)
    assert told in text
    assert more in text
    assert "<" not in text
    assert len(server.replies) == (3 if status == 502 else 1)


NOTHING = [
    (frames({"content": ""}), "The model answered nothing."),
    (frames({"content": " \n\t "}), "The model answered nothing."),
    (frames({"content": "\u200b\u2060\ufeff\u00ad\u3164\u2800"}), "The model answered nothing."),
    (frames({"content": "<eos>"}), "The model answered nothing."),
    (frames({"reasoning_content": "hm"}), "The model only thought and said nothing."),
    (frames({"content": "<think>hm"}, finish="length"), "the reply was too short for both"),
    (frames({"content": "**Ann:** I sit down."}), "The reply began with another speaker's line"),
    (frames({"refusal": "I can't help with that."}),
     "would not answer this: “I can't help with that”."),
    (frames({"content": ""}, finish="content_filter"), "would not answer this (content filter)."),
    (streamed(b"data: <html><h1>502 Bad Gateway</h1></html>\n\n"),
     "sent something that isn't a reply. It is a web page: “502 Bad Gateway”."),
    (streamed(b"data: <html><h1>502 Bad Gateway</h1></html>\n\ndata: [DONE]\n\n"),
     "It is a web page: “502 Bad Gateway”."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "told"), NOTHING)
async def test_an_answer_without_words_is_told_and_not_stored(
    chat: Tavern, server: StandIn, act: Act, told: str
) -> None:
    server.acts = [act]
    chat.ann.send(chat.room, "hi")
    assert told in await ended(chat)
    assert [name for name, _ in await chat.lines()] == ["Mira", "Ann"]


@pytest.mark.parametrize("content", ["<!-- only a comment -->", "<font color=red></font>"])
async def test_markup_without_words_is_told_as_such(
    chat: Tavern, server: StandIn, content: str
) -> None:
    server.acts = [frames({"content": content})]
    chat.ann.send(chat.room, "hi")
    assert await ended(chat) == "-# The model answered nothing that can be shown."


async def test_a_partial_answer_names_the_vendor_that_ended_it(
    chat: Tavern, server: StandIn
) -> None:
    server.acts = [frames({"content": "Hello."}, finish="content_filter")]
    chat.ann.send(chat.room, "hi")
    text = await ended(chat)
    assert text.startswith("Hello.\n-# ⚠ ")
    assert "ended this reply: “content filter”." in text
    server.acts = [frames({"content": "Hi."}, {"refusal": "I must stop here."})]
    chat.ann.send(chat.room, "go on")
    await chat.until(lambda: "Hi.\n" in chat.texts()[-1])
    assert "ended this reply: “I must stop here.”." in await ended(chat)


@pytest.mark.parametrize("content", ["", "\u200b", "<think>only this"])
async def test_the_terminal_ends_with_a_fault_where_there_are_no_words(content: str) -> None:
    async with serve(FAMILIES["openai-chat"]) as server:
        server.acts = [frames({"content": content})]
        status, out, err = await say(
            "--backend", "openai-compatible", "--url", server.url, "--model", "stub", "hi"
        )
    assert (status, out.strip()) == (1, "")
    assert err.startswith("error: The model")
