"""Finding servers on this machine."""

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.backends.http import Http
from core.backends.local_servers import LocalServer, find_local

SERVERS: dict[str, tuple[dict[str, Any], str]] = {
    "koboldcpp": (
        {
            "/api/extra/version": {"result": "KoboldCpp", "version": "1.102"},
            "/api/v1/model": {"result": "koboldcpp/mira-12b.Q6_K"},
            "/api/v1/info/version": {"result": "1.2.5"},
            "/v1/models": {"data": [{"id": "koboldcpp/mira", "owned_by": "koboldcpp"}]},
        },
        "koboldcpp/mira-12b.Q6_K",
    ),
    "ollama": (
        {
            "/api/version": {"version": "0.9.1"},
            "/api/tags": {"models": [{"name": "mira:12b"}]},
            "/v1/models": {"data": [{"id": "mira:12b", "owned_by": "library"}]},
        },
        "mira:12b",
    ),
    "llamacpp": (
        {
            "/health": {"status": "ok"},
            "/v1/models": {"data": [{"id": "mira.gguf", "owned_by": "llamacpp"}]},
            "/props": {"total_slots": 1},
        },
        "mira.gguf",
    ),
    "tabby": (
        {
            "/health": {"status": "healthy", "issues": []},
            "/v1/model": {"id": "mira-exl2", "parameters": {"max_seq_len": 8192}},
        },
        "mira-exl2",
    ),
    "textgenwebui": (
        {
            "/v1/internal/model/info": {"model_name": "mira-gptq", "loader": "exl2"},
            "/v1/models": {"data": [{"id": "mira-gptq"}]},
        },
        "mira-gptq",
    ),
    "lmstudio": (
        {"/api/v0/models": {"data": [{"id": "mira", "state": "loaded", "type": "llm"}]}},
        "mira",
    ),
    "vllm": ({"/v1/models": {"data": [{"id": "mira", "owned_by": "vllm"}]}}, "mira"),
    "koboldai": (
        {
            "/api/v1/info/version": {"result": "1.2.1"},
            "/api/v1/model": {"result": "ReadOnly"},
        },
        "",
    ),
    "openai-compatible": ({"/v1/models": {"data": [{"id": "a"}, {"id": "b"}]}}, ""),
}


def application(answers: dict[str, Any]) -> web.Application:
    async def handle(request: web.Request) -> web.Response:
        if request.path in answers:
            return web.json_response(answers[request.path])
        return web.Response(status=404, text="nothing here")

    found = web.Application()
    found.router.add_route("*", "/{path:.*}", handle)
    return found


@pytest.mark.parametrize("backend", SERVERS)
async def test_each_server_is_known_by_what_it_answers(backend: str) -> None:
    answers, model = SERVERS[backend]
    async with TestServer(application(answers)) as server, Http() as http:
        assert server.port is not None
        found = await find_local(http, [server.port])
    assert [(one.backend, one.model) for one in found] == [(backend, model)]


async def test_a_page_or_silence_is_no_server() -> None:
    async with TestServer(application({})) as server, Http() as http:
        assert server.port is not None
        assert await find_local(http, [server.port, 9]) == []


def test_a_server_without_model_says_so() -> None:
    assert LocalServer("ollama", "http://127.0.0.1:11434").model == ""
