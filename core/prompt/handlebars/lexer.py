"""Splits a story string into text and tags, as the lexer of Handlebars.js does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from core.errors import InvalidTemplate
from core.reasons import Reason

MAX_BYTES = 16 * 1024
MAX_TAGS = 512

_ID = r"""[^\s!"\#%-,./;->@\[-^`{-~]+"""
"""What Handlebars takes as one identifier; `roll::1d6` is one."""
_PARAMETER = rf"""(?:"[^"]*"|'[^']*'|{_ID})"""
_WORDS = rf"{_ID}(?:\s+{_ID})?"
_PARAMETERS = rf"(?:\s+{_PARAMETER})*"


def _end(group: str) -> str:
    """The end of a tag; a third brace without `~` would make it the end of a `{{{name}}}`."""
    return rf"\s*(?:(?P<{group}>~)\}}\}}|\}}\}}(?!\}}))"


_TAG = re.compile(
    rf"""\{{\{{(?P<open>~?)(?:
      (?P<comment>!(?:--(?P<long>.*?)--(?P<long_close>~?)\}}\}}|(?!--)(?P<short>[^\x00]*?)\}}\}}))
    | (?P<inverse>\^\s*|\s*else\s*)(?P<inverse_close>~?)\}}\}}
    | (?P<chain>\s*else\b)\s+(?P<chain_words>{_WORDS}){_end("chain_close")}
    | (?P<block>[#^])\s*(?P<block_words>{_WORDS}){_end("block_close")}
    | /\s*(?P<end>{_ID}){_end("end_close")}
    | \{{\s*(?P<raw>{_ID})(?P<raw_rest>{_PARAMETERS})\s*\}}(?:(?P<raw_close>~)\}}\}}|\}}\}}(?!\}}))
    | &?\s*(?!else\b)(?P<name>{_ID})(?P<name_rest>{_PARAMETERS}){_end("name_close")}
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED_END = re.compile(r"\\{0,2}\{\{")


class TagKind(StrEnum):
    """What a piece of a template is."""

    TEXT = "text"
    NAME = "name"
    OPEN = "open"
    INVERTED = "inverted"
    ELSE = "else"
    CHAIN = "chain"
    CLOSE = "close"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Strip:
    """Whether a tag takes the white space before and after it (`~`)."""

    before: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """A piece; `words` are helper and argument."""

    kind: TagKind
    position: int
    text: str = ""
    words: tuple[str, ...] = ()
    has_arguments: bool = False
    strip: Strip = Strip()


def fail(template: str, position: int, reason: Reason, **facts: object) -> NoReturn:
    """Raises InvalidTemplate with the line and column of `position`, both from 1."""
    line = template.count("\n", 0, position) + 1
    column = position - template.rfind("\n", 0, position)
    raise InvalidTemplate(reason, line=line, column=column, **facts)


def split(template: str) -> list[Tag]:
    """The pieces of a template in order. Raises InvalidTemplate."""
    if len(template.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        fail(template, 0, Reason.TOO_LARGE, largest=MAX_BYTES)
    pieces = list(_pieces(template))
    tags = [piece for piece in pieces if piece.kind is not TagKind.TEXT]
    if len(tags) > MAX_TAGS:
        fail(template, tags[MAX_TAGS].position, Reason.TOO_MANY_PARTS, most=MAX_TAGS)
    return pieces


def _pieces(template: str) -> Iterator[Tag]:
    position = 0
    while position < len(template):
        found = template.find("{{", position)
        text = template[position:] if found < 0 else template[position:found]
        escaped = found >= 0 and text.endswith("\\")
        if escaped:
            # A backslash hides one tag; two backslashes are one backslash and a tag.
            text, escaped = text[:-1], not text.endswith("\\\\")
        if text:
            yield Tag(TagKind.TEXT, position, text)
        if found < 0:
            return
        if escaped:
            end = _ESCAPED_END.search(template, found + 2)
            position = end.start() if end else len(template)
            yield Tag(TagKind.TEXT, found, template[found:position])
            continue
        match = _TAG.match(template, found)
        if not match:
            fail(template, found, Reason.TEMPLATE_TAG)
        yield _tag(match, found)
        position = match.end()


def _tag(match: re.Match[str], position: int) -> Tag:
    def made(kind: TagKind, close: str | bool | None, words: str = "", rest: str = "") -> Tag:
        strip = Strip(bool(match["open"]), bool(close))
        return Tag(kind, position, "", tuple(words.split()), bool(rest.strip()), strip)

    if match["comment"] is not None:
        return made(TagKind.COMMENT, match["long_close"] or (match["short"] or "")[-1:] == "~")
    if match["inverse"] is not None:
        return made(TagKind.ELSE, match["inverse_close"])
    if match["chain"] is not None:
        return made(TagKind.CHAIN, match["chain_close"], match["chain_words"])
    if match["block"] is not None:
        kind = TagKind.OPEN if match["block"] == "#" else TagKind.INVERTED
        return made(kind, match["block_close"], match["block_words"])
    if match["end"] is not None:
        return made(TagKind.CLOSE, match["end_close"], match["end"])
    if match["raw"] is not None:
        return made(TagKind.NAME, match["raw_close"], match["raw"], match["raw_rest"])
    return made(TagKind.NAME, match["name_close"], match["name"], match["name_rest"])
