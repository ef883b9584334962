"""Where long replies are cut and what is repeated."""

import pytest

from bot.discord_text.splitter import split
from core.untrusted.surrogates import utf16_length
from tests.shared import shared_path


def filled(sentence: str, number: int) -> str:
    return sentence * (number // len(sentence))


def test_short_text_is_one_message() -> None:
    assert split("Hello.\n") == ["Hello."]


def test_nothing_visible_is_no_message() -> None:
    assert split(" \n\u200b\n") == []


def test_cut_at_a_paragraph_rather_than_a_line() -> None:
    text = filled("One sentence. ", 1200) + "\n\n" + filled("Two lines.\n", 1200)
    first, second = split(text)
    assert first.endswith("One sentence.")
    assert second.startswith("Two lines.")


def test_code_block_is_closed_and_reopened_with_its_language() -> None:
    text = "Look:\n```python\n" + filled("    print('x')\n", 3000) + "```\nDone."
    first, second = split(text)
    assert first.endswith("print('x')\n```")
    assert second.startswith("```python\n    print('x')")
    assert second.endswith("```\nDone.")


def test_bold_and_spoiler_go_on_in_the_next_message() -> None:
    text = "||**" + filled("secret words ", 2500) + "**||"
    first, second = split(text)
    assert first.endswith("**||")
    assert second.startswith("||**secret")
    assert second.endswith("**||")


def test_stars_of_a_list_and_of_a_sum_are_no_marks() -> None:
    text = "* item\n2 * 3 = 6\n" + filled("snake_case words ", 2500)
    first, second = split(text)
    assert not first.endswith(("*", "_"))
    assert not second.startswith(("*", "_"))


def test_action_left_open_before_a_paragraph_is_not_carried_over() -> None:
    text = "*she nods\n\n" + filled("Plain words here. ", 2500)
    assert split(text)[1].startswith("Plain")


def test_a_quote_to_the_end_goes_on() -> None:
    text = shared_path("cases", "19-quote-over-the-limit", "reply.txt").read_text("utf-8")
    first, second = split(text)
    assert first.startswith("Intro.\n>>> lorem")
    assert second.startswith(">>> lorem")


@pytest.mark.parametrize("mark", ["> ", "-# ", "# ", "### ", ">>> ", ">>> -# ", "> # "])
def test_the_mark_of_a_long_line_is_opened_again(mark: str) -> None:
    for part in split(mark + filled("lorem **ipsum dolor** sit ", 5000)):
        assert part.startswith(mark)


def test_a_line_that_ends_before_the_cut_keeps_its_mark_to_itself() -> None:
    for mark in ("> ", "-# ", "# "):
        _first, second = split(f"{mark}{filled('one line ', 1900)}\n{filled('plain ', 300)}")
        assert second.startswith("plain")


def test_a_quoted_code_block_stays_quoted() -> None:
    text = "> ```py\n" + filled("> x = 1\n", 3000) + "> ```\nAnd on."
    first, second = split(text)
    assert first.endswith("> x = 1\n> ```")
    assert second.startswith("> ```py\n> x = 1")
    assert second.endswith("> ```\nAnd on.")


def test_bold_over_quoted_lines_leaves_them_quotes() -> None:
    for part in split("> **one" + filled("\n> two three", 3000) + "**"):
        assert part.startswith("> **")


def test_a_sign_in_mid_line_begins_no_list() -> None:
    for sign in ("- ", "> ", "# ", "-# "):
        _first, second = split("x" * 1981 + " " + sign + filled("word ", 500))
        assert second.startswith("\\" + sign + "word")


def test_a_named_link_is_not_broken() -> None:
    link = "[the long way home](https://example.org/home)"
    parts = split(filled("words ", 1960) + link + " and on")
    assert any(link in part for part in parts)


def test_astral_signs_count_twice() -> None:
    parts = split("🙂" * 1500)
    assert [utf16_length(part) <= 2000 for part in parts] == [True, True]
    assert sum(len(part) for part in parts) == 1500


def test_address_is_not_broken() -> None:
    address = "https://example.org/" + "a" * 300
    parts = split("x" * 1900 + " " + address + " end")
    assert parts[1].startswith(address)


def test_text_of_marks_alone_ends() -> None:
    for mark in ("*", "`", "||", "```", "_~"):
        assert all(utf16_length(part) <= 2000 for part in split(mark * 3000))
