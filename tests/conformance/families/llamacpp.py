"""llama-server's own route."""

from typing import Any

from tests.conformance.families.base import Family, Pieces, sse


def _end(finish: str) -> dict[str, Any]:
    return {
        "index": 0, "content": "", "tokens": [], "stop": True,
        "stop_type": "limit" if finish == "length" else "word", "stopping_word": "\nBob:",
        "tokens_predicted": 5, "tokens_evaluated": 9, "tokens_cached": 13, "truncated": False,
        "timings": {"prompt_n": 9, "predicted_n": 5, "cache_n": 4},
    }  # fmt: skip


def _frames(pieces: Pieces, finish: str) -> list[bytes]:
    frames = [
        {"index": 0, "content": piece, "tokens": [], "stop": False, "id_slot": 0,
         "tokens_predicted": number, "tokens_evaluated": 9}
        for number, piece in enumerate(pieces, 1)
    ]  # fmt: skip
    return [b":\n\n", *(sse(frame) for frame in frames), sse(_end(finish))]


def _whole(text: str, finish: str) -> Any:
    return {**_end(finish), "content": text, "model": "tiny", "prompt": "…"}


_TYPES = {401: "authentication_error", 404: "not_found_error", 503: "unavailable_error"}


def _error(status: int, message: str) -> Any:
    type_ = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"code": status, "message": message, "type": type_}}


LLAMACPP = Family(
    "llamacpp", ("/completion",), "text/event-stream", _frames, _whole, _error,
    lambda message: sse(_error(500, message)),
    limit_key=("n_predict",),
    overflow={"error": {
        "code": 400, "message": "the request exceeds the available context size",
        "type": "exceed_context_size_error", "n_prompt_tokens": 9001, "n_ctx": 8192,
    }},
)  # fmt: skip
