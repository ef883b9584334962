"""What is settled before anything is placed: typed input, the card's fields."""

import pytest

from core.prompt.build import build_prompt
from core.prompt.context import (
    AuthorsNote,
    Context,
    Formatting,
    Group,
    GroupMode,
    Line,
    Member,
    Place,
    Purpose,
)
from core.prompt.opening import open_draft
from core.prompt.templates import SystemPrompt
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
    draft = open_draft(context(purpose=purpose, typed="Wait."))
    assert ("Wait." in [line.text for line in draft.chat]) is taken


def test_the_card_is_known_to_the_input_and_to_a_quiet_prompt() -> None:
    card = mira(scenario="a storm")
    typed = open_draft(context(character=card, typed="Is it {{scenario}}?", guarded=False))
    assert typed.chat[-1].text == "Is it a storm?"
    quiet = context(character=card, purpose=Purpose.QUIET, quiet_prompt="Sum up {{scenario}}.")
    assert open_draft(quiet).quiet == "Sum up a storm."


def test_a_reply_start_reads_what_was_said_before() -> None:
    start = Formatting(reply_start="{{lastMessage}}!")
    typed = context(history=(Line("Mira", "Hush"),), typed="Why?", formatting=start)
    assert build_prompt(typed, characters).text.endswith("Hush!")


def test_instructions_read_what_a_note_in_the_chat_has_set() -> None:
    noted = context(
        note=AuthorsNote("{{setvar::mood::calm}}Dusk.", place=Place.IN_CHAT, depth=1),
        system_prompt=SystemPrompt(content="Play.", post_history="Stay {{getvar::mood}}."),
    )
    assert "Stay calm." in build_prompt(noted, characters).text


def joined() -> Context:
    cards = (mira(personality="not {{notChar}}"), mira(name="Bram"), mira(name="Ysolde"))
    group = Group(tuple(map(Member, cards)), mode=GroupMode.JOIN)
    return context(character=cards[1], group=group)


def test_others_are_counted_from_the_owner_of_a_joined_field() -> None:
    assert open_draft(joined()).fields.personality == "not Bram, Ysolde"
