"""Cohere's second version: typed events."""

from typing import Any

from tests.conformance.families.base import Family, Pieces, sse


def _event(document: dict[str, Any]) -> bytes:
    return sse(document, event=document["type"])


def _end(finish: str) -> dict[str, Any]:
    usage = {"tokens": {"input_tokens": 9, "output_tokens": 5}, "cached_tokens": 4}
    return {"finish_reason": "MAX_TOKENS" if finish == "length" else "COMPLETE", "usage": usage}


def _frames(pieces: Pieces, finish: str) -> list[bytes]:
    start = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": []}
    documents: list[dict[str, Any]] = [
        {"type": "message-start", "id": "1", "delta": {"message": start}},
        {"type": "content-start", "index": 0,
         "delta": {"message": {"content": {"type": "text", "text": ""}}}},
    ]  # fmt: skip
    for piece in pieces:
        delta = {"message": {"content": {"text": piece}}}
        documents.append({"type": "content-delta", "index": 0, "delta": delta})
    documents += [
        {"type": "content-end", "index": 0},
        {"type": "message-end", "delta": _end(finish)},
    ]
    return [_event(document) for document in documents]


def _whole(text: str, finish: str) -> Any:
    content = [{"type": "text", "text": text}]
    return {"id": "1", "message": {"role": "assistant", "content": content}, **_end(finish)}


COHERE = Family(
    "cohere", ("/v2/chat",), "text/event-stream", _frames, _whole,
    lambda status, message: {"id": "1", "message": message},
    lambda message: _event({"type": "error", "error": {"message": message}}),
    stop_key=("stop_sequences",),
    overflow={"message": "too many tokens: size limit exceeded by 809 tokens; maximum 8192, "
                         "requested 9001 tokens"},
)  # fmt: skip
