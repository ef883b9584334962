"""What gives way in a living prompt, case by case; `tests/property/test_fit.py` tries the kind."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.backends.types import WireMessage
from core.kind import Kind
from core.lorebook import ActiveBook, Entry, Lorebook, Position, ScanSettings, Sources
from core.presets.templates import ChatPreset, ContextTemplate
from core.prompt.budget.running_window import RunningSums, RunningWindow
from core.prompt.context import (
    AuthorsNote,
    Context,
    Formatting,
    GivesWay,
    Group,
    GroupMember,
    GroupMode,
    HistoryMessage,
    Lore,
    PersonaDescription,
    Purpose,
    Sizes,
)
from core.prompt.fit import fit_prompt
from core.prompt.handlebars.template import MAX_OUTPUT
from core.prompt.prompt import Prompt
from core.tokenizers.catalog import find
from core.tokenizers.tokenizer import Counter, Counting, Estimate, Tokenizer, load
from tests.shared import shared_path
from tests.unit.prompt.contexts import characters, context, mira, said
from tests.unit.prompt.test_chat_prompt import preset

STORY = "{{system}}\n{{wiBefore}}\n{{description}}\n{{personality}}\n{{scenario}}\n{{persona}}\n"


def full(kind: Kind, size: int, **changes: Any) -> Context:
    """Something of everything, 100 characters each."""
    fields = {"description": "D", "personality": "P", "scenario": "S"}
    texts = {name: letter * 100 for name, letter in fields.items()}
    book = ActiveBook(
        "book",
        Lorebook(
            entries=tuple(
                Entry(
                    uid=order,
                    constant=True,
                    content=str(order) * 100,
                    order=order,
                    position=Position.BEFORE_CHARACTER,
                )
                for order in (1, 2)
            )
        ),
    )
    order = ("main", "worldInfoBefore", "charDescription", "charPersonality", "scenario")
    return context(
        kind=kind,
        character=mira(**texts, mes_example=f"<START>\nMira: {'E' * 100}"),
        history=said("old " * 25, "Hello unicorn."),
        persona=PersonaDescription("I" * 100),
        note=AuthorsNote("N" * 100, depth=0),
        context_template=ContextTemplate(story_string=STORY, use_stop_strings=False),
        chat_preset=preset(order=(*order, "personaDescription", "dialogueExamples", "chatHistory")),
        lore=Lore(Sources(character=(book,)), ScanSettings(budget_percent=100)),
        sizes=Sizes(size, 10),
        **changes,
    )


def shown(prompt: Prompt) -> str:
    return prompt.text or "\n".join(one.content for one in prompt.messages)


@pytest.mark.parametrize("kind", Kind)
def test_everything_goes_in_its_turn(kind: Kind) -> None:
    """The smaller the context, the further down the list."""
    marks = ["EE", "old", "11", "22", "SS", "PP", "II", "NN"]
    seen: list[list[str]] = []
    for size in range(3000, 0, -10):
        prompt = fit_prompt(full(kind, size), characters)
        if prompt.report.misfit is not None:
            break
        text = shown(prompt)
        assert "Hello unicorn." in text
        assert "Play Mira." in text
        missing = [one for one in marks if one not in text]
        assert missing == marks[: len(missing)] or missing == [
            one for one in marks[: len(missing) + 1] if one != "old"
        ]
        if "NN" in text:
            assert "D" * 100 in text
        seen.append(missing)
    assert seen[0] == []
    assert len(seen[-1]) == len(marks)


@pytest.mark.parametrize("kind", Kind)
def test_the_description_is_cut_from_its_end_and_the_name_stays(kind: Kind) -> None:
    card = mira(description="She keeps the light. " * 500)
    small = context(
        kind=kind, character=card, chat_preset=preset(), sizes=Sizes(900, 300), history=said("Hi.")
    )
    prompt = fit_prompt(small, characters)
    text = shown(prompt)
    assert "Mira\nShe keeps the light. " in text
    assert "She keeps […]" in text or " […]\n" in text
    assert prompt.left_out == (GivesWay.DESCRIPTION,)
    assert "Hi." in text


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("purpose", [Purpose.NORMAL, Purpose.CONTINUE, Purpose.SWIPE])
def test_a_message_too_long_for_the_room_loses_its_middle(kind: Kind, purpose: Purpose) -> None:
    lines = said("Hello.", "BEGINS " + "word " * 4000 + "ENDS")
    if purpose is not Purpose.NORMAL:
        lines = (*lines, HistoryMessage("Mira", "FIRST " + "deed " * 4000 + "LAST"))
    small = context(kind=kind, history=lines, purpose=purpose, chat_preset=preset())
    prompt = fit_prompt(replace(small, sizes=Sizes(4000, 500)), characters)
    text = shown(prompt)
    assert len(text) <= 3500
    assert "BEGINS word" in text
    assert "word ENDS" in text
    assert " […] " in text
    if purpose is Purpose.CONTINUE:
        assert "FIRST deed" in text
        assert "deed LAST" in text
    assert "Mira keeps the light." in text
    assert prompt.left_out == (GivesWay.MESSAGE,)


def test_pastes_are_shortened_alike_in_both_kinds() -> None:
    lines = said("Hello.", "x" * 40_000)
    for kind in Kind:
        one = context(kind=kind, history=lines, chat_preset=preset(), sizes=Sizes(90_000, 500))
        assert f"{'x' * 16_000} […] {'x' * 16_000}" in shown(fit_prompt(one, characters))


def test_words_that_follow_the_newest_of_a_person_do_not_push_them_out() -> None:
    lines = (
        HistoryMessage("Tobin", "Hello unicorn.", is_user=True),
        *(HistoryMessage(f"Bram{number}", "reply " * 20) for number in range(30)),
    )
    for kind in Kind:
        one = context(kind=kind, history=lines, chat_preset=preset(), sizes=Sizes(900, 100))
        prompt = fit_prompt(one, characters)
        assert "Hello unicorn." in shown(prompt)
        assert prompt.report.messages_kept > 2
        assert prompt.report.messages_dropped > 10


def test_a_preset_without_a_place_for_the_chat_still_tells_what_was_said() -> None:
    one = context(kind=Kind.CHAT, chat_preset=preset(order=("main", "charDescription")))
    assert fit_prompt(one, characters).messages[-1].content == "Hi."
    assert fit_prompt(replace(one, chat_preset=ChatPreset()), characters).messages[-1].content


def test_an_empty_chat_still_lets_the_character_speak() -> None:
    card = mira(description="word " * 1000)
    prompt = fit_prompt(context(character=card, history=(), sizes=Sizes(300, 100)), characters)
    assert prompt.text.endswith("\nMira:")


def test_cards_of_a_group_are_cut_alike() -> None:
    cards = [mira(name=name, description=f"{name} is. " * 300) for name in ("Mira", "Bram")]
    group = Group(tuple(map(GroupMember, cards)), mode=GroupMode.JOIN)
    one = context(character=cards[0], group=group, sizes=Sizes(1000, 100))
    text = fit_prompt(one, characters).text
    assert text.count("Mira is.") > 10
    assert text.count("Bram is.") > 10


def test_examples_in_the_story_string_go_first() -> None:
    template = ContextTemplate(story_string="{{system}}\n{{description}}\n{{mesExamples}}\n")
    card = mira(mes_example="<START>\nMira: " + "example " * 200)
    one = context(character=card, context_template=template, sizes=Sizes(600, 100))
    prompt = fit_prompt(one, characters)
    assert "example" not in prompt.text
    assert "Mira keeps the light." in prompt.text
    assert prompt.left_out == (GivesWay.EXAMPLES,)


def test_pinned_examples_go_behind_history() -> None:
    card = mira(mes_example="<START>\nMira: " + "example " * 20)
    one = context(character=card, formatting=Formatting(pin_examples=True))
    lines = said(*["old words " * 10] * 6, "Hello unicorn.")
    middle = fit_prompt(replace(one, history=lines, sizes=Sizes(400, 0)), characters)
    assert "example" in middle.text
    assert middle.report.messages_dropped > 0
    small = fit_prompt(replace(one, history=lines, sizes=Sizes(200, 0)), characters)
    assert "example" not in small.text
    assert "Hello unicorn." in small.text


def test_a_card_longer_than_a_story_string_may_be_is_cut_not_dropped() -> None:
    card = mira(description="Mira is. " * (MAX_OUTPUT // 8))
    prompt = fit_prompt(context(character=card, sizes=Sizes(1_000_000, 500)), characters)
    assert prompt.text.count("Mira is.") > 10_000
    assert prompt.left_out == (GivesWay.DESCRIPTION,)


def test_sizes_tell_why_nothing_is_sent() -> None:
    card = mira(system_prompt="own " * 100, description="word " * 1000)
    one = context(character=card, sizes=Sizes(400, 100))
    misfit = fit_prompt(one, characters).report.misfit
    assert misfit is not None
    assert misfit.card > 400
    assert misfit.settings < 30
    assert misfit.needed < 500
    assert misfit.wished > 5000
    enough = replace(one, sizes=Sizes(misfit.needed + 100, 100))
    assert fit_prompt(enough, characters).report.misfit is None
    less = replace(one, sizes=Sizes(misfit.needed + 99, 100))
    assert fit_prompt(less, characters).report.misfit is not None


@pytest.fixture(scope="module")
def llama() -> Tokenizer:
    row = find("llama")
    return load(row, shared_path("tokenizers", row.file))


@pytest.mark.parametrize("padding", [64, 0, -200])
@pytest.mark.parametrize("size", [1024, 2048, 3000, 4096])
def test_230_short_exchanges_by_llamas_vocabulary(
    llama: Tokenizer, size: int, padding: int
) -> None:
    """Its finished text has more tokens than its parts."""
    lines = said(*(text for number in range(230) for text in (f"Ok {number}.", f"Is {number}?")))
    counting = Counting(Counter(llama))
    window = RunningWindow(RunningSums(), counting.behind)
    one = context(history=lines, sizes=Sizes(size, 100, padding))
    prompt = fit_prompt(one, counting, window)
    limit = size - 100 - padding
    assert limit - 60 < llama.count(prompt.text) <= limit
    assert prompt.report.sent == llama.count(prompt.text)


def test_estimates_never_go_over() -> None:
    count = Estimate().count
    for size in range(64, 700, 7):
        prompt = fit_prompt(full(Kind.TEXT, size), count)
        if prompt.report.misfit is None:
            assert count(prompt.text) <= size - 10


def test_a_chat_prompt_is_weighed_as_its_server_takes_it() -> None:
    """What the server's form adds, say the start of the reply in words, has to fit as well."""
    added = WireMessage("user", "A" * 300)

    def taken(messages: Sequence[WireMessage], prefill: bool, start: str) -> Sequence[WireMessage]:
        return [*messages, added]

    whole = fit_prompt(full(Kind.CHAT, 5000), characters).report.sent or 0
    tight = full(Kind.CHAT, whole + 50)
    alone = fit_prompt(tight, characters)
    beside = fit_prompt(replace(tight, as_taken=taken), characters)
    assert beside.report.sent is not None
    assert beside.report.sent <= beside.report.budget
    assert len(shown(beside)) < len(shown(alone))
    assert "Hello unicorn." in shown(beside)
