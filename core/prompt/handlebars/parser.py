"""Builds the tree of a template: texts, names and blocks with their branches."""

from dataclasses import dataclass, field

from core.prompt.handlebars.lexer import Strip, Tag, TagKind, fail
from core.reasons import Reason

MAX_BLOCKS = 40
MAX_DEPTH = 32


@dataclass(slots=True)
class Content:
    """Text. `value` is what is left of `original` by the rules of white space."""

    value: str
    original: str
    left_stripped: bool = False
    right_stripped: bool = False


@dataclass(slots=True)
class Name:
    """A name to be replaced by its value."""

    name: str
    strip: Strip
    position: int
    has_arguments: bool = False


@dataclass(slots=True)
class Comment:
    """A comment; it matters for white space only."""

    strip: Strip


@dataclass(slots=True)
class Body:
    """The statements of a branch. `chained`: the branch is an `{{else if}}`."""

    statements: list["Statement"] = field(default_factory=list)
    chained: bool = False


@dataclass(slots=True)
class Block:
    """A block. Its program is None where an inverted one has no else branch."""

    helper: str
    argument: str | None
    position: int
    program: Body | None
    inverse: Body | None
    open_strip: Strip
    inverse_strip: Strip
    close_strip: Strip


Statement = Content | Name | Comment | Block


def parse(template: str, tags: list[Tag]) -> Body:
    """The template's tree. Raises InvalidTemplate where blocks do not balance."""
    return _Parser(template, tags).root()


class _Parser:
    def __init__(self, template: str, tags: list[Tag]) -> None:
        self._template = template
        self._tags = tags
        self._next = 0
        self._blocks = 0
        self._depth = 0

    def root(self) -> Body:
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
            body.statements.append(self._statement(tag))
        return body

    def _statement(self, tag: Tag) -> Statement:
        match tag.kind:
            case TagKind.TEXT:
                return Content(tag.text, tag.text)
            case TagKind.COMMENT:
                return Comment(tag.strip)
            case TagKind.NAME:
                return Name(tag.words[0], tag.strip, tag.position, tag.has_arguments)
            case _:
                return self._block(tag)

    def _enter(self, tag: Tag) -> None:
        self._blocks += 1
        self._depth += 1
        if self._blocks > MAX_BLOCKS:
            fail(self._template, tag.position, Reason.TOO_MANY_PARTS, most=MAX_BLOCKS)
        if self._depth > MAX_DEPTH:
            fail(self._template, tag.position, Reason.TOO_DEEP, most=MAX_DEPTH)

    def _block(self, tag: Tag) -> Block:
        self._enter(tag)
        program = self._body()
        inverse, inverse_strip = self._else()
        closing = self._closing(tag)
        _finish_chain(inverse, closing.strip)
        self._depth -= 1
        if tag.kind is TagKind.INVERTED:
            if inverse is not None and inverse.chained:
                fail(self._template, tag.position, Reason.TEMPLATE_ELSE)
            return self._made(tag, inverse, program, inverse_strip, closing.strip)
        return self._made(tag, program, inverse, inverse_strip, closing.strip)

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
        block = self._made(tag, program, inverse, inverse_strip, inverse_strip)
        self._depth -= 1
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

    def _made(
        self,
        tag: Tag,
        program: Body | None,
        inverse: Body | None,
        inverse_strip: Strip,
        close_strip: Strip,
    ) -> Block:
        helper, *rest = tag.words
        return Block(
            helper,
            rest[0] if rest else None,
            tag.position,
            program,
            inverse,
            tag.strip,
            inverse_strip,
            close_strip,
        )


def _finish_chain(inverse: Body | None, strip: Strip) -> None:
    if inverse is not None and inverse.chained:
        block = inverse.statements[0]
        assert isinstance(block, Block), "a chained branch holds one block"
        block.close_strip = strip
