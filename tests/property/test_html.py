"""HTML in replies: any text is read, no tag is shown, and a stream ends as the whole."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.discord_text.html import readable, without_unfinished

TAGS = [
    *("<b>", "</b>", "<i>", "</i>", "<br>", "<hr/>", "<p>", "</p>", "<div class='x'>", "</div>"),
    *('<font color="red">', "</font>", "<details>", "<summary>", "</summary>", "</details>"),
    *("<span style=a>", "</span>", "<li>", "<ul>", "<td>", "<tr>", "<blockquote>", "<h1>"),
]
WORDS = ["Mira", " ", "\n", "*", "**", "_", "a", "b", ".", "\n\n", "||", "x y"]
PROSE = ["<3", "a < b", "<Mira>", "<@1>", "<status>", "&", "1 > 0", "<<", "<a:b:1>", "AT&T"]
KNOWN = re.compile(r"</?(?:b|i|br|hr|p|div|font|details|summary|span|li|ul|td|tr|h1)\b[^<>]*>")

pieces = st.lists(st.sampled_from(TAGS + WORDS), max_size=30).map("".join)
prose = st.lists(st.sampled_from(WORDS + PROSE), max_size=30).map("".join)


@given(st.text(max_size=200) | pieces)
def test_any_text_is_read(text: str) -> None:
    assert isinstance(readable(text), str)
    assert text.startswith(without_unfinished(text))


@given(pieces)
def test_no_tag_is_shown(text: str) -> None:
    assert KNOWN.search(readable(text)) is None


@given(prose)
def test_prose_stays(text: str) -> None:
    assert readable(text) == text


@given(pieces, st.integers(0, 200))
def test_no_half_tag_is_shown_while_it_grows(text: str, place: int) -> None:
    shown = readable(without_unfinished(text[:place]))
    assert not re.search(r"<(?:[/a-z][^<>]*)?\Z", shown)
