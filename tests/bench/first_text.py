"""How long a newcomer waits: `python -m tests.bench.first_text`.

Goals: the page answers 5 s after the start; the rehearsal's first words stand in the channel 300 ms
after sending. The product runs as it is started, in a process of its own.
"""

import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

ROUNDS = 10
ROOT = Path(__file__).resolve().parents[2]


async def started(folder: str) -> tuple[asyncio.subprocess.Process, str, float]:
    """The process, the address it prints, and the seconds until then."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "playground", "--no-open", "--port", "0"),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        if found := re.search(r"http://\S+", line):
            return process, found[0], time.perf_counter() - begun
    raise RuntimeError("the playground did not open")


async def first_text(session: aiohttp.ClientSession, url: str, channel: str, user: str) -> float:
    """Seconds from sending until words of a character stand in the channel."""
    async with session.get(f"{url}/playground/events", params={"user": user}) as events:
        begun = time.perf_counter()
        await session.post(
            f"{url}/playground/act",
            json={"user": user, "action": "send", "channel": channel, "content": "Good evening!"},
        )
        shown = None
        async for line in events.content:
            if not line.startswith(b"data:"):
                continue
            event = json.loads(line[5:])
            message = event.get("d") or {}
            if event["type"] in ("MESSAGE_CREATE", "MESSAGE_UPDATE") and message.get("webhook_id"):
                shown = shown or time.perf_counter() - begun
                if any("Regenerate" in json.dumps(row) for row in message.get("components", ())):
                    return shown
    raise RuntimeError("no reply came")


async def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        process, url, opened = await started(folder)
        try:
            async with aiohttp.ClientSession() as session:
                state = await (await session.get(f"{url}/playground/state")).json()
                user, channels = state["user"], state["channels"]
                channel = next(one["id"] for one in channels if one["name"] == "tavern")
                waits = [await first_text(session, url, channel, user) for _ in range(ROUNDS)]
        finally:
            process.terminate()
            await process.communicate()
    print(f"start to page: {opened:.2f} s")
    median, worst = statistics.median(waits), max(waits)
    print(f"sending to first text: median {median * 1000:.0f} ms, worst {worst * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main())
