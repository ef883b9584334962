"""Splits a story string into text and tags, as Handlebars.js does, and builds its tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn

from core.errors import InvalidTemplate
from core.reasons import Reason

MAX_BYTES = 16 * 1024
MAX_TAGS = 512
MAX_BLOCKS = 40
MAX_DEPTH = 32

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
    TEXT = "text"
    NAME = "name"
    OPEN = "open"
    INVERTED = "inverted"
    ELSE = "else"
    CHAIN = "chain"
    CLOSE = "close"
    COMMENT = "comment"


_KINDS = {
    "inverse": TagKind.ELSE,
    "chain": TagKind.CHAIN,
    "end": TagKind.CLOSE,
    "raw": TagKind.NAME,
    "name": TagKind.NAME,
}
"""What each alternative of a tag's pattern makes, by its group."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Whether a tag takes the white space before and after it (`~`)."""

    before: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    kind: TagKind
    position: int
    text: str = ""
    words: tuple[str, ...] = ()
    has_arguments: bool = False
    strip: Strip = Strip()


def fail(template: str, position: int, reason: Reason, **facts: object) -> NoReturn:
    """Raises InvalidTemplate with the line and column of `position`, both from 1."""
    raise InvalidTemplate(
        reason,
        line=template.count("\n", 0, position) + 1,
        column=position - template.rfind("\n", 0, position),
        **facts,
    )


def _split(template: str) -> list[Tag]:
    """The pieces of a template in order."""
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
    for group, kind in _KINDS.items():
        if match[group] is not None:
            found = match.groupdict()
            words = found.get(f"{group}_words") or ("" if kind is TagKind.ELSE else match[group])
            return made(kind, match[f"{group}_close"], words, found.get(f"{group}_rest") or "")
    kind = TagKind.OPEN if match["block"] == "#" else TagKind.INVERTED
    return made(kind, match["block_close"], match["block_words"])


@dataclass(slots=True)
class TemplateText:
    """Text. `value` is what is left of `original` by the rules of white space."""

    value: str
    original: str
    left_stripped: bool = False
    right_stripped: bool = False


@dataclass(slots=True)
class Body:
    """The statements of a branch. `chained`: the branch is an `{{else if}}`."""

    statements: list["Statement"] = field(default_factory=list)
    chained: bool = False


@dataclass(slots=True)
class Block:
    """A block under its opening tag. Its program is None where an inverted one has no else."""

    tag: Tag
    program: Body | None
    inverse: Body | None
    inverse_strip: Strip
    close_strip: Strip


Statement = TemplateText | Tag | Block
"""A tag is a name to be replaced by its value, or a comment, which matters for white space only."""


class TemplateParser:
    """Builds the tree of one template."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._tags = _split(template)
        self._next = 0
        self._blocks = 0
        self._depth = 0

    def root(self) -> Body:
        """The whole tree. Raises InvalidTemplate."""
        body = self._body()
        if self._next < len(self._tags):
            fail(self._template, self._tags[self._next].position, Reason.TEMPLATE_UNOPENED)
        return body

    def _body(self) -> Body:
        body = Body()
        while self._next < len(self._tags):
            tag = self._tags[self._next]
            if tag.kind in (TagKind.ELSE, TagKind.CHAIN, TagKind.CLOSE):
                break
            self._next += 1
            if tag.kind is TagKind.TEXT:
                body.statements.append(TemplateText(tag.text, tag.text))
            elif tag.kind in (TagKind.NAME, TagKind.COMMENT):
                body.statements.append(tag)
            else:
                body.statements.append(self._block(tag))
        return body

    def _enter(self, tag: Tag) -> None:
        self._blocks += 1
        self._depth += 1
        if self._blocks > MAX_BLOCKS:
            fail(self._template, tag.position, Reason.TOO_MANY_PARTS, most=MAX_BLOCKS)
        if self._depth > MAX_DEPTH:
            fail(self._template, tag.position, Reason.TOO_DEEP, most=MAX_DEPTH)

    def _block(self, tag: Tag) -> Block:
        self._enter(tag)
        program: Body | None = self._body()
        inverse, inverse_strip = self._else()
        closing = self._closing(tag)
        _finish_chain(inverse, closing.strip)
        self._depth -= 1
        if tag.kind is TagKind.INVERTED:
            if inverse is not None and inverse.chained:
                fail(self._template, tag.position, Reason.TEMPLATE_ELSE)
            program, inverse = inverse, program
        return Block(tag, program, inverse, inverse_strip, closing.strip)

    def _else(self) -> tuple[Body | None, Strip]:
        """The branch behind `{{else}}` or `{{else if …}}`, and the tag's own strip."""
        tag = self._tags[self._next] if self._next < len(self._tags) else None
        if tag is None or tag.kind not in (TagKind.ELSE, TagKind.CHAIN):
            return None, Strip()
        self._next += 1
        if tag.kind is TagKind.ELSE:
            return self._body(), tag.strip
        self._enter(tag)
        program = self._body()
        inverse, inverse_strip = self._else()
        # Handlebars closes an inner branch of a chain with the strip of the tag behind it.
        _finish_chain(inverse, inverse_strip)
        self._depth -= 1
        block = Block(tag, program, inverse, inverse_strip, inverse_strip)
        return Body([block], chained=True), tag.strip

    def _closing(self, tag: Tag) -> Tag:
        if self._next >= len(self._tags):
            fail(self._template, tag.position, Reason.TEMPLATE_UNCLOSED, name=tag.words[0])
        closing = self._tags[self._next]
        if closing.kind is not TagKind.CLOSE:
            fail(self._template, closing.position, Reason.TEMPLATE_ELSE)
        if closing.words[0] != tag.words[0]:
            fail(self._template, closing.position, Reason.TEMPLATE_MISMATCH, name=tag.words[0])
        self._next += 1
        return closing


def _finish_chain(inverse: Body | None, strip: Strip) -> None:
    if inverse is not None and inverse.chained:
        block = inverse.statements[0]
        assert isinstance(block, Block), "a chained branch holds one block"
        block.close_strip = strip
