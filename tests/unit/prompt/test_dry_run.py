"""What the build before the first real one leaves behind."""

from core.prompt.build import build_prompt
from core.prompt.case.case import after_dry_run
from core.prompt.context import HistoryMessage
from tests.unit.prompt.contexts import characters, context, mira


def test_a_first_message_was_read_once_before() -> None:
    greeting = (HistoryMessage("Mira", "I am \\{\\{char\\}\\}."),)
    opened = context(history=greeting, guarded=False)
    assert "I am {{char}}." in build_prompt(opened, characters).text
    assert "I am Mira." in build_prompt(after_dry_run(opened, characters), characters).text


def test_what_a_card_counts_is_counted_already() -> None:
    card = mira(description="{{incvar::visits}} visits")
    opened = context(character=card, guarded=False)
    assert "1 visits" in build_prompt(opened, characters).text
    assert "2 visits" in build_prompt(after_dry_run(opened, characters), characters).text


def test_the_oldest_message_of_the_prompt_is_known() -> None:
    opened = context(guarded=False)
    assert opened.first_included is None
    assert after_dry_run(opened, characters).first_included == 0
