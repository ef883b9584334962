"""Splitting loses nothing, breaks nothing, and every part is a message Discord takes."""

from collections.abc import Iterator

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discord_text.splitter import LIMIT, cut, is_blank, split
from core.untrusted.surrogates import join_surrogates, utf16_length

ATOMS = [
    "word ",
    "a",
    "Ω",
    "日本語",
    "長い文。",
    "Sentence. ",
    "Why? ",
    "\n",
    "\n\n",
    "  ",
    "\t",
    "🙂",
    "👨‍👩‍👧‍👦",
    "🇧🇷",
    "é",
    "e" + "\u0301" * 8,
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "||",
    "`",
    "``",
    "```",
    "```py\n",
    "\\*",
    "<@123456789012345678>",
    "<:smile:123456789012345678>",
    "<#5>",
    "<t:1700000000:R>",
    "https://example.org/a/very/long/path?with=query&and=more#part",
    "*sighs* ",
    "**bold words** ",
    "||secret|| ",
    "\u200b",
    "\u202e",
    "x" * 300,
    "- item\n",
    "> quote\n",
    "\n> ",
    "\n-# small ",
    "\n# head ",
    "\n>>> ",
    "\n1. ",
    "# ",
    "-# ",
    "> ",
    "- ",
    "     ",
]
texts = st.lists(st.tuples(st.sampled_from(ATOMS), st.integers(1, 60)), max_size=60).map(
    lambda pieces: "".join(atom * count for atom, count in pieces)
)
limits = st.sampled_from([60, 200, LIMIT])
UNBROKEN = regex.compile(r"<@\d+>|<:\w+:\d+>|<#\d+>|<t:\d+:R>")


@settings(max_examples=1000)
@given(texts, limits)
def test_nothing_is_lost_and_every_part_is_a_message(text: str, limit: int) -> None:
    parts = cut(text, limit)
    assert "".join(part.body for part in parts) == ("" if is_blank(text) else text)
    assert [part.shown for part in parts] == split(text, limit)
    for part in parts:
        assert part.shown.startswith(part.lead)
        assert part.shown.endswith(part.tail)
        assert utf16_length(part.shown) <= limit
        assert not is_blank(part.shown)
        assert part.shown.encode("utf-16")


@settings(max_examples=500)
@given(texts)
def test_clusters_and_mentions_stay_whole(text: str) -> None:
    whole = {match.end() for match in regex.finditer(r"\X", text)}
    inside = [match.span() for match in UNBROKEN.finditer(text)]
    at = 0
    for part in cut(text)[:-1]:
        at += len(part.body)
        assert at in whole
        assert not any(low < at < high for low, high in inside)


LINE = regex.compile(r" *(?P<quote>>>> |> )? *(?P<head>#{1,3} |-# |[-*] )?")


def shown_as(text: str) -> Iterator[tuple[str, str, str]]:
    """Each letter with the quote and the kind of line it stands in, read line by line."""
    block = False
    for line in text.split("\n"):
        match = LINE.match(line)
        assert match is not None
        quote, head = match["quote"] or "", match["head"] or ""
        if block and quote:
            head = ""
        block = block or quote == ">>> "
        kind = ("quote" if block or quote else "", "" if head in ("- ", "* ") else head)
        yield from ((letter, *kind) for letter in line if letter.isalnum())


# A message loses the blanks it begins with, so a mark behind a tab would count there alone.
NO_CODE = [
    atom
    for atom in ATOMS
    if "`" not in atom and not atom.startswith(("1", "<")) and atom not in ("\t", "\u200b")
]


@settings(max_examples=700)
@given(
    st.lists(st.tuples(st.sampled_from(NO_CODE), st.integers(1, 40)), max_size=60).map(
        lambda pieces: "".join(atom * count for atom, count in pieces)
    ),
    limits,
)
def test_quotes_headings_and_small_print_go_on(text: str, limit: int) -> None:
    parts = [letter for part in split(text, limit) for letter in shown_as(part)]
    assert parts == list(shown_as(text))


@settings(max_examples=150)
@given(texts, st.integers(1, 500))
def test_full_parts_stay_as_the_text_grows(text: str, step: int) -> None:
    """A cut moves only while its own place is still being written."""
    final = [part.body for part in cut(text)]
    for end in range(0, len(text), step * 20):
        growing = [part.body for part in cut(text[:end])]
        for index, body in enumerate(growing[:-2]):
            assert body.rstrip() == final[index].rstrip()


@given(st.text(alphabet=st.characters(), max_size=50))
def test_tidied_text_can_be_sent(text: str) -> None:
    assert join_surrogates(text).encode("utf-8").decode("utf-8") == join_surrogates(text)


def test_halves_of_a_pair_are_joined() -> None:
    assert join_surrogates("a\ud83d\ude42b\ud83d") == "a🙂b\ufffd"
