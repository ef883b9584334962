"""What stands under a reply, and in place of one that has to wait."""

from bot.channel.small_print import note_lines, waiting_line
from bot.i18n import speaking
from core.backends.types import Note, NoteCode, Wait, WaitReason


def test_nobody_is_at_place_nothing_of_a_queue() -> None:
    with speaking("en"):
        writing = waiting_line(Wait(WaitReason.QUEUE, position=0, seconds=12))
        waiting = waiting_line(Wait(WaitReason.QUEUE, position=3))
    assert writing == "-# ⏳ The model is writing (about 12 seconds)"
    assert "number 3 in line" in waiting


def test_a_filter_names_the_vendor_and_gives_its_words() -> None:
    notes = [Note(NoteCode.FILTER, "hate, **violence**", "Azure (X)"), Note(NoteCode.FILTER)]
    with speaking("en"):
        assert note_lines(notes) == [
            "⚠ Azure (X) ended this reply: “hate, violence”.",
            "⚠ The provider ended this reply.",
        ]
