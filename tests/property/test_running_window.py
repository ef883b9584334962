"""The window decided from running sums is the one that counting everything gives."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.characters.character import Character
from core.kind import Kind
from core.presets.templates import ContextTemplate, InstructTemplate, NamesBehavior, SystemPrompt
from core.prompt.budget.running_window import RunningSums, RunningWindow
from core.prompt.build import build_prompt
from core.prompt.context import AuthorsNote, Context, Formatting, HistoryMessage, Purpose, Sizes
from core.tokenizers.catalog import TokenizerRow, find
from core.tokenizers.tokenizer import Counter, Counting, Estimate, Tokenizer, load
from tests.shared import shared_path
from tests.unit.tokenizers.tiny import tiny_hf, tiny_spm

STORY = "{{#if system}}{{system}}\n{{/if}}{{description}}\n"
CHATML: dict[str, Any] = {
    "input_sequence": "<|im_start|>user",
    "output_sequence": "<|im_start|>assistant",
    "system_sequence": "<|im_start|>system",
    "input_suffix": "<|im_end|>\n",
    "output_suffix": "<|im_end|>\n",
    "system_suffix": "<|im_end|>\n",
    "stop_sequence": "<|im_end|>",
}
TEMPLATES = {
    "plain": None,
    "chatml": InstructTemplate(**CHATML, names_behavior=NamesBehavior.ALWAYS),
    "last": InstructTemplate(
        **CHATML,
        last_input_sequence="<|im_start|>user (newest)",
        first_input_sequence="<|im_start|>user (oldest)",
        user_alignment_message="Go on.",
    ),
    "unbroken": InstructTemplate(input_sequence="[INST]", input_suffix="[/INST]", wrap=False),
    "clock": InstructTemplate(input_sequence="{{roll::1d20}} {{name}}", wrap=True),
}
WORDS = ["harbour", "*sighs*", "\n", "lantern", "“No.”", " ", "fog", "灯台", "\n\n", "1d20", "-"]


def tiny(kind: str, folder: Path) -> Tokenizer:
    path = folder / "tiny"
    path.write_bytes(tiny_hf().encode() if kind == "hf" else tiny_spm())
    return load(TokenizerRow.model_validate({"id": "tiny", "name": "Tiny", "kind": kind}), path)


def real(id_: str, folder: Path) -> Tokenizer:
    row = find(id_)
    (folder / row.file).write_bytes(shared_path("tokenizers", row.file).read_bytes())
    return load(row, folder / row.file)


TOKENIZERS: dict[str, Callable[[Path], Tokenizer]] = {
    "estimate": lambda folder: Estimate(),
    "tiny-hf": lambda folder: tiny("hf", folder),
    "tiny-spm": lambda folder: tiny("spm", folder),
    "llama": lambda folder: real("llama", folder),
    "gpt2": lambda folder: real("gpt2", folder),
}


def said(dice: random.Random, id_: int) -> HistoryMessage:
    person = dice.random() < 0.5
    text = " ".join(dice.choice(WORDS) for _ in range(dice.randint(0, 30)))
    names = ("Tobin", "Ann") if person else ("Mira",)
    return HistoryMessage(
        dice.choice(names), text, is_user=person, id=id_, narrator=dice.random() < 0.05
    )


def stories(dice: random.Random) -> Iterator[list[HistoryMessage]]:
    """A chat as it grows, with edits, deletions and new tries on the way."""
    lines = [said(dice, id_) for id_ in range(120)]
    for id_ in range(200, 240):
        match dice.randrange(8):
            case 0:
                place = dice.randrange(len(lines))
                lines[place] = replace(lines[place], text="edited, " + lines[place].text)
            case 1:
                del lines[dice.randrange(len(lines))]
            case 2:
                del lines[-dice.randint(1, 3) :]
            case _:
                lines += [said(dice, id_ * 2), said(dice, id_ * 2 + 1)]
        yield list(lines)


@pytest.mark.parametrize("examples", ["", "<START>\n{{user}}: Hi.\n{{char}}: Hm.\n" * 6])
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_both_windows_choose_the_same(
    tokenizer: str, template: str, examples: str, tmp_path: Path
) -> None:
    dice = random.Random(f"{tokenizer} {template} {bool(examples)}")
    counter, sums = Counter(TOKENIZERS[tokenizer](tmp_path)), RunningSums()
    card = {"name": "Mira", "description": "Keeps the inn. " * 20, "mes_example": examples}
    context = Context(
        kind=Kind.TEXT,
        character=Character.from_document({"spec": "chara_card_v2", "data": card}),
        user_name="Tobin",
        context_template=ContextTemplate(story_string=STORY),
        instruct=TEMPLATES[template],
        system_prompt=SystemPrompt(content="Play {{char}}."),
    )
    for lines in stories(dice):
        purposes = (Purpose.NORMAL, Purpose.NORMAL, Purpose.SWIPE, Purpose.CONTINUE)
        now = replace(
            context,
            history=lines,
            purpose=dice.choice(purposes),
            note=AuthorsNote("Stay calm.", depth=dice.choice((0, 1, 4, 30))),
            formatting=Formatting(pin_examples=dice.random() < 0.2),
            sizes=Sizes(dice.choice((500, 900, 20_000)), 100, dice.choice((0, 64, -50))),
        )
        counting = Counting(counter)
        expected = build_prompt(now, counting)
        policy = RunningWindow(sums, counting.behind)
        assert build_prompt(now, counting, policy) == expected
