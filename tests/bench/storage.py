"""Figures for the store: `python -m tests.bench.storage` (SQLite in a temporary folder).

Wall time depends on the disk (each write waits for it), CPU time and loop lag do not.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from core.chat.message import State, Swipe
from core.chat.place import Place
from core.settings import Settings
from core.storage.messages import Counts
from core.storage.storage import Storage
from core.storage.stories import Story

HISTORY = 10_000
TURNS = 200
TEXT = "The lantern swung above the harbour wall, and nobody spoke. " * 4


class Lag:
    """The longest time in which the event loop did nothing else, in milliseconds."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> "Lag":
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0.05)
        self.longest = 0.0
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            late = (time.perf_counter() - before - 0.001) * 1000
            self.longest = max(self.longest, late)


async def measured(name: str, times: int, work: Callable[[], Awaitable[object]]) -> None:
    """Runs it and prints milliseconds for one of `times`."""
    async with Lag() as lag:
        wall, cpu = time.perf_counter(), time.process_time()
        await work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{name:<44} {wall * 1000 / times:>9.2f} ms wall {cpu * 1000 / times:>9.2f} ms CPU"
        f" {lag.longest:>7.1f} ms longest loop stall"
    )


async def fill(storage: Storage, story: Story, first: int, number: int) -> None:
    """Lines of people, one after another."""
    for discord_id in range(first, first + number):
        await storage.messages.append_person(
            story, discord_id=discord_id, author_id=7, name="Ann", text=TEXT
        )


async def take_turns(storage: Storage, story: Story, first: int, number: int) -> None:
    """Whole exchanges: a line, a placeholder, two drafts, the final text, the ids."""
    for discord_id in range(first, first + number * 10, 10):
        await fill(storage, story, discord_id, 1)
        turn = await storage.messages.begin(story, "Juno")
        await storage.messages.shown(turn.id, [discord_id + 1])
        for cut in (60, 120):
            await storage.messages.draft(turn.id, 0, TEXT[:cut])
        await storage.messages.finish(turn.id, 0, Swipe(TEXT), State.DONE)
        await storage.messages.shown(turn.id, [discord_id + 1], [len(TEXT)])


async def main() -> None:
    """Prints one line for each figure."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate({"data_dir": Path(folder)})
        begun = time.perf_counter()
        async with Storage.open(settings) as storage:
            print(f"first opening, tables made: {(time.perf_counter() - begun) * 1000:.0f} ms")
            story = await storage.stories.open(Place(channel_id=1, guild_id=1))
            await measured("store a line", HISTORY, lambda: fill(storage, story, 1, HISTORY))
            start = 1_000_000
            await measured(
                "a turn (8 commits)", TURNS, lambda: take_turns(storage, story, start, TURNS)
            )
            await measured("read the newest 100", 1, lambda: storage.messages.history(story, 100))
            await measured(f"read all {HISTORY:,}", 1, lambda: storage.messages.history(story))
            turns = await storage.messages.history(story)
            counted = Counts("x", [(turn, 60) for turn in turns])
            await measured(
                f"remember {HISTORY:,} counts",
                1,
                lambda: storage.messages.save_counts(counted),
            )
            many = [
                await storage.stories.open(Place(channel_id=channel, guild_id=1))
                for channel in range(10, 60)
            ]

            async def together() -> None:
                await asyncio.gather(
                    *(
                        take_turns(storage, one, 10_000_000 * number, 4)
                        for number, one in enumerate(many, 1)
                    )
                )

            await measured("a turn, 50 channels at once", 200, together)
            await measured("forget a person (10,200 lines)", 1, lambda: storage.forget.person(7))
        begun = time.perf_counter()
        async with Storage.open(settings):
            print(f"opening again, with its check: {(time.perf_counter() - begun) * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main())
