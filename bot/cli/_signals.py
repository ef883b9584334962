"""How the operator ends a serving command."""

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.supervisor import Supervisor


def stop_on_signals(supervisor: "Supervisor") -> None:
    """SIGTERM and Ctrl+C let running replies end before the process does."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers; there Ctrl+C ends asyncio.run by itself.
        with suppress(NotImplementedError):
            loop.add_signal_handler(name, supervisor.stop)
