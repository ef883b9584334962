"""A tavern whose bot is connected to stand-ins of model servers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.conformance.families import FAMILIES
from tests.conformance.standin import StandIn, serve
from tests.e2e.tavern.conftest import chat, check_log, checker, mira, tavern

__all__ = ["chat", "check_log", "checker", "mira", "tavern"]

Stand = Callable[..., Awaitable[StandIn]]

KOBOLDCPP = {
    "/api/extra/version": {"result": "KoboldCpp", "version": "1.102", "vision": False},
    "/api/v1/model": {"result": "koboldcpp/Tiefighter-13B.Q6_K.gguf"},
    "/api/extra/true_max_context_length": {"value": 4096},
    "/api/extra/tokencount": lambda body: {"value": len(body["prompt"]) // 4, "ids": []},
    "/api/extra/perf": {"stop_reason": 1, "last_token_count": 5},
    "/api/extra/abort": {"success": True},
}
"""What a KoboldCpp answers beside replies."""
TEXTGEN = {
    "/v1/internal/model/info": {"model_name": "mythomax-l2-13b.Q5_K_M.gguf", "loader": "llama.cpp"},
    "/v1/internal/token-count": lambda body: {"length": len(body["text"]) // 4},
    "/v1/internal/encode": lambda body: {"tokens": [1] * (len(body["text"]) // 4), "length": 1},
    "/v1/models": {"object": "list", "data": [{"id": "mythomax-l2-13b.Q5_K_M.gguf"}]},
    "/docs": {},
}
"""What a text-generation-webui answers beside replies."""


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Puts up stand-ins that live as long as the test: `await stand("koboldcpp", answers)`."""
    async with AsyncExitStack() as stack:

        async def up(protocol: str, answers: dict[str, Any] | None = None) -> StandIn:
            return await stack.enter_async_context(serve(FAMILIES[protocol], answers))

        yield up
