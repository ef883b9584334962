"""KoboldCpp: events named `message`, the word "null" while running, no end mark."""

from typing import Any

from tests.conformance.families.base import Family, Pieces, sse


def _frames(pieces: Pieces, finish: str) -> list[bytes]:
    frames = [sse({"token": piece, "finish_reason": "null"}, event="message") for piece in pieces]
    return [*frames, sse({"token": "", "finish_reason": finish}, event="message")]


def _whole(text: str, finish: str) -> Any:
    return {"results": [{"text": text, "finish_reason": finish}]}


def _error(status: int, message: str) -> Any:
    types = {401: "unauthorized", 503: "service_unavailable"}
    return {"detail": {"error": "Error", "msg": message, "type": types.get(status, "bad_input")}}


KOBOLDAI = Family(
    "koboldai", ("/api/v1/generate",), "application/json", _frames,
    lambda text, finish: {"results": [{"text": text}]}, _error,
    lambda message: b"",
    stop_key=("stop_sequence",), limit_key=("max_length",), tells_length=False,
)  # fmt: skip
KOBOLDCPP = Family(
    "koboldcpp", ("/api/extra/generate/stream", "/api/v1/generate"), "text/event-stream",
    _frames, _whole, _error,
    lambda message: sse({"detail": {"msg": message, "type": "server_error"}}),
    stop_key=("stop_sequence",), limit_key=("max_length",),
)  # fmt: skip
