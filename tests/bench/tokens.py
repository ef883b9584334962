"""Figures for token counting: `python -m tests.bench.tokens`.

A chat of 10,000 messages, 770,000 tokens; two messages are new in each turn, and counted when they
were stored. "Window" is the time to decide which messages and examples fit, "prompt" one count of
the finished prompt by the tokenizer's own library. CPU time, best of several rounds. Real
vocabularies where they are at hand.
"""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from core.characters.character import Character
from core.kind import Kind
from core.presets.templates import ContextTemplate, InstructTemplate, NamesBehavior, SystemPrompt
from core.prompt.budget.running_window import RunningSums, RunningWindow
from core.prompt.budget.window import Count, ExactWindow, WindowChoice, WindowInput
from core.prompt.build import build_prompt
from core.prompt.context import Context, HistoryMessage, Sizes
from core.prompt.prompt import Prompt
from core.tokenizers.catalog import find
from core.tokenizers.store import TokenizerStore
from core.tokenizers.tokenizer import Counter, Counting, Tokenizer
from tests.shared import SHARED

MESSAGES = 10_000
TURNS = 5
ROUNDS = 200
WORDS = (Path(__file__).parents[2] / "LICENSE").read_text("utf-8").split()
"""Of a text that stays as it is, so that figures of two versions can be compared."""
EXAMPLES = "<START>\n{{user}}: Hi.\n{{char}}: Hm.\n" * 4
CHATML = InstructTemplate(
    input_sequence="<|im_start|>user",
    output_sequence="<|im_start|>assistant",
    input_suffix="<|im_end|>\n",
    output_suffix="<|im_end|>\n",
    stop_sequence="<|im_end|>",
    names_behavior=NamesBehavior.ALWAYS,
)


@dataclass
class Stopwatch:
    """A window policy that measures how long others take for the same prompt.

    Messages are formatted before: the prompt that is written needs their texts in any case.
    """

    sums: RunningSums
    counting: Counting
    by_counts: float = 0.0
    by_sums: float = 0.0

    def choose(self, material: WindowInput, count: Count) -> WindowChoice:
        window = ExactWindow().choose(material, count)
        self.by_counts = cpu(lambda: ExactWindow().choose(material, count))
        known = len(self.sums.messages)
        self.by_sums = cpu(lambda: self._decide(material, count, known), ROUNDS)
        found = RunningWindow(self.sums, self.counting.behind).choose(material, count)
        assert (list(found.kept), found.used) == (list(window.kept), window.used)
        return found

    def _decide(self, material: WindowInput, count: Count, known: int) -> None:
        self.sums.keep(known)
        RunningWindow(self.sums, self.counting.behind).choose(material, count)


def said(dice: random.Random, id_: int) -> HistoryMessage:
    """One message of about 77 tokens."""
    words = " ".join(dice.choice(WORDS) for _ in range(50))
    name = "Tobin" if id_ % 2 else "Mira"
    return HistoryMessage(name, words, is_user=bool(id_ % 2), id=id_)


def story(dice: random.Random, examples: str, instruct: InstructTemplate | None) -> Context:
    """A long chat."""
    card = {"name": "Mira", "description": "Keeps the inn. " * 150, "mes_example": examples}
    return Context(
        kind=Kind.TEXT,
        character=Character.from_document({"spec": "chara_card_v2", "data": card}),
        user_name="Tobin",
        history=[said(dice, id_) for id_ in range(MESSAGES)],
        context_template=ContextTemplate(story_string="{{system}}\n{{description}}\n"),
        instruct=instruct,
        system_prompt=SystemPrompt(content="Play {{char}}."),
    )


def turns(context: Context, dice: random.Random) -> Iterator[Context]:
    """The chat as it goes on, two messages a turn."""
    lines: list[HistoryMessage] = list(context.history)
    while True:
        lines += [said(dice, len(lines)), said(dice, len(lines) + 1)]
        yield replace(context, history=list(lines))


def cpu(work: Callable[[], object], rounds: int = 5) -> float:
    """Seconds of processor time for one round, the best of several."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def measure(tokenizer: Tokenizer, context: Context) -> tuple[float, float, float, Prompt]:
    """Seconds: one count of the prompt, the window by counts alone, the window by sums."""
    counter, sums, dice = Counter(tokenizer), RunningSums(), random.Random(2)
    by_counts, by_sums = float("inf"), float("inf")
    for now in islice(turns(context, dice), TURNS):
        counting = Counting(counter)
        stopwatch = Stopwatch(sums, counting)
        prompt = build_prompt(now, counting, stopwatch)
        by_counts = min(by_counts, stopwatch.by_counts)
        if now.history[-1].id != MESSAGES + 1:  # the first turn counts everything
            by_sums = min(by_sums, stopwatch.by_sums)
    return cpu(lambda: tokenizer.count(prompt.text)), by_counts, by_sums, prompt


async def tokenizers(ids: Sequence[str]) -> list[Tokenizer]:
    """Those whose files are at hand, loaded."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for id_ in ids:
            file = SHARED / "tokenizers" / find(id_).file
            if not file.exists():
                print(f"{id_}: its file is not here")
                continue
            shutil.copyfile(file, Path(folder) / file.name)
            choice = await TokenizerStore(Path(folder), downloads=False).choose(id_)
            found.append(choice.counter.tokenizer)
    return found


def main() -> None:
    """Prints the figures."""
    print(f"{MESSAGES:,} messages, two new ones a turn; milliseconds of processor time")
    for tokenizer in asyncio.run(tokenizers(("cl100k_base", "llama3", "llama"))):
        for size in (8_192, 32_768, 131_072):
            for name, examples in (("plain", ""), ("examples", EXAMPLES)):
                context = story(random.Random(1), examples, CHATML)
                context = replace(context, sizes=Sizes(size, 350))
                whole, counts, sums, prompt = measure(tokenizer, context)
                print(
                    f"{tokenizer.id:12} {size:7,} {name:9} prompt {whole * 1e3:8.3f}  "
                    f"window by counts {counts * 1e3:7.3f}, by sums {sums * 1e3:6.3f}  "
                    f"{whole / sums:7,.0f} times cheaper than counting the prompt "
                    f"({prompt.report.messages_kept} messages)"
                )


if __name__ == "__main__":
    main()
