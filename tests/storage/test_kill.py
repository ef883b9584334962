"""kill -9 at any moment: what was told is stored once, and nothing is half there."""

import asyncio
import os
import random
import sys
from pathlib import Path

from sqlalchemy import text

from core.chat.message import Role, State
from core.settings import Settings
from core.storage.storage import Storage
from tests.storage.writer import PLACE, said, told

ROOT = Path(__file__).parents[2]
KILLS = 60 if os.environ.get("TAVERN_FULL") else 6


async def run_and_kill(settings: Settings, first: int, lines: int) -> dict[str, list[int]]:
    """Starts a writer, kills it after some lines; returns what it has told."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.storage.writer", str(settings.data_dir), str(first)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"open\n"
    heard = [await process.stdout.readline() for _ in range(lines)]
    process.kill()
    heard += (await process.stdout.read()).splitlines()
    await process.wait()
    acknowledged: dict[str, list[int]] = {"said": [], "told": []}
    for line in heard:
        step, _, number = line.decode().strip().partition(" ")
        if number:
            acknowledged[step].append(int(number))
    return acknowledged


async def test_killed_writers_lose_and_double_nothing(settings: Settings) -> None:
    dice = random.Random(5)
    questions: set[int] = set()
    answers: set[int] = set()
    first = 1
    for _ in range(KILLS):
        acknowledged = await run_and_kill(settings, first, dice.randrange(1, 60))
        questions.update(acknowledged["said"])
        answers.update(acknowledged["told"])
        async with Storage.open(settings) as storage:
            for _, turn in await storage.messages.unfinished():
                if turn.state is State.DONE:
                    continue
                assert turn.text in ("", told(turn.seq // 10)[:5])
                await storage.messages.discard(turn.id)
            story = await storage.stories.open(PLACE)
            history = await storage.messages.history(story)
            asked = [turn.text for turn in history if turn.role is Role.USER]
            answered = [turn.text for turn in history if turn.role is Role.CHARACTER]
            assert len(set(asked)) == len(asked)
            assert len(set(answered)) == len(answered)
            assert {said(number) for number in questions} <= set(asked)
            assert {told(number) for number in answers} <= set(answered)
            assert [turn.seq for turn in history] == sorted(turn.seq for turn in history)
            variables = await storage.stories.variables(story)
            assert variables.local.get("count", 0) == max(
                (turn.seq // 10 for turn in history if turn.role is Role.CHARACTER), default=0
            )
            async with storage.database.write() as connection:
                for check, clean in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                    found = await connection.execute(text(f"PRAGMA {check}"))
                    assert [tuple(row) for row in found] == clean
            first = max((turn.seq // 10 for turn in history), default=0) + 1
    assert questions
    assert answers
