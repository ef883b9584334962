"""Reading the chunks and replies of the OpenAI family, with its vendors' dialects."""

from collections.abc import Iterable
from typing import Any

from core.backends.base import Delta, Finish, Model, Usage
from core.backends.documents import at, dicts_at, list_at, number_at, text_at
from core.errors import BadAnswer, Overloaded

_FINISH = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "end_turn": Finish.STOP,
    "tool_calls": Finish.STOP,
    "function_call": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "model_length": Finish.LENGTH,
    "content_filter": Finish.FILTER,
    "safety": Finish.FILTER,
}
_REASONING = ("reasoning_content", "reasoning", "thinking")
_CONTEXT = (
    ("context_length",),
    ("max_context_length",),
    ("context_window",),
    ("max_model_len",),
    ("meta", "n_ctx"),
    ("limits", "context"),
    ("info", "contextLength"),
    ("tokens",),
    ("max_input_tokens",),
)


def read_frame(frame: dict[str, Any]) -> Delta:
    """One chunk of a stream, or a whole reply, of either route."""
    choice = at(frame, "choices", 0)
    choice = choice if isinstance(choice, dict) else {}
    # Perplexity repeats the text so far in `message` beside `delta`.
    said = choice.get("delta") or choice.get("message")
    said = said if isinstance(said, dict) else {}
    text, thoughts = _content(said.get("content"))
    if isinstance(choice.get("text"), str):
        text += choice["text"]
    for key in _REASONING:
        if isinstance(said.get(key), str):
            thoughts += said[key]
            break
    links = list_at(frame, "citations") if "citations" in frame else ()
    return Delta(
        text=text or text_at(said, "refusal"),
        reasoning=thoughts,
        finish=_finish(choice),
        usage=read_usage(frame) if "usage" in frame or "x_groq" in frame else None,
        citations=tuple(url for url in links if isinstance(url, str)),
    )


def _finish(choice: dict[str, Any]) -> Finish | None:
    reason = text_at(choice, "finish_reason").lower()
    if reason in ("", "null"):
        return None
    if reason == "insufficient_system_resource":
        raise Overloaded("the vendor ran out of machines")
    if reason == "error":
        raise Overloaded("the vendor's model failed")
    return _FINISH.get(reason, Finish.STOP)


def _content(content: Any) -> tuple[str, str]:
    """(text, thinking) of a content that is a string or Mistral's list of parts."""
    if isinstance(content, str):
        return content, ""
    if not isinstance(content, list):
        return "", ""
    text, thoughts = "", ""
    for part in content:
        if isinstance(part, str):
            text += part
        elif text_at(part, "type") == "thinking":
            thoughts += "".join(text_at(inner, "text") for inner in list_at(part, "thinking"))
            thoughts += text_at(part, "thinking")
        else:
            text += text_at(part, "text")
    return text, thoughts


def read_usage(frame: dict[str, Any]) -> Usage | None:
    """Token counts, wherever a vendor puts them."""
    usage = frame.get("usage") or at(frame, "x_groq", "usage")
    if not isinstance(usage, dict):
        return None
    cached = number_at(usage, "prompt_tokens_details", "cached_tokens")
    return Usage(
        prompt_tokens=number_at(usage, "prompt_tokens"),
        reply_tokens=number_at(usage, "completion_tokens"),
        cached_tokens=number_at(usage, "prompt_cache_hit_tokens") if cached is None else cached,
    )


def read_models(document: Any) -> list[Model]:
    """A model list: `{"data": […]}`, `{"models": […]}` or a bare array (Pollinations)."""
    entries = next(
        (found for path in ((), ("data",), ("models",)) if (found := dicts_at(document, *path))), []
    )
    if not entries and not isinstance(at(document, "data"), list):
        raise BadAnswer("the model list has an unknown shape")
    return list(_models(entries))


def _models(entries: Iterable[dict[str, Any]]) -> Iterable[Model]:
    for entry in entries:
        id_ = text_at(entry, "id") or text_at(entry, "name")
        writes = _writes(entry)
        if not id_ or not (writes or _draws(entry)):
            continue
        name = text_at(entry, "info", "name") or text_at(entry, "name")
        yield Model(
            id=id_,
            name="" if name == id_ else name,
            context_size=_context(entry),
            sees=_sees(entry),
            price=_price(entry),
            writes=writes,
        )


def _writes(entry: dict[str, Any]) -> bool:
    """Whether the vendor says that the model writes text; True where it says nothing."""
    kind = text_at(entry, "type")
    if kind in ("embedding", "embeddings", "image", "audio", "video", "tts", "stt", "moderation"):
        return False
    if "endpoints" in entry and kind == "" and list_at(entry, "endpoints"):
        return any("completions" in str(route) for route in list_at(entry, "endpoints"))
    if at(entry, "capabilities", "completion_chat") is False or entry.get("active") is False:
        return False
    outputs = list_at(entry, "architecture", "output_modalities") or list_at(
        entry, "output_modalities"
    )
    return not outputs or "text" in outputs


def _draws(entry: dict[str, Any]) -> bool:
    """Whether the vendor says that the model makes pictures."""
    outputs = list_at(entry, "architecture", "output_modalities") or list_at(
        entry, "output_modalities"
    )
    routes = [str(route) for route in list_at(entry, "endpoints")]
    if entry.get("active") is False:
        return False
    is_said = text_at(entry, "type") == "image" or "image" in outputs
    return is_said or any("images/generations" in route for route in routes)


def _context(entry: dict[str, Any]) -> int | None:
    sizes = [number_at(entry, *path) for path in _CONTEXT]
    known = next((size for size in sizes if size), None)
    real = number_at(entry, "top_provider", "context_length")
    return min(known, real) if known and real else known


def _sees(entry: dict[str, Any]) -> bool | None:
    for path in (("architecture", "input_modalities"), ("input_modalities",)):
        inputs = at(entry, *path)
        if isinstance(inputs, list):
            return "image" in inputs
    for path in (("capabilities", "vision"), ("metadata", "vision"), ("vision",)):
        said = at(entry, *path)
        if isinstance(said, bool):
            return said
    features = at(entry, "features")
    if isinstance(features, list):
        return any("vision" in str(feature) for feature in features)
    return True if text_at(entry, "type") == "vlm" else None


def _price(entry: dict[str, Any]) -> str:
    prompt = _per_million(at(entry, "pricing", "prompt"))
    reply = _per_million(at(entry, "pricing", "completion"))
    if prompt is None or reply is None:
        return ""
    return "free" if prompt == reply == 0 else f"${prompt:.4g} / ${reply:.4g}"


def _per_million(price: Any) -> float | None:
    """OpenRouter and its kin give dollars for one token, as text."""
    try:
        value = float(price) * 1_000_000
    except (TypeError, ValueError):
        return None
    return value if 0 <= value < 1e6 else None
