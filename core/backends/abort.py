"""Ending a job on a server that goes on when the connection is closed (KoboldCpp)."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from core.backends.line import Line
from core.errors import BackendError, StreamBroken, TimedOut

ROUTE = "/api/extra/abort"
TIME = 2.0
"""Seconds the server gets to hear that it should stop."""


def new_job() -> dict[str, str]:
    """The key in a request's body that names it."""
    return {"genkey": f"TK{secrets.token_hex(6)}"}


@asynccontextmanager
async def aborting(line: Line, job: Mapping[str, str]) -> AsyncIterator[None]:
    """Tells the server to stop the job when the block is left before its end."""
    try:
        yield
    except (GeneratorExit, asyncio.CancelledError, StreamBroken, TimedOut):
        with suppress(BackendError, TimeoutError):
            async with asyncio.timeout(TIME):
                await line.post(ROUTE, dict(job))
        raise
