"""Names that can be shown."""

import pytest

from core.characters.character import Character
from core.characters.names import FALLBACK, display_name, is_blank, stored_name
from tests.unit.characters import samples

BLANK = [
    "",
    " ",
    "\n",
    "\u200b",
    "\u202e\u2066",
    "\u3164",
    "\U000e0041\U000e0042",
    "\u2800",
    "\u0301",
]


@pytest.mark.parametrize("name", BLANK)
def test_a_name_without_ink_gets_a_stand_in(name: str) -> None:
    assert is_blank(name)
    assert display_name(name) == FALLBACK
    character, remarks = Character.read(samples.v2(name=name), "from the file")
    assert character.name == "from the file"
    assert [remark.field for remark in remarks] == ["data.name"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Wren", "Wren"),
        ("  Wren \n the\tBold ", "Wren the Bold"),
        ("\u202eevil\u202c", "evil"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),
        ("👩\u200d🚀 Ada", "👩\u200d🚀 Ada"),
        ("x" * 90, "x" * 80),
        ("🦊" * 60, "🦊" * 40),
    ],
)
def test_shown_names_are_one_visible_line_of_80_units(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_no_name_turns_the_lines_around_it() -> None:
    assert stored_name("\u202eWren\u202c \u2067of the Hill\u2069") == "Wren of the Hill"


def test_the_prompt_keeps_what_the_screen_does_not() -> None:
    assert stored_name("\u200bWren\u200b") == "\u200bWren\u200b"
    assert stored_name("W\x07ren\nBold") == "Wren Bold"
    assert len(stored_name("x" * 500)) == 100
