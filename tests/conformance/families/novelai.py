"""NovelAI: events named `newToken`, no space after the colon."""

import json
from typing import Any

from tests.conformance.families.base import Family, Pieces


def _event(number: int, token: str, *, final: bool) -> bytes:
    document = {"token": token, "ptr": number, "final": final, "logprobs": None}
    data = json.dumps(document, ensure_ascii=False)
    return f"event: newToken\nid: {number}\ndata:{data}\n\n".encode()


def _frames(pieces: Pieces, finish: str) -> list[bytes]:
    frames = [_event(number, piece, final=False) for number, piece in enumerate(pieces)]
    return [*frames, _event(len(pieces), "", final=True)]


def _whole(text: str, finish: str) -> Any:
    return {"output": text}


NOVELAI = Family(
    "novelai", ("/ai/generate-stream", "/ai/generate"), "text/event-stream", _frames, _whole,
    lambda status, message: {"statusCode": status, "message": message},
    lambda message: f'event: error\ndata:{{"statusCode":500,"message":"{message}"}}\n\n'.encode(),
    stop_key=(), limit_key=("parameters", "max_length"), tells_length=False,
)  # fmt: skip
