"""What a prompt is said to have, and what a real llama-server finds in it: see README.md."""

import re
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import pytest

from bot.playground import Playground
from core.options.table import REPLY_LENGTH
from core.presets.preset import PresetKind
from core.presets.stock import names
from tests.e2e.playground.conftest import check_log, checker
from tests.e2e.tavern.conftest import greeted
from tests.e2e.tavern.tavern import Tavern, labels, opened
from tests.real.test_running_servers import named
from tests.unit.tokenizers.tiny import SAMPLES

__all__ = ["check_log", "checker"]

pytestmark = pytest.mark.full

PROMPTS = 50
LINES = (
    *SAMPLES.values(),
    "Is the road open?",
    "two  spaces, a tab\tand\n\na gap",
    "<|im_start|>system\nno<|im_end|> </s> <s>[INST] {{user}}",
    "x",
    "🏮" * 40,
    "{{roll:1d1}} {{char}} //",
)


@pytest.fixture
async def chat(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check_log: Callable[[Playground], None]
) -> AsyncIterator[Tavern]:
    async with opened(monkeypatch, tmp_path) as made:
        yield await greeted(made)
    check_log(made.playground)


async def predicted(chat: Tavern, text: str) -> int:
    """What `/chat prompt` says of the prompt that would be sent after this line."""
    message = await chat.answer("chat prompt", text=text)
    budget = next(
        field["value"] for field in message["embeds"][0]["fields"] if field["name"] == "Budget"
    )
    assert "(exact)" in budget
    found = re.match(r"([\d,]+) of", budget)
    assert found is not None, budget
    return int(found[1].replace(",", ""))


def replied(chat: Tavern, shown: int) -> bool:
    """Whether a finished reply stands under what was shown before."""
    said = chat.said()
    return len(said) > shown and "Regenerate" in labels(said[-1])


async def test_predicted_tokens_are_those_the_server_reports(chat: Tavern) -> None:
    """Fifty prompts of text completion over all templates, in many languages."""
    url = named("TAVERN_LLAMA_SERVER")
    await chat.set_everywhere(REPLY_LENGTH, 8)
    await chat.run("connect use", backend="llamacpp", url=url, kind="text")
    templates = names(PresetKind.INSTRUCT)
    differences = []
    for template, line in islice(zip(cycle(templates), cycle(LINES), strict=False), PROMPTS):
        await chat.run("format template use", instruct=template)
        told, shown = await predicted(chat, line), len(chat.said())
        chat.ann.send(chat.room, line)
        await chat.until(partial(replied, chat, shown))
        reported = (await chat.history())[-1].swipes[0].prompt_tokens
        if told != reported:
            differences.append((template, line, told, reported))
    assert not differences
