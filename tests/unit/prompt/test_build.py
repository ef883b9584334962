"""What is settled before anything is placed: typed input, the card's fields."""

import pytest

from core.presets.templates import SystemPrompt
from core.prompt.build import build_prompt, start_build
from core.prompt.context import (
    AuthorsNote,
    Context,
    Formatting,
    Group,
    GroupMember,
    GroupMode,
    HistoryMessage,
    NotePosition,
    Purpose,
)
from tests.unit.prompt.contexts import characters, context, mira


@pytest.mark.parametrize(
    ("purpose", "taken"),
    [
        (Purpose.NORMAL, True),
        (Purpose.CONTINUE, True),
        (Purpose.SWIPE, False),
        (Purpose.IMPERSONATE, False),
        (Purpose.QUIET, False),
    ],
)
def test_only_some_replies_take_the_input(purpose: Purpose, taken: bool) -> None:
    build = start_build(context(purpose=purpose, typed="Wait."))
    assert ("Wait." in [line.text for line in build.chat]) is taken


def test_the_card_is_known_to_the_input_and_to_a_quiet_prompt() -> None:
    card = mira(scenario="a storm")
    typed = start_build(context(character=card, typed="Is it {{scenario}}?", guarded=False))
    assert typed.chat[-1].text == "Is it a storm?"
    quiet = context(character=card, purpose=Purpose.QUIET, quiet_prompt="Sum up {{scenario}}.")
    assert start_build(quiet).quiet == "Sum up a storm."


def test_a_reply_start_reads_what_was_said_before() -> None:
    start = Formatting(reply_start="{{lastMessage}}!")
    typed = context(history=(HistoryMessage("Mira", "Hush"),), typed="Why?", formatting=start)
    assert build_prompt(typed, characters).text.endswith("Hush!")


def test_instructions_read_what_a_note_in_the_chat_has_set() -> None:
    noted = context(
        note=AuthorsNote("{{setvar::mood::calm}}Dusk.", position=NotePosition.IN_CHAT, depth=1),
        system_prompt=SystemPrompt(content="Play.", post_history="Stay {{getvar::mood}}."),
    )
    assert "Stay calm." in build_prompt(noted, characters).text


def joined() -> Context:
    cards = (mira(personality="not {{notChar}}"), mira(name="Bram"), mira(name="Ysolde"))
    group = Group(tuple(map(GroupMember, cards)), mode=GroupMode.JOIN)
    return context(character=cards[1], group=group)


def test_others_are_counted_from_the_owner_of_a_joined_field() -> None:
    assert start_build(joined()).card.personality == "not Bram, Ysolde"
