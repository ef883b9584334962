"""The budget: never exceeded, nothing fixed is ever left out, order of what goes."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from core.prompt.budget.window import ExactWindow, WindowInput
from core.prompt.build import build_prompt
from core.prompt.context import AuthorsNote, Formatting, HistoryMessage, Purpose, Sizes
from tests.unit.prompt.contexts import CHATML, characters, context, mira


class Texts:
    """Messages as plain texts, newest first."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    def text(self, index: int) -> str:
        return self._texts[index]

    def is_user(self, index: int) -> bool:
        return index % 2 == 0


LENGTHS = st.lists(st.integers(0, 60), max_size=30)


@given(LENGTHS, LENGTHS, st.integers(0, 600), st.integers(-50, 100), st.data())
def test_never_over_budget(
    messages: list[int], examples: list[int], budget: int, padding: int, data: st.DataObject
) -> None:
    injected = data.draw(
        st.lists(st.sampled_from(range(len(messages))), unique=True) if messages else st.just([])
    )
    pieces = WindowInput(
        budget=budget,
        padding=padding,
        story="s" * 40,
        pinned="",
        examples=["e" * length for length in examples],
        chat_start="***\n",
        messages=Texts(["m" * length for length in messages]),
        injected=injected,
        alignment="",
        opening="Mira:",
    )
    choice = ExactWindow().choose(pieces, characters)
    fixed = len(pieces.story + pieces.chat_start + pieces.opening) + padding
    kept = sum(messages[index] for index in choice.kept)
    shown = sum(examples[: choice.examples])
    if choice.kept or choice.examples:
        assert fixed + kept + shown < budget or not (kept or shown)
    assert choice.used == fixed + kept + shown
    newest = [index for index in range(len(messages)) if index not in injected]
    history = [index for index in choice.kept if index not in injected]
    assert history == newest[: len(history)]


def chat(count: int) -> tuple[HistoryMessage, ...]:
    return tuple(
        HistoryMessage(
            "Tobin" if index % 2 else "Mira", f"line {index:03d}", is_user=bool(index % 2), id=index
        )
        for index in range(count)
    )


@given(st.integers(0, 2000), st.booleans(), st.sampled_from(list(Purpose)))
def test_fixed_parts_stay(size: int, instructed: bool, purpose: Purpose) -> None:
    prompt = build_prompt(
        context(
            history=chat(40),
            sizes=Sizes(size, 0),
            instruct=CHATML if instructed else None,
            purpose=purpose,
            quiet_prompt="Sum up." if purpose is Purpose.QUIET else "",
        ),
        characters,
    )
    assert "Play Mira.\nMira keeps the light." in prompt.text
    assert "***" in prompt.text
    if len(prompt.text) > size:
        assert prompt.report.messages_kept == 0


def test_the_oldest_go_first_and_are_named() -> None:
    prompt = build_prompt(context(history=chat(60), sizes=Sizes(400, 0)), characters)
    kept = [part.message_id for part in prompt.parts if part.message_id and not part.dropped]
    dropped = [part for part in prompt.parts if part.dropped]
    assert kept == list(range(60 - len(kept), 60))
    assert {part.dropped for part in dropped} == {True}
    assert len(kept) + prompt.report.messages_dropped == 60
    assert "".join(part.text for part in prompt.kept()) == prompt.text


def test_notes_come_before_history() -> None:
    note = AuthorsNote("N" * 200, depth=50)
    prompt = build_prompt(context(history=chat(60), note=note, sizes=Sizes(400, 0)), characters)
    assert "N" * 200 in prompt.text
    assert "line 059" in prompt.text


def test_examples_are_pushed_out_or_pinned() -> None:
    card = mira(
        mes_example="<START>\n{{user}}: A?\n{{char}}: B.\n<START>\n{{user}}: C?\n{{char}}: D."
    )
    small = Sizes(150, 0)
    pushed = build_prompt(context(character=card, history=chat(8), sizes=small), characters)
    pinned = build_prompt(
        context(
            character=card, history=chat(8), sizes=small, formatting=Formatting(pin_examples=True)
        ),
        characters,
    )
    assert pushed.report.examples_dropped
    assert pushed.report.messages_kept > pinned.report.messages_kept
    assert "Tobin: A?" in pinned.text


def test_padding_keeps_room_free_or_gives_more() -> None:
    kept = [
        build_prompt(context(history=chat(60), sizes=Sizes(400, 0, padding)), characters)
        for padding in (-100, 0, 100)
    ]
    assert [len(prompt.text) for prompt in kept] == sorted(
        (len(prompt.text) for prompt in kept), reverse=True
    )
    assert len(kept[0].text) > 400


def test_continued_message_stays_last() -> None:
    prompt = build_prompt(
        context(history=chat(61), purpose=Purpose.CONTINUE, sizes=Sizes(300, 0)), characters
    )
    assert prompt.text.endswith("Mira: line 060")
    assert len(prompt.text) <= 300


def test_a_long_chat_formats_only_what_fits() -> None:
    prompt = build_prompt(context(history=chat(10_000), sizes=Sizes(2000, 0)), characters)
    assert prompt.report.messages_kept < 200
    assert prompt.report.messages_kept + prompt.report.messages_dropped == 10_000
    assert len(prompt.parts) < 300
