"""HTML in replies: tags become what Discord shows, prose and code stay as they are."""

import pytest

from bot.discord_text.html import readable, without_unfinished


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('<font color="#f00">Red</font> text', "Red text"),
        ("<FONT COLOR=red size=3>Red</FONT>", "Red"),
        ("<span style=\"color: red; content: '>'\">x</span>", "x"),
        ("<b>bold</b> and <i>leaning</i> and <u>under</u>", "**bold** and *leaning* and __under__"),
        ("<strong> spaced </strong>x", "**spaced** x"),
        ("*she said <em>no</em>*", "*she said _no_*"),
        ("<b>**once**</b>", "**once**"),
        ("<b>one\n\ntwo</b>", "**one**\n\n**two**"),
        ("a<br>b<br/>c<BR />d", "a\nb\nc\nd"),
        ("x&nbsp;y &amp; z &lt;3 &quot;q&quot; &#8212; &#x2014;", 'x y & z <3 "q" — —'),
        ("<div>\n  <p>One</p>\n  <p>Two</p>\n</div>", "One\n\nTwo"),
        ("before<div>inside</div>behind", "before\ninside\nbehind"),
        ("a<hr>b", "a\n\n⸻\n\nb"),
        (
            "<details><summary>Status</summary>\nHP 3<br>MP 4\n</details>\nNext",
            "**Status**\n||HP 3\nMP 4||\n\nNext",
        ),
        ("<details open><summary>S</summary>a\nb</details>", "**S**\n> a\n> b"),
        ("<details><summary>S</summary>a ||b||</details>", "**S**\n> a ||b||"),
        ("<blockquote>a\nb</blockquote>c", "> a\n> b\n\nc"),
        ("<h2>Head</h2>text <h5>small</h5>", "## Head\ntext\n**small**"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a | b\nc"),
        ('<a href="https://e.x/y">there</a>', "[there](<https://e.x/y>)"),
        ('<a href="javascript:x()">there</a>', "there"),
        ('<img src="x.png" alt="a lake">', "🖼 a lake"),
        ("<code>x</code> <pre>y\nz</pre>", "`x`\n\n```\ny\nz\n```"),
        ("<!-- a note -->shown", "shown"),
        ("<style>p { a: b }</style>Hi<script>x()</script>", "Hi"),
        # Broken HTML is not shown raw either.
        ("<b>never closed", "**never closed**"),
        ("</div>stray</p>", "stray"),
        ("<b><i>crossed</b></i>", "***crossed***"),
        ("<i>", ""),
    ],
)
def test_html_as_discord_shows_it(written: str, shown: str) -> None:
    assert readable(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a < b and b > a, 3 <4",
        "I <3 you, <<sigh>>",
        "<Mira> waves at <Mark>.",
        "<status>HP 3</status>",
        "<i am no tag> <b or else>",
        "<@123> <@&4> <#5> <:smile:6> <a:wave:7> <t:1:R> </chat start:8>",
        "AT&T; &notanentity; Q&A",
        "`<b>` and ``<i>a`b</i>``",
        "```html\n<div>&nbsp;</div>\n```",
        "```\n<div>never closed",
        "plain",
        "",
        "  <3  ",
    ],
)
def test_what_is_no_html_stays(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    ("growing", "shown"),
    [
        ("a <", "a "),
        ("a <fo", "a "),
        ("a </di", "a "),
        ("a</", "a"),
        ("a<!", "a"),
        ('x <font color="r', "x "),
        ("&nb", ""),
        ("<!-- hid", ""),
        ("a < b", "a < b"),
        ("a <3", "a <3"),
        ("a <Mira", "a <Mira"),
        ("`<b", "`<b"),
        ("```\n<b", "```\n<b"),
        ("<b>x", "<b>x"),
    ],
)
def test_a_tag_that_is_still_coming_is_held_back(growing: str, shown: str) -> None:
    assert without_unfinished(growing) == shown


@pytest.mark.parametrize(
    "text",
    [
        *("` a" * 20_000, "<!-- " * 12_000, "<b>" * 20_000, "<b><i>" * 10_000, "<i>x</i>" * 8_000),
        *("<Mark> " * 9_000, "<style>" * 9_000, "<b" + " " * 60_000, "<b a='" * 10_000),
        *("<b>" + " \n" * 30_000 + "</b>", "<div>" * 50 + " \n" * 30_000, "&" * 60_000),
    ],
)
def test_long_texts_end(text: str) -> None:
    # Work that grows with the square of the length would not come to an end here.
    assert without_unfinished(text) in (text, text[: text.rfind("<")], text[: text.rfind("&")])
    assert isinstance(readable(text), str)
