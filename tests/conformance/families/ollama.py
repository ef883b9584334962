"""Ollama's two routes: JSON lines."""

from typing import Any

from tests.conformance.families.base import Family, Pieces, line

_HEAD = {"model": "m", "created_at": "2026-01-02T03:04:05Z"}


def _said(text: str) -> dict[str, Any]:
    # Both routes at once: the client reads the one it asked for.
    return {"response": text, "message": {"role": "assistant", "content": text}}


def _end(finish: str) -> dict[str, Any]:
    return {
        **_HEAD, "done": True, "done_reason": finish, "prompt_eval_count": 9, "eval_count": 5,
        "total_duration": 1, "load_duration": 1,
    }  # fmt: skip


def _frames(pieces: Pieces, finish: str) -> list[bytes]:
    frames = [line({**_HEAD, **_said(piece), "done": False}) for piece in pieces]
    return [*frames, line({**_end(finish), **_said("")})]


def _whole(text: str, finish: str) -> Any:
    return {**_end(finish), **_said(text)}


OLLAMA = Family(
    "ollama", ("/api/generate", "/api/chat"), "application/x-ndjson", _frames, _whole,
    lambda status, message: {"error": message},
    lambda message: line({"error": message}),
    stop_key=("options", "stop"), limit_key=("options", "num_predict"),
)  # fmt: skip
