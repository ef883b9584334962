"""What each protocol sends and how it reads what comes back: pure functions."""

from dataclasses import replace
from typing import Any

import pytest

from core.backends import anthropic, cohere, gemini, horde, koboldcpp, llamacpp, novelai, ollama
from core.backends.api_client import route, stored_url
from core.backends.catalog import Catalog
from core.backends.echo import PrefillEcho
from core.backends.http import Http
from core.backends.messages import arrange, merge
from core.backends.models import read_models
from core.backends.openai import chat_body, read_frame, text_body
from core.backends.types import Finish, Image, Note, NoteCode, Request, WireMessage
from core.errors import InvalidUrl, NotFound, Overloaded, Refused
from core.kind import Kind
from core.secret import Secret

CATALOG = Catalog.load()
PICTURE = Image(b"\x89PNG", "image/png")


def chat(*messages: tuple[str, str], **more: Any) -> Request:
    wire = tuple(WireMessage(role, content) for role, content in messages)
    return Request(Kind.CHAT, more.pop("model", "m"), messages=wire, **more)


def texts_of(turn: dict[str, Any]) -> list[str]:
    """The texts of one of Claude's turns."""
    return [block["text"] for block in turn["content"]]


TALK = (
    ("system", "You are Mira."),
    ("user", "Hello."),
    ("user", "Anyone?"),
    ("assistant", "Here."),
    ("system", "It rains."),
    ("user", "Good."),
)


# Claude


def test_claude_gets_system_apart_and_strict_alternation() -> None:
    body = anthropic.messages_body(CATALOG.get("anthropic"), chat(*TALK, model="claude-3-haiku"))
    assert [block["text"] for block in body["system"]] == ["You are Mira."]
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert texts_of(body["messages"][2]) == ["It rains.", "Good."]
    assert body["max_tokens"] == 350


def test_claude_always_begins_with_a_user_and_has_no_empty_text() -> None:
    spec = CATALOG.get("anthropic")
    body = anthropic.messages_body(spec, chat(("assistant", "Hi."), ("user", "")))
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert all(message["content"][0]["text"] for message in body["messages"])
    assert anthropic.messages_body(spec, chat())["messages"]


@pytest.mark.parametrize(
    ("model", "prefill", "role"),
    [
        ("claude-3-5-sonnet-latest", True, "assistant"),
        ("claude-3-5-sonnet-latest", False, "user"),
        ("claude-opus-4-6", True, "user"),
        ("claude-sonnet-5", True, "user"),
    ],
)
def test_claude_is_prefilled_only_where_that_is_allowed(
    model: str, prefill: bool, role: str
) -> None:
    request = chat(("user", "Go."), ("assistant", "She says "), model=model, prefill=prefill)
    last = anthropic.messages_body(CATALOG.get("anthropic"), request)["messages"][-1]
    assert last["role"] == role
    if role == "assistant":
        assert last["content"][0]["text"] == "She says"


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        ("claude-3-opus", {"temperature": 0.9, "top_p": 0.8}),
        ("claude-opus-4-1", {"temperature": 0.9}),
        ("claude-sonnet-4-5", {"temperature": 0.9}),
        ("claude-opus-4-7", {}),
        ("claude-sonnet-5", {}),
    ],
)
def test_claude_takes_samplers_by_family(model: str, sent: dict[str, float]) -> None:
    request = chat(*TALK, model=model, samplers={"temperature": 0.9, "top_p": 0.8})
    body = anthropic.messages_body(CATALOG.get("anthropic"), request)
    assert {key: body[key] for key in ("temperature", "top_p") if key in body} == sent


def test_claude_thinks_in_the_way_of_its_family() -> None:
    spec = CATALOG.get("anthropic")
    effort = "low"
    older = anthropic.messages_body(
        spec, chat(*TALK, model="claude-3-7-sonnet", effort=effort, samplers={"temperature": 1})
    )
    assert older["thinking"] == {"type": "enabled", "budget_tokens": 2048}
    assert older["max_tokens"] == 350 + 2048
    assert "temperature" not in older
    newer = anthropic.messages_body(spec, chat(*TALK, model="claude-opus-4-8", effort=effort))
    assert newer["thinking"]["type"] == "adaptive"
    assert newer["output_config"] == {"effort": "low"}


def test_claude_gets_cache_marks_at_the_head_and_at_the_previous_turn() -> None:
    spec = CATALOG.get("anthropic")
    body = anthropic.messages_body(spec, chat(*TALK))
    marked = [
        block
        for message in [{"content": body["system"]}, *body["messages"]]
        for block in message["content"]
        if "cache_control" in block
    ]
    assert [block["text"] for block in marked] == ["You are Mira.", "Anyone?"]
    plain = anthropic.messages_body(spec, chat(*TALK, prompt_cache="off"))
    assert "cache_control" not in str(plain)


def test_claude_sees_pictures_of_users() -> None:
    message = WireMessage("user", "Look.", images=(PICTURE,))
    body = anthropic.messages_body(
        CATALOG.get("anthropic"), Request(Kind.CHAT, "claude-3-opus", messages=(message,))
    )
    assert body["messages"][0]["content"][0]["source"]["media_type"] == "image/png"


def test_claude_refusals_and_usage() -> None:
    end = {"type": "message_delta", "delta": {"stop_reason": "refusal"}}
    assert anthropic.read_frame(end).finish is Finish.FILTER
    usage = {"input_tokens": 5, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 5}
    start = anthropic.read_frame({"type": "message_start", "message": {"usage": usage}})
    assert start.usage is not None
    assert (start.usage.prompt_tokens, start.usage.cached_tokens) == (100, 90)
    thought = {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "a"}}
    assert anthropic.read_frame(thought).reasoning == "a"


# Gemini


def test_gemini_has_its_own_roles_and_safety_switched_off() -> None:
    request = chat(*TALK, model="gemini-2.5-pro", stop=("x" * 17, "a", "b", "c", "d", "e", "f"))
    body = gemini.content_body(CATALOG.get("gemini"), request)
    assert body["systemInstruction"]["parts"][0]["text"] == "You are Mira."
    assert [message["role"] for message in body["contents"]] == ["user", "model", "user"]
    assert {setting["threshold"] for setting in body["safetySettings"]} == {"OFF"}
    assert body["generationConfig"]["stopSequences"] == ["a", "b", "c", "d", "e"]
    assert body["generationConfig"]["maxOutputTokens"] == 350 + 8192


def test_gemini_leaves_out_a_top_k_of_nothing() -> None:
    request = chat(*TALK, samplers={"top_k": 0, "top_p": 0.9, "seed": 5})
    config = gemini.content_body(CATALOG.get("gemini"), request)["generationConfig"]
    assert config == {"topP": 0.9, "seed": 5, "maxOutputTokens": 350}


def test_gemma_has_no_instructions_apart() -> None:
    body = gemini.content_body(CATALOG.get("gemini"), chat(*TALK, model="gemma-3-27b-it"))
    assert "systemInstruction" not in body
    assert body["contents"][0]["parts"][0]["text"].startswith("You are Mira.")


def test_gemini_thinks_by_budget_or_level() -> None:
    spec, effort = CATALOG.get("gemini"), "high"
    older = gemini.content_body(spec, chat(*TALK, model="gemini-2.5-flash", effort=effort))
    assert older["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 16_384
    none = chat(*TALK, model="gemini-2.5-pro", effort="none")
    least = gemini.content_body(spec, none)["generationConfig"]["thinkingConfig"]
    assert least == {"thinkingBudget": 128, "includeThoughts": False}
    newer = gemini.content_body(spec, chat(*TALK, model="gemini-3-pro-preview", effort=effort))
    assert newer["generationConfig"]["thinkingConfig"]["thinkingLevel"] == "HIGH"


def test_textgen_is_told_the_context_size_in_both_kinds() -> None:
    spec = CATALOG.get("textgenwebui")
    request = chat(*TALK, context_size=6144)
    assert chat_body(spec, request)["truncation_length"] == 6144
    assert text_body(spec, replace(request, prompt="x"))["truncation_length"] == 6144


def test_gemini_tells_who_blocked_what() -> None:
    with pytest.raises(Refused) as caught:
        gemini.read_frame({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})
    assert caught.value.facts["category"] == "prohibited content"
    rated = [{"category": "HARM_CATEGORY_HATE_SPEECH", "blocked": True}]
    cut = gemini.read_frame({"candidates": [{"finishReason": "SAFETY", "safetyRatings": rated}]})
    assert (cut.finish, cut.note) == (Finish.FILTER, Note(NoteCode.FILTER, "safety, hate speech"))
    told = {"finishReason": "RECITATION", "finishMessage": "Too close to a source."}
    cut = gemini.read_frame({"candidates": [told]})
    assert cut.note == Note(NoteCode.FILTER, "Too close to a source.")
    parts = [{"text": "hm", "thought": True}, {"text": "Yes."}]
    said = gemini.read_frame({"candidates": [{"content": {"parts": parts}}]})
    assert (said.text, said.reasoning) == ("Yes.", "hm")


# The OpenAI family


def test_families_that_think_get_room_and_no_samplers() -> None:
    request = chat(*TALK, model="gpt-5-mini", samplers={"temperature": 0.7}, stop=("a",))
    body = chat_body(CATALOG.get("openai"), request)
    assert body["max_completion_tokens"] == 350 + 8192
    assert not {"temperature", "max_tokens", "stop"} & body.keys()


@pytest.mark.parametrize(
    ("backend", "key", "value"),
    [
        ("openrouter", "reasoning", {"effort": "high"}),
        ("deepseek", "thinking", {"type": "enabled"}),
        ("vllm", "reasoning_effort", "high"),
        ("mistral", "reasoning_effort", None),
    ],
)
def test_the_wish_to_think_is_said_in_each_vendors_way(
    backend: str, key: str, value: object
) -> None:
    body = chat_body(CATALOG.get(backend), chat(*TALK, effort="high"))
    assert body.get(key) == value


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("mistral", {"messages": {"role": "assistant", "content": "She", "prefix": True}}),
        ("deepseek", {"messages": {"role": "assistant", "content": "She", "prefix": True}}),
        ("vllm", {"continue_final_message": True, "add_generation_prompt": False}),
        ("textgenwebui", {"continue_": True}),
        ("tabby", {"response_prefix": "She"}),
        ("openrouter", {"messages": {"role": "assistant", "content": "She"}}),
    ],
)
def test_a_reply_is_continued_in_each_servers_way(
    backend: str, expected: dict[str, object]
) -> None:
    body = chat_body(
        CATALOG.get(backend), chat(("user", "Go."), ("assistant", "She"), prefill=True)
    )
    for key, value in expected.items():
        assert (body[key][-1] if key == "messages" else body[key]) == value


def test_pollinations_never_asks_the_same_twice() -> None:
    spec = CATALOG.get("pollinations")
    assert chat_body(spec, chat(*TALK))["seed"] != chat_body(spec, chat(*TALK))["seed"]
    assert chat_body(spec, chat(*TALK, samplers={"seed": 3}))["seed"] == 3


def test_logging_at_mancer_is_off_until_it_is_switched_on() -> None:
    spec = CATALOG.get("mancer")
    request = Request(Kind.TEXT, "m", prompt="x")
    assert "allow_logging" not in text_body(spec, request)
    request = Request(Kind.TEXT, "m", prompt="x", switches=("logging",))
    assert text_body(spec, request)["allow_logging"] is True


def test_a_refused_parameter_is_left_out() -> None:
    request = chat(*TALK, omit=("max_tokens", "seed"), samplers={"seed": 4})
    body = chat_body(CATALOG.get("openai"), request)
    assert body["max_completion_tokens"] == 350
    assert not {"max_tokens", "seed"} & body.keys()


def test_dialects_of_the_answers() -> None:
    mistral = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]
    delta = read_frame({"choices": [{"delta": {"content": mistral}}]})
    assert (delta.text, delta.reasoning) == ("", "hm")
    perplexity = {
        "choices": [{"delta": {"content": "b"}, "message": {"content": "ab"}}],
        "citations": ["https://a.example"],
    }
    delta = read_frame(perplexity)
    assert (delta.text, delta.citations) == ("b", ("https://a.example",))
    assert read_frame({"choices": [{"delta": {"reasoning": "r"}}]}).reasoning == "r"
    refused = read_frame({"choices": [{"delta": {"refusal": "No."}}]})
    assert (refused.text, refused.refusal) == ("", "No.")
    details = [{"type": "reasoning.text", "text": "hm"}]
    both = {"reasoning": "hm", "reasoning_details": details}
    assert read_frame({"choices": [{"delta": both}]}).reasoning == "hm"
    assert read_frame({"choices": [{"delta": {"reasoning_details": details}}]}).reasoning == "hm"
    searched = {"search_results": [{"title": "A", "url": "https://a.example"}], "choices": []}
    assert read_frame(searched).citations == ("https://a.example",)
    parts = [{"type": "reasoning", "text": "hm"}, {"type": "refusal", "refusal": "No."}]
    delta = read_frame({"choices": [{"delta": {"content": parts}}]})
    assert (delta.text, delta.reasoning, delta.refusal) == ("", "hm", "No.")
    assert read_frame({"choices": []}).text == ""
    assert read_frame({"choices": [{"delta": None}]}).text == ""
    groq = read_frame({"choices": [], "x_groq": {"usage": {"prompt_tokens": 3}}})
    assert groq.usage is not None
    with pytest.raises(Overloaded):
        read_frame({"choices": [{"finish_reason": "insufficient_system_resource"}]})


MODEL_LISTS: list[tuple[Any, list[tuple[str, int | None, bool | None, str]]]] = [
    (
        {"data": [{"id": "a/b", "name": "B", "context_length": 32000,
                   "top_provider": {"context_length": 16000},
                   "architecture": {"input_modalities": ["text", "image"]},
                   "pricing": {"prompt": "0.000003", "completion": "0.000015"}}]},
        [("a/b", 16000, True, "$3 / $15")],
    ),
    ({"data": [{"id": "m", "max_model_len": 8192}]}, [("m", 8192, None, "")]),
    ({"data": [{"id": "m", "context_window": 131072, "active": False}, {"id": "n"}]},
     [("n", None, None, "")]),
    ({"data": [{"id": "m", "info": {"name": "M", "contextLength": 4}, "type": "chat-completion",
                "features": ["openai/chat-completion.vision"]},
               {"id": "i", "type": "image"}]}, [("m", 4, True, "")]),
    ({"data": [{"id": "m", "tokens": 9, "endpoints": ["/v1/chat/completions"]},
               {"id": "p", "endpoints": ["/v1/images/generations"]}]}, [("m", 9, None, "")]),
    ([{"name": "openai", "input_modalities": ["text"], "output_modalities": ["text"]},
      {"name": "paint", "output_modalities": ["image"]}], [("openai", None, False, "")]),
    ({"data": [{"id": "f", "pricing": {"prompt": "0", "completion": "0"}}]},
     [("f", None, None, "free")]),
    ({"data": []}, []),
]  # fmt: skip


@pytest.mark.parametrize(("document", "expected"), MODEL_LISTS)
def test_model_lists(
    document: Any, expected: list[tuple[str, int | None, bool | None, str]]
) -> None:
    found = [one for one in read_models(document, "Here") if one.writes]
    assert [(one.id, one.context_size, one.sees, one.price) for one in found] == expected


def test_models_for_pictures_are_known_as_such() -> None:
    entries = [
        {"id": "m", "type": "chat"},
        {"id": "a", "endpoints": ["/v1/images/generations"]},
        {"id": "b", "output_modalities": ["image"]},
        {"id": "c", "type": "image"},
        {"id": "d", "type": "image", "active": False},
        {"id": "e", "type": "embedding"},
        {"id": "f", "output_modalities": ["text", "image"]},
    ]
    found = {one.id: one.writes for one in read_models({"data": entries}, "Here")}
    assert found == {"m": True, "a": False, "b": False, "c": False, "f": True}


# Local servers


def test_ollama_always_says_its_context_size() -> None:
    body = ollama.ollama_body(CATALOG.get("ollama"), Request(Kind.TEXT, "m", prompt="x"))
    assert body["raw"] is True
    assert body["options"]["num_ctx"] == 8192
    assert body["options"]["num_predict"] == 350
    thinking = chat(*TALK, effort="low")
    assert ollama.ollama_body(CATALOG.get("ollama"), thinking)["think"] is True


def test_koboldcpp_gets_pictures_beside_the_prompt() -> None:
    request = Request(Kind.TEXT, "", prompt="x", images=(PICTURE,))
    body = koboldcpp.generate_body(CATALOG.get("koboldcpp"), request)
    assert body["images"] == ["iVBORw=="]
    assert body["max_context_length"] == 8192


def test_llamacpp_keeps_a_channel_in_its_slot() -> None:
    request = Request(Kind.TEXT, "", prompt="x", slot=2)
    assert llamacpp.completion_body(CATALOG.get("llamacpp"), request)["id_slot"] == 2
    old = llamacpp.read_frame({"content": "", "stop": True, "stopped_limit": True})
    assert old.finish is Finish.LENGTH


async def test_novelai_takes_stop_strings_as_tokens() -> None:
    spec = CATALOG.get("novelai")
    request = Request(
        Kind.TEXT, "llama-3-erato-v1", prompt="x", max_tokens=400,
        stop_tokens=((12, 13), ()),
    )  # fmt: skip
    request = await novelai.NovelAI(spec, Http(), "", Secret()).fitted(request)
    body = novelai.generate_body(spec, request)
    assert body["parameters"]["stop_sequences"] == [[12, 13]]
    assert body["parameters"]["max_length"] == 150
    assert body["input"].endswith("x")
    assert body["input"] != "x"


def test_horde_stays_inside_its_ranges() -> None:
    request = Request(
        Kind.TEXT, "m", prompt="x", max_tokens=900, context_size=16384,
        samplers={"top_p": 0.0, "repetition_penalty": 0.5, "temperature": 9},
        stop=tuple("a" * 100 + str(number) for number in range(40)),
    )  # fmt: skip
    params = horde.job_body(CATALOG.get("horde"), request, (4096, 512))["params"]
    assert (params["max_context_length"], params["max_length"]) == (4096, 512)
    assert (params["top_p"], params["rep_pen"], params["temperature"]) == (0.001, 1, 5)
    assert sum(map(len, params["stop_sequence"])) <= 2000


def test_cohere_reads_both_forms() -> None:
    frame = {"type": "content-delta", "delta": {"message": {"content": {"thinking": "hm"}}}}
    assert cohere.read_frame(frame).reasoning == "hm"


# Messages and addresses


def test_names_go_into_the_text_except_where_there_is_a_field() -> None:
    messages = (
        WireMessage("user", "Hi.", "Ann B."),
        WireMessage("user", "Ben: Yo.", "Ben"),
        WireMessage("system", "Example.", "example_user"),
    )
    request = Request(Kind.CHAT, "", messages=messages)
    spec = CATALOG.get("groq")
    found = arrange(request, spec, spec.traits("")).messages
    assert [one.content for one in found] == ["Ann B.: Hi.", "Ben: Yo.", "Example."]
    spec = CATALOG.get("openai")
    assert [one.name for one in arrange(request, spec, spec.traits("")).messages] == [
        "Ann_B.", "Ben", "example_user",
    ]  # fmt: skip


def test_message_modes() -> None:
    messages = tuple(WireMessage(role, content) for role, content in TALK)
    assert [one.role for one in merge(messages)] == [
        "system", "user", "assistant", "system", "user",
    ]  # fmt: skip
    spec = CATALOG.get("perplexity")
    request = Request(Kind.CHAT, "sonar", messages=messages)
    assert [one.role for one in arrange(request, spec, spec.traits("sonar")).messages] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip
    greeting = (WireMessage("system", "S"), WireMessage("assistant", "Hi"))
    request = replace(request, messages=greeting)
    assert [one.role for one in arrange(request, spec, spec.traits("sonar")).messages] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip


@pytest.mark.parametrize("backend", ["mistral", "deepseek", "perplexity", "ai21", "cohere"])
def test_strict_vendors_have_the_last_word_from_the_user(backend: str) -> None:
    spec = CATALOG.get(backend)
    messages = (WireMessage("user", "Hi."), WireMessage("assistant", "Well"))
    request = Request(Kind.CHAT, "m", messages=messages)
    assert arrange(request, spec, spec.traits("m")).messages[-1].role == "user"
    continued = arrange(replace(request, prefill=True), spec, spec.traits("m")).messages[-1].role
    assert continued == ("assistant" if backend in ("mistral", "deepseek") else "user")


@pytest.mark.parametrize(
    ("backend", "model", "wish", "sent"),
    [
        ("xai", "grok-3-mini", "none", "low"),
        ("xai", "grok-3-mini", "max", "high"),
        ("groq", "qwen/qwen3-32b", "low", "default"),
        ("groq", "openai/gpt-oss-120b", "minimal", "low"),
        ("groq", "deepseek-r1-distill", "low", None),
        ("openai", "o3", "minimal", "low"),
        ("openai", "gpt-5", "none", "minimal"),
        ("openai", "gpt-5.1", "none", "none"),
        ("perplexity", "sonar-reasoning", "none", "minimal"),
        ("vllm", "m", "max", "high"),
    ],
)
def test_efforts_are_those_a_model_knows(
    backend: str, model: str, wish: str, sent: str | None
) -> None:
    request = chat(*TALK, model=model, effort=wish)
    assert chat_body(CATALOG.get(backend), request).get("reasoning_effort") == sent


def test_an_echoed_prefill_is_cut_off() -> None:
    for pieces in (["She sa", "ys hi"], ["She says", " hi"], ["She says hi"]):
        echo = PrefillEcho("She says")
        found = "".join(echo.feed(piece) for piece in pieces) + echo.feed("", end=True)
        assert found == " hi"
    echo = PrefillEcho("She says")
    assert echo.feed("She") + echo.feed(" sings") == "She sings"
    assert PrefillEcho("She says").feed("Sh", end=True) == "Sh"
    assert PrefillEcho("").feed("x") == "x"


@pytest.mark.parametrize(
    ("backend", "text", "stored"),
    [
        ("textgenwebui", "http://localhost:5000", "http://localhost:5000"),
        ("textgenwebui", "http://localhost:5000/", "http://localhost:5000"),
        ("textgenwebui", "localhost:5000/v1", "http://localhost:5000"),
        ("textgenwebui", "http://localhost:5000/v1/", "http://localhost:5000"),
        ("textgenwebui", "http://localhost:5000/v1/chat/completions", "http://localhost:5000"),
        ("koboldcpp", "http://h:5001/api/v1", "http://h:5001"),
        ("koboldcpp", "http://h:5001/api/", "http://h:5001"),
        ("koboldcpp", "https://x.trycloudflare.com/", "https://x.trycloudflare.com"),
        ("koboldcpp", "https://tunnel.example/a/b/", "https://tunnel.example/a/b"),
        ("koboldai", "http://h:5000/api", "http://h:5000"),
        ("ollama", "http://H:11434/api", "http://h:11434"),
        ("openrouter", "https://openrouter.ai/api/v1", "https://openrouter.ai/api"),
        ("openai-compatible", "https://x.example/v4/", "https://x.example/v4"),
        ("openai-compatible", "https://x.example/api/v1", "https://x.example/api/v1"),
        ("openai-compatible", "http://h:1/v1/v1/", "http://h:1"),
        ("koboldcpp", "", "http://127.0.0.1:5001"),
    ],
)
def test_addresses_are_stored_one_way(backend: str, text: str, stored: str) -> None:
    assert stored_url(CATALOG.get(backend), text) == stored


@pytest.mark.parametrize(
    ("backend", "root", "full"),
    [
        ("openai", "https://api.openai.com", "https://api.openai.com/v1/x"),
        ("deepseek", "https://api.deepseek.com", "https://api.deepseek.com/x"),
        ("openai-compatible", "http://h:1", "http://h:1/v1/x"),
        ("openai-compatible", "https://h/v4", "https://h/v4/x"),
        ("openai-compatible", "https://h/inference", "https://h/inference/x"),
        ("gemini", "https://h", "https://h/v1beta/x"),
    ],
)
def test_routes(backend: str, root: str, full: str) -> None:
    assert route(CATALOG.get(backend), root, "/x") == full


def test_a_key_in_an_address_is_refused() -> None:
    with pytest.raises(InvalidUrl) as caught:
        stored_url(CATALOG.get("gemini"), "https://x.example/?key=sk-secret12345")
    assert "secret" not in str(caught.value)


def test_rows_are_stored_in_normal_form() -> None:
    for spec in CATALOG:
        if spec.endpoint.url:
            assert stored_url(spec, spec.endpoint.url) == spec.endpoint.url, spec.id


def test_names_that_are_gone_lead_to_the_living() -> None:
    with pytest.raises(NotFound) as caught:
        CATALOG.get("Scale")
    assert caught.value.facts["near"] == "openai"
    with pytest.raises(NotFound) as caught:
        CATALOG.get("kobldcpp")
    assert caught.value.facts["near"] == "koboldcpp"


def test_erato_is_stopped_behind_punctuation_too() -> None:
    assert novelai.stop_forms("kayra-v1", ["\nAnn:"]) == ["\nAnn:"]
    forms = novelai.stop_forms("llama-3-erato-v1", ["\nAnn:", "END"])
    assert forms[:2] == ["\nAnn:", "END"]
    assert {".\nAnn:", '!"\nAnn:', "...\nAnn:"} <= set(forms)
    assert not any("END" in form for form in forms[2:])
