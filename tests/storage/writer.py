"""A process that tells what it has stored, for tests that kill it: `python -m … FOLDER FIRST`."""

import asyncio
import sys
from pathlib import Path

from core.chat.message import State, Swipe
from core.chat.place import Place
from core.macros.variables import VariableScope, VariableWrite
from core.settings import Settings
from core.storage.storage import Storage
from core.storage.stories import Effects

PLACE = Place(channel_id=100, guild_id=1)


def said(number: int) -> str:
    """What the person says in the n-th exchange."""
    return f"question {number}"


def told(number: int) -> str:
    """What the character answers."""
    return f"answer {number} " + "and so on " * (number % 50)


async def main(folder: Path, number: int) -> None:
    """Writes exchanges without end, each step told after its commit."""
    settings = Settings.model_validate({"data_dir": folder})
    async with Storage.open(settings) as storage:
        story = await storage.stories.open(PLACE)
        print("open", flush=True)
        while True:
            discord_id = number * 10
            await storage.messages.append_person(
                story, discord_id=discord_id, author_id=7, name="Ann", text=said(number)
            )
            print(f"said {number}", flush=True)
            turn = await storage.messages.begin(story, "Juno")
            await storage.messages.shown(turn.id, [discord_id + 1])
            await storage.messages.draft(turn.id, 0, told(number)[:5])
            count = Effects([VariableWrite(VariableScope.LOCAL, "count", number)])
            await storage.messages.finish(turn.id, 0, Swipe(told(number)), State.DONE, count)
            await storage.messages.shown(turn.id, [discord_id + 1], [len(told(number))])
            print(f"told {number}", flush=True)
            number += 1


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
