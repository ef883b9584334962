"""The bot as a process to be killed: all real, with a model whose words can be foretold."""

import asyncio
import os
import re
import signal
from contextlib import suppress
from pathlib import Path

from bot.client import Supervisor, point_at
from bot.log import configure
from core.backends.rehearsal.rehearsal import Script, ScriptedReply
from core.backends.types import Request
from core.engine import Engine
from core.settings import load_settings

SPEED = 300.0
_ASKED = re.compile(r"ask (\d+)( long)?")


class Oracle(Script):
    """Answers the newest numbered question in words that depend on its number alone."""

    def next_reply(self, request: Request) -> ScriptedReply | None:
        super().next_reply(request)
        asked = _ASKED.findall(request.prompt)
        return (
            ScriptedReply(f" {reply_to(int(asked[-1][0]), long=bool(asked[-1][1]))}")
            if asked
            else None
        )


def reply_to(number: int, *, long: bool) -> str:
    """What the model says to a question."""
    words = (f"w{number}x{place}" for place in range(550 if long else 80))
    return f"Answer {number}: " + " ".join(words)


def run(config: str, output: str) -> None:
    """The whole process: nothing of the tests' own environment or terminal reaches it."""
    for name in [name for name in os.environ if name.startswith("TAVERN_")]:
        del os.environ[name]
    with open(output, "a", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        asyncio.run(main(Path(config)))


async def main(config: Path) -> None:
    """As `python -m bot run`, without its wait for further servers."""
    settings = load_settings(config)
    configure(settings.log)
    point_at(settings.discord)
    async with Engine.open(settings) as engine:
        engine.models.pool.catalog.script = Oracle(speed=SPEED)
        supervisor = Supervisor(engine, ready_timeout=0.05)
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, supervisor.stop)
        await supervisor.run()
