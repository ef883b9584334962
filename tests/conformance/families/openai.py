"""OpenAI's two routes."""

from typing import Any

from tests.conformance.families.base import Family, Pieces, sse

_USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 5,
    "total_tokens": 14,
    "prompt_tokens_details": {"cached_tokens": 4},
}


def _chunk(choices: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**head, "choices": choices, **more}


def _chat_frames(pieces: Pieces, finish: str) -> list[bytes]:
    start = {"index": 0, "delta": {"role": "assistant", "content": None}, "finish_reason": None}
    chunks = [_chunk([start])]
    for piece in pieces:
        delta = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
        chunks.append(_chunk([delta]))
    chunks.append(_chunk([{"index": 0, "delta": {}, "finish_reason": finish}]))
    chunks.append(_chunk([], usage=_USAGE))
    return [sse(chunk) for chunk in chunks] + [sse("[DONE]")]


def _text_frames(pieces: Pieces, finish: str) -> list[bytes]:
    chunks = [
        _chunk([{"index": 0, "text": piece, "finish_reason": None, "logprobs": None}])
        for piece in pieces
    ]
    chunks.append(_chunk([{"index": 0, "text": "", "finish_reason": finish}]))
    chunks.append(_chunk([], usage=_USAGE))
    return [sse(chunk) for chunk in chunks] + [sse("[DONE]")]


def _chat_whole(text: str, finish: str) -> Any:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [choice], "usage": _USAGE}  # fmt: skip


def _text_whole(text: str, finish: str) -> Any:
    choice = {"index": 0, "text": text, "finish_reason": finish, "logprobs": None}
    return {"id": "c1", "object": "text_completion", "created": 1, "model": "m",
            "choices": [choice], "usage": _USAGE}  # fmt: skip


_TYPES = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
    503: ("server_error", None),
}


def _error(status: int, message: str) -> Any:
    type_, code = _TYPES.get(status, ("server_error", None))
    return {"error": {"message": message, "type": type_, "param": None, "code": code}}


_OVERFLOW = {
    "error": {
        "message": "This model's maximum context length is 8192 tokens. However, your messages "
        "resulted in 9001 tokens. Please reduce the length of the messages.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }
}


def _inside(message: str) -> bytes:
    return sse({"error": {"message": message, "type": "server_error", "code": None}})


OPENAI_CHAT = Family(
    "openai-chat", ("/chat/completions",), "text/event-stream; charset=utf-8",
    _chat_frames, _chat_whole, _error, _inside, overflow=_OVERFLOW,
)  # fmt: skip
OPENAI_TEXT = Family(
    "openai-text", ("/completions",), "text/event-stream; charset=utf-8",
    _text_frames, _text_whole, _error, _inside, overflow=_OVERFLOW,
)  # fmt: skip
