"""A reply with scripts is stored the same, wherever its stream was split."""

import asyncio
import random
from collections.abc import Iterator

import pytest

from core.backends.types import Delta
from core.patterns.finder import SafeFinder
from core.regex_scripts.run import Holds, ScriptRunner
from core.regex_scripts.script import RegexScript, new_script
from tests.unit.reply.test_reply_run import Reply, Script, seen

SCRIPTS = [
    new_script(findRegex="/<status>[\\s\\S]*?<\\/status>/g"),
    new_script(findRegex="/\\bshe\\b/gi", replaceString="Mira"),
    new_script(findRegex='/"([^"]+)"/g', replaceString="“$1”", trimStrings=["!"]),
    new_script(findRegex="/^\\s*OOC:.*$/gm"),
    new_script(findRegex="/(.)\\1{3,}/gsu", replaceString="$1$1$1"),
]
PIECES = [
    *(
        "<status>",
        "</status>",
        '"',
        "she ",
        "She",
        "!",
        "\n",
        "OOC: ",
        "aaaa",
        "😀😀😀😀",
        "x ",
        ".",
    ),
    *("HP 10", "<sta", "tus>", "\n\n", "word "),
]


@pytest.fixture(scope="module")
def finder() -> Iterator[SafeFinder]:
    with SafeFinder() as opened:
        yield opened


class ScriptedText(Reply):
    """A reply whose text goes through scripts."""

    def __init__(self, finder: SafeFinder, script: Script) -> None:
        super().__init__(script)
        self.runner = ScriptRunner(finder)

    async def kept(self, text: str, *, last: bool = False) -> str:
        return await asyncio.to_thread(self.runner.run, SCRIPTS, text)


def pieces_of(text: str, dice: random.Random) -> list[str]:
    places = sorted(dice.randrange(len(text) + 1) for _ in range(dice.randint(0, 6)))
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


async def stored(finder: SafeFinder, pieces: list[str]) -> str:
    reply = ScriptedText(finder, Script(*(Delta(text=piece) for piece in pieces)))
    await seen(reply)
    return reply.stored.text if reply.stored is not None else ""


@pytest.mark.parametrize("seed", range(12))
async def test_any_split_is_stored_alike(finder: SafeFinder, seed: int) -> None:
    dice = random.Random(seed)
    text = "Well. " + "".join(dice.choice(PIECES) for _ in range(dice.randint(3, 25)))
    whole = await stored(finder, [text])
    for _ in range(3):
        assert await stored(finder, pieces_of(text, dice)) == whole


@pytest.mark.parametrize("seed", range(12))
def test_a_growing_text_never_shows_more_of_a_block_than_was_held(
    finder: SafeFinder, seed: int
) -> None:
    dice = random.Random(seed)
    text = "Hm. " + "".join(dice.choice(PIECES) for _ in range(20))
    hiding: list[RegexScript] = [SCRIPTS[0]]
    runner, holds = ScriptRunner(finder), Holds(lambda: 0.0)
    for place in range(len(text) + 1):
        shown = runner.run_growing(hiding, text[:place], holds)
        # While it is held back nothing of an open block is to be seen.
        assert "<status>" not in shown
        assert not shown.endswith("<stat")
