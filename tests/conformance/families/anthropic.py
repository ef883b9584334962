"""Claude: named events."""

from typing import Any

from tests.conformance.families.base import Family, Pieces, sse

_START: dict[str, Any] = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
    "stop_reason": None, "stop_sequence": None,
    "usage": {"input_tokens": 5, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 0,
              "output_tokens": 1},
}  # fmt: skip


def _event(document: dict[str, Any]) -> bytes:
    return sse(document, event=document["type"])


def _reason(finish: str) -> str:
    return "max_tokens" if finish == "length" else "end_turn"


def _frames(pieces: Pieces, finish: str) -> list[bytes]:
    block = {"type": "text", "text": ""}
    documents: list[dict[str, Any]] = [
        {"type": "message_start", "message": _START},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "ping"},
    ]
    for piece in pieces:
        delta = {"type": "text_delta", "text": piece}
        documents.append({"type": "content_block_delta", "index": 0, "delta": delta})
    documents += [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "usage": {"output_tokens": 5},
         "delta": {"stop_reason": _reason(finish), "stop_sequence": None}},
        {"type": "message_stop"},
    ]  # fmt: skip
    return [_event(document) for document in documents]


def _whole(text: str, finish: str) -> Any:
    usage = {"input_tokens": 5, "cache_read_input_tokens": 4, "output_tokens": 5}
    content = [{"type": "text", "text": text}]
    return {**_START, "content": content, "stop_reason": _reason(finish), "usage": usage}


_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def _error(status: int, message: str) -> Any:
    error = {"type": _TYPES.get(status, "api_error"), "message": message}
    return {"type": "error", "error": error, "request_id": "req_1"}


ANTHROPIC = Family(
    "anthropic", ("/messages",), "text/event-stream; charset=utf-8", _frames, _whole, _error,
    lambda message: _event(
        {"type": "error", "error": {"type": "overloaded_error", "message": message}}
    ),
    stop_key=("stop_sequences",),
    overflow=_error(400, "prompt is too long: 9001 tokens > 8192 maximum"),
)  # fmt: skip
