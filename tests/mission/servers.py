"""What the servers of the backends answer beside replies, as their makers document it."""

from collections.abc import Callable
from typing import Any

Answers = dict[str, Any]


def _quarter(key: str, name: str) -> Callable[[Any], Any]:
    """A token route: a token for every four letters."""
    return lambda body: {name: len(body[key]) // 4, "ids": [], "tokens": [1]}


def listed(*models: str) -> Answers:
    """A model list as OpenAI's."""
    data = [{"id": model, "object": "model"} for model in models]
    return {"/models": {"object": "list", "data": data}}


KOBOLDCPP: Answers = {
    "/api/extra/version": {"result": "KoboldCpp", "version": "1.102", "vision": False},
    "/api/v1/model": {"result": "koboldcpp/Tiefighter-13B.Q6_K.gguf"},
    "/api/extra/true_max_context_length": {"value": 4096},
    "/api/extra/tokencount": _quarter("prompt", "value"),
    "/api/extra/perf": {"stop_reason": 1, "last_token_count": 5},
    "/api/extra/abort": {"success": True},
}
TEXTGEN: Answers = {
    "/v1/internal/model/info": {"model_name": "mythomax-l2-13b.Q5_K_M.gguf", "loader": "llama.cpp"},
    "/v1/internal/token-count": _quarter("text", "length"),
    "/docs": {},
    **listed("mythomax-l2-13b.Q5_K_M.gguf"),
}
TABBY: Answers = {
    "/v1/models": {"data": [{"id": "mira-exl2"}, {"id": "tobin-exl2"}]},
    "/v1/model/load": {"status": "finished"},
    "/v1/model/unload": {},
    "/v1/model": {"id": "mira-exl2", "parameters": {"max_seq_len": 8192}},
    "/v1/token/encode": _quarter("text", "length"),
}
LLAMACPP: Answers = {
    "/props": {"default_generation_settings": {"n_ctx": 8192}, "total_slots": 1},
    "/tokenize": lambda body: {"tokens": [1] * (len(body["content"]) // 4)},
    **listed("qwen2-7b.Q4_K_M.gguf"),
}
OLLAMA: Answers = {
    "/api/tags": {"models": [{"name": "llama3:8b"}, {"name": "mistral:7b"}]},
    "/api/show": {"details": {}},
    "/api/version": {"version": "0.9"},
}
KOBOLDAI: Answers = {
    "/api/v1/info/version": {"result": "1.2.2"},
    "/api/v1/model": {"result": "PygmalionAI/pygmalion-6b"},
}
APHRODITE: Answers = {"/v1/tokenize": {"count": 74, "tokens": [1]}, **listed("some-model")}
CLAUDE: Answers = {"/v1/models": {"data": [{"id": "claude-sonnet-4-5"}]}}

_CHAT, _TEXT = "openai-chat", "openai-text"
SERVERS: dict[str, tuple[tuple[str, ...], Answers]] = {
    "ai21": ((_CHAT,), {}),
    "aimlapi": ((_CHAT,), {}),
    "anthropic": (("anthropic",), CLAUDE),
    "aphrodite": ((_TEXT, _CHAT), APHRODITE),
    "cohere": (("cohere",), {}),
    "deepseek": ((_CHAT,), listed("deepseek-chat", "deepseek-reasoner")),
    "dreamgen": ((_TEXT, _CHAT), {}),
    "electronhub": ((_CHAT,), {}),
    "gemini": (("gemini",), {"/v1beta/models": {"models": []}}),
    "koboldai": (("koboldai",), KOBOLDAI),
    "koboldcpp": (("koboldcpp", _CHAT), KOBOLDCPP),
    "llamacpp": (("llamacpp", _CHAT), LLAMACPP),
    "lmstudio": ((_CHAT, _TEXT), listed("some-model")),
    "mancer": ((_TEXT, _CHAT), listed("m")),
    "mistral": ((_CHAT,), {}),
    "novelai": (("novelai", _CHAT), {"/user/subscription": {"tier": 3, "active": True}}),
    "ollama": (("ollama",), OLLAMA),
    "openai": ((_CHAT, _TEXT), {}),
    "openai-compatible": ((_CHAT, _TEXT), listed("some-model")),
    "openrouter": ((_CHAT, _TEXT), {}),
    "perplexity": ((_CHAT,), {}),
    "pollinations": ((_CHAT,), {"/models": [{"name": "openai"}]}),
    "tabby": ((_TEXT, _CHAT), TABBY),
    "textgenwebui": ((_TEXT, _CHAT, "koboldai"), TEXTGEN),
    "textgenwebui-legacy": (("koboldai",), {"/api/v1/model": {"result": "some-model"}}),
    "vertex": (("gemini",), {}),
    "vllm": ((_CHAT, _TEXT), listed("some-model")),
}
"""The protocols of each backend's server, and its answers."""

LOCAL = (
    "koboldcpp",
    "llamacpp",
    "ollama",
    "textgenwebui",
    "textgenwebui-legacy",
    "tabby",
    "koboldai",
    "aphrodite",
    "lmstudio",
    "vllm",
)
CLOUD = (
    "horde",
    "openai",
    "anthropic",
    "gemini",
    "vertex",
    "mistral",
    "openrouter",
    "deepseek",
    "ai21",
    "cohere",
    "perplexity",
    "mancer",
    "dreamgen",
    "pollinations",
    "novelai",
    "electronhub",
    "aimlapi",
)
