"""Claude's messages route."""

from typing import Any

from core.backends.backend import StreamingBackend
from core.backends.documents import dicts_at, number_at, text_at
from core.backends.faults import readable
from core.backends.messages import PLACEHOLDER, Conversation, arrange, base64_of, goes_on
from core.backends.sampling import effort_of, limited, room, wire_samplers, without_refused
from core.backends.spec import Spec, Traits
from core.backends.types import Delta, Finish, Note, NoteCode, Request, Usage, WireMessage

EMPTY = "\u200b"
"""Claude refuses messages without text."""
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384, "max": 24_576}
_FINISH = {
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "refusal": Finish.FILTER,
}


def _refused(end: Any) -> Note | None:
    """What Claude says of a refusal."""
    if text_at(end, "stop_reason") != "refusal":
        return None
    why = text_at(end, "stop_details", "explanation") or text_at(end, "stop_details", "category")
    return Note(NoteCode.FILTER, readable(why) or "refusal")


def messages_body(spec: Spec, request: Request) -> dict[str, Any]:
    traits = spec.traits(request.model)
    thinking = _thinking(traits, request)
    said = arrange(request, spec, traits)
    body: dict[str, Any] = {
        **spec.request.body,
        "model": request.model,
        "max_tokens": request.max_tokens + (room(request) if thinking else 0),
        "messages": _turns(said, ends_open=goes_on(request, traits)),
        "stream": request.stream,
        **({} if thinking else wire_samplers(spec, request.samplers, request.model)),
        **thinking,
    }
    stops = [stop for stop in limited(request.stop, spec, traits) if stop.strip()]
    if stops:
        body["stop_sequences"] = stops
    if said.system:
        body["system"] = [{"type": "text", "text": text} for text in said.system]
    _mark_cache(body, request)
    return without_refused(body, request)


def _turns(said: Conversation, *, ends_open: bool) -> list[dict[str, Any]]:
    """The messages in strict alternation: neighbours of one role share a turn."""
    turns: list[dict[str, Any]] = []
    for message in said.messages:
        blocks = _blocks(message)
        if turns and turns[-1]["role"] == message.role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": message.role, "content": blocks})
    if turns[0]["role"] != "user":
        turns.insert(0, {"role": "user", "content": [{"type": "text", "text": PLACEHOLDER}]})
    if ends_open:
        # Trailing white space in the last assistant text is refused.
        turns[-1]["content"][-1]["text"] = turns[-1]["content"][-1]["text"].rstrip() or EMPTY
    return turns


def _blocks(message: WireMessage) -> list[dict[str, Any]]:
    images = [
        {
            "type": "image",
            "source": {
                "type": "base64",
                "media_type": image.content_type,
                "data": base64_of(image),
            },
        }
        for image in (message.images if message.role == "user" else ())
    ]
    has_text = bool(message.content.strip())
    text = [{"type": "text", "text": message.content if has_text else EMPTY}]
    return [*images, *(text if has_text or not images else [])]


def _thinking(traits: Traits, request: Request) -> dict[str, Any]:
    effort = effort_of(request)
    if not effort or effort == "none":
        return {}
    if traits.effort == "budget":
        return {"thinking": {"type": "enabled", "budget_tokens": _BUDGETS[effort]}}
    if traits.effort == "adaptive":
        return {
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "low" if effort == "minimal" else effort},
        }
    return {}


def _mark_cache(body: dict[str, Any], request: Request) -> None:
    """Cache marks at the end of the fixed head and at the previous turn."""
    if request.prompt_cache == "off":
        return
    mark = {"type": "ephemeral", "ttl": request.prompt_cache}
    if "system" in body:
        body["system"][-1]["cache_control"] = mark
    earlier = [message for message in body["messages"][:-1] if message["role"] == "user"]
    if earlier:
        earlier[-1]["content"][-1]["cache_control"] = mark


def read_frame(frame: dict[str, Any]) -> Delta:
    reader = _READERS.get(text_at(frame, "type"))
    return reader(frame) if reader else Delta()


def _read_whole(frame: dict[str, Any]) -> Delta:
    blocks = dicts_at(frame, "content")
    return Delta(
        text="".join(text_at(block, "text") for block in blocks),
        reasoning="".join(text_at(block, "thinking") for block in blocks),
        finish=_FINISH.get(text_at(frame, "stop_reason"), Finish.STOP),
        usage=_usage(frame),
        note=_refused(frame),
        whole=True,
    )


def _read_start(frame: dict[str, Any]) -> Delta:
    message = frame.get("message")
    return Delta(usage=_usage(message) if isinstance(message, dict) else None)


def _read_block(frame: dict[str, Any]) -> Delta:
    return Delta(
        text=text_at(frame, "content_block", "text"),
        reasoning=text_at(frame, "content_block", "thinking"),
    )


def _read_delta(frame: dict[str, Any]) -> Delta:
    link = text_at(frame, "delta", "citation", "url")
    return Delta(
        text=text_at(frame, "delta", "text"),
        reasoning=text_at(frame, "delta", "thinking"),
        citations=(link,) if link else (),
    )


def _read_end(frame: dict[str, Any]) -> Delta:
    reason = text_at(frame, "delta", "stop_reason")
    finish = _FINISH.get(reason, Finish.STOP) if reason else None
    return Delta(finish=finish, usage=_usage(frame), note=_refused(frame.get("delta")))


_READERS = {
    "message": _read_whole,
    "message_start": _read_start,
    "content_block_start": _read_block,
    "content_block_delta": _read_delta,
    "message_delta": _read_end,
}


def _usage(frame: dict[str, Any]) -> Usage | None:
    """What is billed for the prompt is the sum of its fresh, written and cached tokens."""
    if not isinstance(frame.get("usage"), dict):
        return None
    cached = number_at(frame, "usage", "cache_read_input_tokens")
    parts = [
        number_at(frame, "usage", "input_tokens"),
        number_at(frame, "usage", "cache_creation_input_tokens"),
        cached,
    ]
    known = [part for part in parts if part is not None]
    return Usage(
        prompt_tokens=sum(known) if known else None,
        reply_tokens=number_at(frame, "usage", "output_tokens"),
        cached_tokens=cached,
    )


class Anthropic(StreamingBackend):
    """Named server-sent events until `message_stop`."""

    protocol = "anthropic"
    body = staticmethod(messages_body)
    read = staticmethod(read_frame)

    def reply_url(self, request: Request) -> str:
        return self.api.versioned("/messages")
