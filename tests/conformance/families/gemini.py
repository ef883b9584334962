"""Gemini: every event a whole answer."""

from typing import Any

from tests.conformance.families.base import Family, Pieces, sse

_USAGE = {
    "promptTokenCount": 9,
    "candidatesTokenCount": 5,
    "cachedContentTokenCount": 4,
    "totalTokenCount": 14,
}


def _frame(text: str, finish: str = "") -> dict[str, Any]:
    candidate: dict[str, Any] = {
        "content": {"role": "model", "parts": [{"text": text}]},
        "index": 0,
    }
    if finish:
        candidate["finishReason"] = "MAX_TOKENS" if finish == "length" else "STOP"
    return {"candidates": [candidate], "usageMetadata": _USAGE, "modelVersion": "m"}


def _frames(pieces: Pieces, finish: str) -> list[bytes]:
    frames = [_frame(piece) for piece in pieces]
    end = {"candidates": [{"finishReason": "MAX_TOKENS" if finish == "length" else "STOP",
                           "index": 0}], "usageMetadata": _USAGE}  # fmt: skip
    return [sse(frame, end="\r\n") for frame in [*frames, end]]


_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def _error(status: int, message: str) -> Any:
    name = _STATUS.get(status, "INTERNAL")
    return {"error": {"code": status, "message": message, "status": name}}


GEMINI = Family(
    "gemini", (":streamGenerateContent", ":generateContent"), "text/event-stream",
    _frames, _frame, _error,
    lambda message: sse([_error(503, message)]),
    stop_key=("generationConfig", "stopSequences"),
    limit_key=("generationConfig", "maxOutputTokens"),
    overflow=_error(400, "The input token count (9001) exceeds the maximum number of tokens "
                         "allowed (8192): context window."),
)  # fmt: skip
