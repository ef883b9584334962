"""Bodies of answers as vendors and servers have really sent them, each with what comes of it."""

import json
from typing import Any

import pytest

from bot.i18n import speaking
from bot.wording.errors import explain
from core.errors import (
    BackendError,
    BadAnswer,
    Overloaded,
    PromptTooLong,
    QuotaExhausted,
    RateLimited,
    Refused,
)
from core.kind import Kind
from core.reply.output_filter import OutputFilter, OutputRules
from tests.conformance.standin import Act
from tests.conformance.test_protocols import CHAT_REQUEST, playing


def events(*documents: Any, done: bool = True) -> str:
    lines = "".join(f"data: {json.dumps(one)}\n\n" for one in documents)
    return lines + ("data: [DONE]\n\n" if done else "")


def chunk(content: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    delta = ({} if content is None else {"content": content}) | more
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def lines(*documents: Any) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in documents)


Row = tuple[str, str, str, type[BackendError] | None, str]
"""Backend, body, the words shown, the fault, and what its sentence or the small print holds."""
ROWS: dict[str, Row] = {
    "openai-compatible: cumulative": (
        "openai-compatible",
        events(chunk("Hel"), chunk("Hello the"), chunk("Hello there."), chunk(None, "stop")),
        "Hello there.",
        None,
        "",
    ),
    "openai-compatible: final delta whole": (
        "openai-compatible",
        events(chunk("Hello "), chunk("there."), chunk("Hello there.", "stop")),
        "Hello there.",
        None,
        "",
    ),
    "openai-compatible: think field w close in content": (
        "openai-compatible",
        events(
            chunk(None, reasoning_content="SECRET"),
            chunk("</think>\n\nHello."),
            chunk(None, "stop"),
        ),
        "Hello.",
        None,
        "",
    ),
    "openai-compatible: all in field": (
        "openai-compatible",
        events(chunk(None, reasoning_content="<think>SECRET</think>Hello."), chunk(None, "stop")),
        "Hello.",
        None,
        "",
    ),
    "openai-compatible: reasoning_details": (
        "openai-compatible",
        events(
            chunk(
                "",
                reasoning="SECRET",
                reasoning_details=[{"type": "reasoning.text", "text": "SECRET"}],
            ),
            chunk("Hello."),
            chunk(None, "stop"),
        ),
        "Hello.",
        None,
        "",
    ),
    "openai-compatible: vllm error": (
        "openai-compatible",
        events(
            chunk("Hello "),
            {
                "object": "error",
                "message": "This model's maximum context length is 4096 tokens",
                "type": "BadRequestError",
                "code": 400,
            },
        ),
        "Hello",
        PromptTooLong,
        "longer than the model takes",
    ),
    "openai-compatible: openrouter mid": (
        "openai-compatible",
        events(
            chunk("Hello "),
            {
                "id": "x",
                "provider": "Azure",
                "error": {
                    "code": 429,
                    "message": "Rate limit exceeded",
                    "metadata": {"provider_name": "Azure", "raw": "too many"},
                },
                "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
            },
        ),
        "Hello",
        RateLimited,
        "Azure (OpenAI-compatible server) got too many requests",
    ),
    "openai-compatible: openrouter choice": (
        "openai-compatible",
        events(
            chunk("Hello "),
            {
                "choices": [
                    {
                        "index": 0,
                        "delta": {"content": "and"},
                        "finish_reason": "error",
                        "error": {"code": 502, "message": "Upstream is down"},
                    }
                ]
            },
        ),
        "Hello and",
        Overloaded,
        "Upstream is down",
    ),
    "openai-compatible: no resources": (
        "openai-compatible",
        events(chunk("Hello "), chunk("there", "insufficient_system_resource")),
        "Hello there",
        Overloaded,
        "overloaded",
    ),
    "openai-compatible: groq event": (
        "openai-compatible",
        events(chunk("Hello "), done=False)
        + 'event: error\ndata: {"error":{"message":"Failed","type":"server_error"}}\n\n',
        "Hello",
        Overloaded,
        "Failed",
    ),
    "openai-compatible: error text line": (
        "openai-compatible",
        events(chunk("Hello "), done=False) + "error: out of credits, payment required\n\n",
        "Hello",
        QuotaExhausted,
        "no credit left",
    ),
    "openai-compatible: finish filter": (
        "openai-compatible",
        events(
            chunk("Hello "),
            {
                "choices": [
                    {
                        "index": 0,
                        "delta": {},
                        "finish_reason": "content_filter",
                        "content_filter_results": {"sexual": {"filtered": True}},
                    }
                ]
            },
        ),
        "Hello",
        None,
        "sexual",
    ),
    "openai-compatible: harmony stripped": (
        "openai-compatible",
        events(
            chunk("analysisThe user says hi."),
            chunk("assistantfinalHello there."),
            chunk(None, "stop"),
        ),
        "Hello there.",
        None,
        "",
    ),
    "openai-compatible: harmony final only": (
        "openai-compatible",
        events(chunk("<|channel|>final<|message|>Hello there.<|return|>"), chunk(None, "stop")),
        "Hello there.",
        None,
        "",
    ),
    "openai-compatible: tool only": (
        "openai-compatible",
        events(
            chunk("<|channel|>commentary to=functions.x<|message|>{}<|call|>"), chunk(None, "stop")
        ),
        "",
        None,
        "",
    ),
    "openai-compatible: blank": (
        "openai-compatible",
        events(chunk("\u200b"), chunk(" "), chunk(None, "stop")),
        "",
        None,
        "",
    ),
    "openai-compatible: html": (
        "openai-compatible",
        "<html><body>hi</body></html>",
        "",
        BadAnswer,
        "web page",
    ),
    "openai-compatible: json err 200": (
        "openai-compatible",
        json.dumps({"error": {"message": "insufficient balance", "code": "1113"}}),
        "",
        QuotaExhausted,
        "insufficient balance",
    ),
    "anthropic: overloaded": (
        "anthropic",
        events(
            {"type": "message_start", "message": {"usage": {"input_tokens": 3}}},
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hello "}},
            done=False,
        )
        + "event: error\n"
        + events(
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            done=False,
        ),
        "Hello",
        Overloaded,
        "Overloaded",
    ),
    "anthropic: refusal": (
        "anthropic",
        events(
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hello "}},
            {"type": "message_delta", "delta": {"stop_reason": "refusal"}},
            {"type": "message_stop"},
            done=False,
        ),
        "Hello",
        None,
        "refusal",
    ),
    "gemini: agg": (
        "gemini",
        events(
            {"candidates": [{"content": {"parts": [{"text": "Hello "}]}}]},
            {"candidates": [{"content": {"parts": [{"text": "there."}]}}]},
            {
                "candidates": [
                    {"content": {"parts": [{"text": "Hello there."}]}, "finishReason": "STOP"}
                ]
            },
            done=False,
        ),
        "Hello there.",
        None,
        "",
    ),
    "gemini: block": (
        "gemini",
        events(
            {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {}},
            done=False,
        ),
        "",
        Refused,
        "(prohibited content)",
    ),
    "gemini: recit": (
        "gemini",
        events(
            {
                "candidates": [
                    {"content": {"parts": [{"text": "Hello "}]}, "finishReason": "RECITATION"}
                ]
            },
            done=False,
        ),
        "Hello",
        None,
        "recitation",
    ),
    "gemini: err": (
        "gemini",
        events({"candidates": [{"content": {"parts": [{"text": "Hello "}]}}]}, done=False)
        + events(
            {
                "error": {
                    "code": 503,
                    "message": "The model is overloaded.",
                    "status": "UNAVAILABLE",
                }
            },
            done=False,
        ),
        "Hello",
        Overloaded,
        "The model is overloaded",
    ),
    "cohere: end": (
        "cohere",
        events(
            {"type": "content-delta", "delta": {"message": {"content": {"text": "Hello "}}}},
            {"type": "content-delta", "delta": {"message": {"content": {"text": "there."}}}},
            {"type": "message-end", "delta": {"finish_reason": "COMPLETE"}},
            {
                "finish_reason": "COMPLETE",
                "message": {
                    "role": "assistant",
                    "content": [{"type": "text", "text": "Hello there."}],
                },
            },
            done=False,
        ),
        "Hello there.",
        None,
        "",
    ),
    "ollama: done whole": (
        "ollama",
        lines(
            {"message": {"content": "Hello "}, "done": False},
            {"message": {"content": "there."}, "done": False},
            {"message": {"content": "Hello there."}, "done": True, "done_reason": "stop"},
        ),
        "Hello there.",
        None,
        "",
    ),
    "ollama: error": (
        "ollama",
        lines(
            {"message": {"content": "Hello "}, "done": False},
            {"error": "model runner has unexpectedly stopped"},
        ),
        "Hello",
        Overloaded,
        "has unexpectedly stopped",
    ),
}


@pytest.mark.parametrize("name", ROWS)
async def test_words_reason_and_small_print(name: str) -> None:
    backend, body, words, fault, told = ROWS[name]
    output, found, notes = OutputFilter(OutputRules()), None, []
    kind = {"{": "application/json", "<": "text/html"}.get(body[0], "text/event-stream")
    async with playing(backend, Kind.CHAT) as (standin, made):
        standin.acts = [Act(body=body.encode(), content_type=kind)]
        try:
            async for delta in made.stream(CHAT_REQUEST):
                output.feed(delta.text, delta.reasoning)
                notes += [delta.note.fact] if delta.note else []
        except BackendError as error:
            found = error
    output.finish()
    with speaking("en"):
        sentence = explain(found) if found is not None else None
    assert output.text == words
    assert "SECRET" not in output.text
    assert type(found) is (fault or type(None))
    assert told in (sentence or " ".join(notes))
    assert output.has_words is bool(words)
