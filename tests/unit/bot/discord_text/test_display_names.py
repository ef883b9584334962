"""Names a webhook may carry, and names that belong to somebody."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_text.display_names import LIMIT, NOBODY, display, distinct, shortened
from core.untrusted.surrogates import utf16_length

HAIR = "\u200a"


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Seraphina", "Seraphina"),
        ("  two   words ", "two words"),
        ("line\nbreak\ttab", "line break tab"),
        ("", NOBODY),
        ("\u200b\u2060\ufeff", NOBODY),
        ("\u2800\u3164\u115f\uffa0", NOBODY),
        ("\U000e0041\U000e0042", NOBODY),
        ("\u0301\u0302", NOBODY),
        ("\ud800", NOBODY),
        ("\u202eevil\u202c", "evil"),
        ("a\u0000b\u001bc", "abc"),
        ("soft\u00adhyphen", "softhyphen"),
        ("Clyde", f"C{HAIR}lyde"),
        ("McCLYDEson", f"McC{HAIR}LYDEson"),
        ("Discord Staff", f"D{HAIR}iscord Staff"),
        ("@everyone", f"@e{HAIR}veryone"),
        ("Here", f"H{HAIR}ere"),
        ("Heremon", "Heremon"),
        ("Where", "Where"),
        ("```py", f"`{HAIR}``py"),
        ("セラフィナ", "セラフィナ"),
        ("玩家", "玩家"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("a\u200db", "ab"),
        ("שרה", "שרה"),
        ("Z" + "\u0301" * 40 + "algo", "Z" + "\u0301" * 4 + "algo"),
        ("D\u200biscord", f"D{HAIR}iscord"),
    ],
)
def test_display(given_name: str, shown: str) -> None:
    assert display(given_name) == shown


def test_long_names_end_in_an_ellipsis() -> None:
    assert display("x" * 200) == "x" * 79 + "…"
    assert utf16_length(display("🙂" * 90)) <= LIMIT


@given(st.text(alphabet=st.characters(), max_size=200))
def test_every_name_is_taken_by_discord(name: str) -> None:
    shown = display(name)
    assert 1 <= utf16_length(shown) <= LIMIT
    assert shown == shown.strip()
    assert regex.search(r"[^\s\p{M}\p{Z}\p{Cf}]", shown)
    assert not regex.search(r"clyde|discord|```|^(?:everyone|here)$", shown, regex.IGNORECASE)
    assert not regex.search(r"[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]", shown)


@pytest.mark.parametrize(
    "name",
    [
        "Admin",
        "admin",
        "ADMIN",
        "Аdmin",
        "Adm1n",
        "Ａｄｍｉｎ",
        "A d m i n",
        "Ádmin",
        "Admın",
        "𝐀𝐝𝐦𝐢𝐧",
    ],
)
def test_look_alikes_of_a_moderator_get_a_suffix(name: str) -> None:
    assert distinct(display(name), ["Admin"], "(character)").endswith(" (character)")


@pytest.mark.parametrize("name", ["Adrian", "Minda", "Administrator of doors", "アドミン", "管理"])
def test_other_names_stay(name: str) -> None:
    assert distinct(name, ["Admin", "Seraphina"], "(character)") == name


def test_the_suffix_fits() -> None:
    name = "x" * 80
    assert utf16_length(distinct(name, [name], "(character)")) <= LIMIT


def test_shortened_keeps_clusters() -> None:
    assert shortened("👨‍👩‍👧👨‍👩‍👧", 12) == "👨‍👩‍👧…"
