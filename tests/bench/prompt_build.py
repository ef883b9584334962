"""Figures for building one prompt: `python -m tests.bench.prompt_build`.

A chat of 10,000 messages, a window of 32k tokens, a lorebook of 200 entries; warm means that all
counts are remembered. CPU time, so that other work on the machine does not show.
"""

import random
import time
from collections.abc import Callable

from core.characters.character import Character
from core.kind import Kind
from core.lorebook import ActiveBook, Entry, Lorebook, Sources
from core.presets.templates import ContextTemplate, InstructTemplate, SystemPrompt
from core.prompt.build import build_prompt
from core.prompt.context import AuthorsNote, Context, HistoryMessage, Lore, Sizes
from core.tokenizers.tokenizer import Counter, Counting, Estimate

WORDS = ["harbour", "lantern", "storm", "brass", "clock", "garden", "pebble", "orchard"]
STORY = "".join(
    f"{{{{#if {name}}}}}{{{{{name}}}}}\n{{{{/if}}}}"
    for name in ("system", "wiBefore", "description", "scenario", "wiAfter", "persona")
)


def sentence(dice: random.Random, words: int) -> str:
    """Nonsense of that many words."""
    return " ".join(dice.choice(WORDS) for _ in range(words)).capitalize() + "."


def big_context(messages: int, context_size: int, entries: int, instructed: bool) -> Context:
    """A long chat."""
    dice = random.Random(1)
    history = tuple(
        HistoryMessage(
            "Tobin" if index % 2 else "Mira",
            sentence(dice, 40),
            is_user=bool(index % 2),
            id=index,
        )
        for index in range(messages)
    )
    keys = [f"{dice.choice(WORDS)}{number}" for number in range(entries)]
    book = Lorebook(
        name="Isle",
        entries=tuple(
            Entry(uid=uid, keys=(key,), content=sentence(dice, 30), constant=uid < 5, scan_depth=10)
            for uid, key in enumerate(keys)
        ),
    )
    card = {"name": "Mira", "description": sentence(dice, 300), "scenario": sentence(dice, 60)}
    template = InstructTemplate(
        input_sequence="<|im_start|>user",
        output_sequence="<|im_start|>assistant",
        input_suffix="<|im_end|>\n",
        output_suffix="<|im_end|>\n",
        stop_sequence="<|im_end|>",
    )
    return Context(
        kind=Kind.TEXT,
        character=Character.from_document({"spec": "chara_card_v2", "data": card}),
        user_name="Tobin",
        history=history,
        note=AuthorsNote("Keep it calm, {{user}}."),
        context_template=ContextTemplate(story_string=STORY, use_stop_strings=False),
        instruct=template if instructed else None,
        system_prompt=SystemPrompt(content="Play {{char}}."),
        lore=Lore(Sources(shared=(ActiveBook("isle", book),))),
        sizes=Sizes(context_size, 350),
    )


def cpu(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of processor time for one round, the best of several."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


def measure(messages: int, size: int, instructed: bool) -> None:
    """Prints one line of figures."""
    context = big_context(messages, size, 200, instructed)
    cold = cpu(lambda: build_prompt(context, Counting(Counter(Estimate()))), 1)
    counter = Counter(Estimate())
    prompt = build_prompt(context, Counting(counter))
    warm = cpu(lambda: build_prompt(context, Counting(counter)), 20)
    whole = cpu(lambda: Estimate().count(prompt.text), 5)
    form = "instruct" if instructed else "plain"
    print(
        f"{messages:6} messages, {size:5} tokens, {form:8}: cold {cold:6.1f} ms, "
        f"warm {warm:5.1f} ms, {prompt.report.messages_kept} messages kept, "
        f"{warm / max(whole, 0.01):.0f} times one count of the whole prompt"
    )


def main() -> None:
    """Prints the figures."""
    measure(80, 4096, True)
    measure(10_000, 32_768, True)
    measure(10_000, 32_768, False)


if __name__ == "__main__":
    main()
