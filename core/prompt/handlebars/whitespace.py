"""White space around tags, by the rules of Handlebars.js: `~`, and tags alone on their line."""

from core.patterns.characters import WHITE
from core.prompt.handlebars.parser import Block, Body, Statement, Strip, Tag, TagKind, TemplateText


def settle(root: Body) -> None:
    """Removes the white space that tags take with them, in place."""
    _settle_body(root, is_root=True)


def _settle_body(body: Body, is_root: bool = False) -> None:
    statements = body.statements
    for index, statement in enumerate(statements):
        match statement:
            case Block():
                _settle_block(statement, statements, index, is_root)
            case Tag():
                alone = (
                    statement.kind is TagKind.COMMENT
                    and _starts_line(statements, index, is_root)
                    and _ends_line(statements, index, is_root)
                )
                _take(statements, index, statement.strip)
                if alone:
                    _omit_right(statements, index + 1)
                    _omit_left(statements, index - 1)


def _settle_block(block: Block, siblings: list[Statement], index: int, is_root: bool) -> None:
    for branch in (block.program, block.inverse):
        if branch is not None:
            _settle_body(branch)
    # Of an inverted block without an else branch the only branch counts as the program.
    program = block.program or block.inverse
    inverse = block.inverse if block.program else None
    assert program is not None, "a block has a branch"
    first, last = _ends_of_chain(inverse)
    opens = _ends_line(program.statements, -1)
    closes = _starts_line((first or program).statements)
    _settle_inside(block, program, inverse, first, last)
    starts_line = _starts_line(siblings, index, is_root)
    ends_line = _ends_line(siblings, index, is_root)
    _take(siblings, index, Strip(block.tag.strip.before, block.close_strip.after))
    if opens and starts_line:
        _omit_right((block.program or block.inverse or program).statements, 0)
        _omit_left(siblings, index - 1)
    if closes and ends_line:
        _omit_right(siblings, index + 1)
        _omit_left((block.inverse or block.program or program).statements)


def _settle_inside(
    block: Block, program: Body, inverse: Body | None, first: Body | None, last: Body | None
) -> None:
    """`~` at the inner ends of a block, and an `{{else}}` alone on its line."""
    if block.tag.strip.after:
        _omit_right(program.statements, 0, everything=True)
    if inverse is None or first is None or last is None:
        if block.close_strip.before:
            _omit_left(program.statements, everything=True)
        return
    if block.inverse_strip.before:
        _omit_left(program.statements, everything=True)
    if block.inverse_strip.after:
        _omit_right(first.statements, 0, everything=True)
    if block.close_strip.before:
        _omit_left(last.statements, everything=True)
    if _starts_line(program.statements) and _ends_line(first.statements, -1):
        _omit_left(program.statements)
        _omit_right(first.statements, 0)


def _ends_of_chain(inverse: Body | None) -> tuple[Body | None, Body | None]:
    """The first and last branch of an else chain; both the branch itself where there is none."""
    first = last = inverse
    if inverse is not None and inverse.chained:
        block = inverse.statements[0]
        first = block.program if isinstance(block, Block) else None
        while last is not None and last.chained:
            inner = last.statements[-1]
            last = inner.program if isinstance(inner, Block) else None
    return first, last


def _starts_line(
    statements: list[Statement], index: int | None = None, is_root: bool = False
) -> bool:
    """Whether only blanks stand between a line's beginning and the statement at `index`.

    None: and the end of the statements.
    """
    index = len(statements) if index is None else index
    if index < 1:
        return is_root
    previous = statements[index - 1]
    if not isinstance(previous, TemplateText):
        return False
    before = previous.original.rstrip(WHITE)
    return (is_root and index == 1 and not before) or "\n" in previous.original[len(before) :]


def _ends_line(statements: list[Statement], index: int, is_root: bool = False) -> bool:
    """Whether only blanks stand between the statement at `index` and its line's end."""
    if index + 1 >= len(statements):
        return is_root
    following = statements[index + 1]
    if not isinstance(following, TemplateText):
        return False
    behind = following.original.lstrip(WHITE)
    at_end = is_root and index + 2 == len(statements) and not behind
    return at_end or "\n" in following.original[: len(following.original) - len(behind)]


def _take(statements: list[Statement], index: int, strip: Strip) -> None:
    if strip.after:
        _omit_right(statements, index + 1, everything=True)
    if strip.before:
        _omit_left(statements, index - 1, everything=True)


def _omit_right(statements: list[Statement], index: int, everything: bool = False) -> None:
    """Removes white space at the beginning of the text at `index`."""
    text = statements[index] if index < len(statements) else None
    if not isinstance(text, TemplateText) or (text.right_stripped and not everything):
        return
    kept = text.value.lstrip(WHITE if everything else " \t")
    if not everything:
        # One line end goes with the blanks in front of it.
        kept = kept[2:] if kept.startswith("\r\n") else kept.removeprefix("\n")
    text.right_stripped = kept != text.value
    text.value = kept


def _omit_left(
    statements: list[Statement], index: int | None = None, everything: bool = False
) -> None:
    """Removes white space at the end of the text at `index`; None: of the last one."""
    index = len(statements) - 1 if index is None else index
    text = statements[index] if index >= 0 else None
    if not isinstance(text, TemplateText) or (text.left_stripped and not everything):
        return
    kept = text.value.rstrip(WHITE if everything else " \t")
    text.left_stripped = kept != text.value
    text.value = kept
