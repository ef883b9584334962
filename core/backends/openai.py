"""The chat and text routes of OpenAI and of everything that speaks like it, with its dialects."""

import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from core.backends.backend import StreamingBackend
from core.backends.documents import at, dicts_at, list_at, number_at, text_at
from core.backends.echo import PrefillEcho
from core.backends.faults import azure_verdict, readable
from core.backends.messages import arrange, goes_on, openai_form
from core.backends.sampling import (
    effort_body,
    reply_length,
    stop_body,
    wire_samplers,
    without_refused,
)
from core.backends.spec import Spec, Traits
from core.backends.types import Delta, Finish, Note, NoteCode, Request, Usage
from core.errors import Overloaded
from core.reasons import Reason
from core.samplers.sampler import Dialect

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
    "refusal": Finish.FILTER,
    "prohibited_content": Finish.FILTER,
    "recitation": Finish.FILTER,
    "blocklist": Finish.FILTER,
    "sensitive": Finish.FILTER,
    "guardrail": Finish.FILTER,
    "guardrail_intervened": Finish.FILTER,
    "content-filter": Finish.FILTER,
}
_REASONING = (
    "reasoning_content",
    "reasoning",
    "thinking",
    "reasoning_text",
    "reasoning_details",
    "thinking_blocks",
)
"""Where the thoughts may be; a server that fills several of them says the same in each."""
_THINKING_PARTS = ("thinking", "reasoning", "reasoning_content", "thought")


def text_body(spec: Spec, request: Request) -> dict[str, Any]:
    body = _shared(spec, request, spec.traits(request.model), {"prompt": request.prompt}, {})
    return without_refused(body, request)


def chat_body(spec: Spec, request: Request) -> dict[str, Any]:
    traits = spec.traits(request.model)
    messages = [
        openai_form(message, traits.images) for message in arrange(request, spec, traits).messages
    ]
    body = _shared(spec, request, traits, {"messages": messages}, effort_body(traits, request))
    if request.slot is not None and spec.sampling.dialect is Dialect.LLAMACPP:
        body["id_slot"] = request.slot
    if spec.sampling.random_seed and "seed" not in body:
        # Pollinations answers equal requests from a cache.
        body["seed"] = random.Random(request.turn or None).randrange(2**31)
    if goes_on(request, traits):
        _continue(body, traits)
    return without_refused(body, request)


def _shared(
    spec: Spec, request: Request, traits: Traits, content: dict[str, Any], effort: dict[str, Any]
) -> dict[str, Any]:
    switched = [spec.request.switches.get(id_, {}) for id_ in request.switches]
    streams = request.stream and traits.streams
    asks_usage = streams and spec.request.usage_option
    # text-generation-webui does not tell its context size; it cuts the prompt to what we say.
    is_textgen = spec.sampling.dialect is Dialect.TEXTGEN
    return {
        **spec.request.body,
        **content,
        "stream": streams,
        traits.max_tokens_name: reply_length(traits, request),
        **wire_samplers(spec, request.samplers, request.model),
        **effort,
        **{key: value for keys in switched for key, value in keys.items()},
        **({"model": request.model} if request.model else {}),
        **stop_body("stop", spec, request),
        **({"stream_options": {"include_usage": True}} if asks_usage else {}),
        **({"truncation_length": request.context_size} if is_textgen else {}),
    }


def _continue(body: dict[str, Any], traits: Traits) -> None:
    """Tells the server to go on with the last assistant message, where it can."""
    messages = body["messages"]
    if not messages or messages[-1]["role"] != "assistant":
        return
    if traits.prefill == "prefix":
        messages[-1]["prefix"] = True
    elif traits.prefill == "continue-final":
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    elif traits.prefill == "continue":
        body["continue_"] = True
    elif traits.prefill == "response-prefix":
        body["response_prefix"] = messages.pop()["content"]


def read_frame(frame: dict[str, Any]) -> Delta:
    """One chunk of a stream, or a whole reply, of either route."""
    choice = at(frame, "choices", 0)
    choice = choice if isinstance(choice, dict) else {}
    # Perplexity repeats the text so far in `message` beside `delta`.
    delta = choice.get("delta")
    said = delta or choice.get("message")
    said = said if isinstance(said, dict) else {}
    text, thoughts, refusal = _content(said.get("content"))
    text += text_at(choice, "text")
    thoughts += _thoughts(said) or _thoughts(choice)
    finish = _finish(choice)
    reason = _filtered(frame, choice) if finish is Finish.FILTER else ""
    return Delta(
        text=text,
        reasoning=thoughts,
        finish=finish,
        usage=read_usage(frame) if "usage" in frame or "x_groq" in frame else None,
        citations=_links(frame, said),
        note=Note(NoteCode.FILTER, reason) if reason else None,
        refusal=refusal + text_at(said, "refusal"),
        provider=text_at(frame, "provider"),
        whole=not delta and bool(choice.get("message")),
    )


def _thoughts(said: dict[str, Any]) -> str:
    return next(filter(None, (_flat(said.get(key)) for key in _REASONING)), "")


def _flat(value: Any) -> str:
    """The text of a thought, however it is wrapped."""
    if isinstance(value, list):
        return "".join(map(_flat, value[:1000]))
    if isinstance(value, dict):
        parts = (value.get(key) for key in ("text", "thinking", "summary", "content"))
        return next((part for part in parts if isinstance(part, str) and part), "")
    return value if isinstance(value, str) else ""


def _links(frame: dict[str, Any], said: dict[str, Any]) -> tuple[str, ...]:
    """The sources: of Perplexity, older and newer, and of models that search."""
    links = [url for url in list_at(frame, "citations") if isinstance(url, str)]
    links = links or [text_at(one, "url") for one in dicts_at(frame, "search_results")]
    notes = dicts_at(said, "annotations")
    links += [text_at(note, "url_citation", "url") or text_at(note, "url") for note in notes]
    return tuple(filter(None, dict.fromkeys(links)))


def _filtered(frame: dict[str, Any], choice: dict[str, Any]) -> str:
    """What the filter objected to: Azure's verdicts, or the word of a vendor behind others."""
    native = text_at(choice, "native_finish_reason") or text_at(choice, "finish_reason")
    return azure_verdict(choice) or azure_verdict(frame) or readable(native)


def _finish(choice: dict[str, Any]) -> Finish | None:
    reason = text_at(choice, "finish_reason").lower()
    if reason in ("insufficient_system_resource", "error"):
        raise Overloaded(Reason.MODEL_FAILED if reason == "error" else None)
    return None if reason in ("", "null") else _FINISH.get(reason, Finish.STOP)


def _content(content: Any) -> tuple[str, str, str]:
    """(text, thinking, refusal) of a content that is a string or a list of typed parts."""
    if isinstance(content, str):
        return content, "", ""
    text, thoughts, refusal = "", "", ""
    for part in content if isinstance(content, list) else ():
        kind = text_at(part, "type")
        if isinstance(part, str):
            text += part
        elif kind in _THINKING_PARTS:
            inner = part.get(kind)
            thoughts += _flat(part if inner is None else inner)
        else:
            text += text_at(part, "text")
            refusal += text_at(part, "refusal")
    return text, thoughts, refusal


def read_usage(frame: dict[str, Any]) -> Usage | None:
    usage = frame.get("usage") or at(frame, "x_groq", "usage")
    if not isinstance(usage, dict):
        return None
    cached = number_at(usage, "prompt_tokens_details", "cached_tokens")
    return Usage(
        prompt_tokens=number_at(usage, "prompt_tokens"),
        reply_tokens=number_at(usage, "completion_tokens"),
        cached_tokens=number_at(usage, "prompt_cache_hit_tokens") if cached is None else cached,
    )


class OpenAIText(StreamingBackend):
    """`POST …/completions`: one prompt to continue; server-sent events until `[DONE]`."""

    protocol = "openai-text"
    carriers = ("choices",)
    body = staticmethod(text_body)
    read = staticmethod(read_frame)

    def reply_url(self, request: Request) -> str:
        return self.api.versioned(self.spec.endpoint.text_route)


class OpenAIChat(StreamingBackend):
    """`POST …/chat/completions`: a list of messages; server-sent events until `[DONE]`."""

    protocol = "openai-chat"
    carriers = ("choices",)
    body = staticmethod(chat_body)
    read = staticmethod(read_frame)

    def reply_url(self, request: Request) -> str:
        """Where the row has its route, and perhaps another for a reply to be continued."""
        continues = goes_on(request, self.spec.traits(request.model))
        version = self.spec.endpoint.prefill_version if continues else ""
        return self.api.versioned(self.spec.endpoint.chat_route, version or None)

    def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """As any other, without a prefill that the server repeats."""
        steps = super().stream(request)
        continues = goes_on(request, self.spec.traits(request.model))
        if not (self.spec.reply.prefill_echo and continues):
            return steps
        last = request.messages[-1]
        return _without_echo(steps, last.content if last.role == "assistant" else "")


async def _without_echo(stream: AsyncGenerator[Delta], prefill: str) -> AsyncGenerator[Delta]:
    echo = PrefillEcho(prefill)
    async with aclosing(stream) as steps:
        async for delta in steps:
            yield replace(delta, text=echo.feed(delta.text, end=delta.finish is not None))
