"""White space around tags, by the rules of Handlebars.js: `~`, and tags alone on their line."""

from core.patterns.characters import WHITE
from core.prompt.handlebars.parser import Block, Body, Comment, Name, Statement, Strip, TemplateText


def settle(root: Body) -> None:
    """Removes the white space that tags take with them, in place."""
    _settle_body(root, is_root=True)


def _settle_body(body: Body, is_root: bool = False) -> None:
    statements = body.statements
    for index, statement in enumerate(statements):
        match statement:
            case Block():
                _settle_block(statement, statements, index, is_root)
            case Name():
                _take(statements, index, statement.strip)
            case Comment():
                alone = _starts_line(statements, index, is_root) and _ends_line(
                    statements, index, is_root
                )
                _take(statements, index, statement.strip)
                if alone:
                    _omit_right(statements, index + 1)
                    _omit_left(statements, index - 1)
            case TemplateText():
                pass


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
    end = first or program
    closes = _starts_line(end.statements, len(end.statements))
    _settle_inside(block, program, inverse, first, last)
    starts_line = _starts_line(siblings, index, is_root)
    ends_line = _ends_line(siblings, index, is_root)
    _take(siblings, index, Strip(block.open_strip.before, block.close_strip.after))
    if opens and starts_line:
        _omit_right((block.program or block.inverse or program).statements, 0)
        _omit_left(siblings, index - 1)
    if closes and ends_line:
        _omit_right(siblings, index + 1)
        branch = block.inverse or block.program or program
        _omit_left(branch.statements, len(branch.statements) - 1)


def _settle_inside(
    block: Block, program: Body, inverse: Body | None, first: Body | None, last: Body | None
) -> None:
    """`~` at the inner ends of a block, and an `{{else}}` alone on its line."""
    if block.open_strip.after:
        _omit_right(program.statements, 0, everything=True)
    if inverse is None or first is None or last is None:
        if block.close_strip.before:
            _omit_left(program.statements, len(program.statements) - 1, everything=True)
        return
    if block.inverse_strip.before:
        _omit_left(program.statements, len(program.statements) - 1, everything=True)
    if block.inverse_strip.after:
        _omit_right(first.statements, 0, everything=True)
    if block.close_strip.before:
        _omit_left(last.statements, len(last.statements) - 1, everything=True)
    if _starts_line(program.statements, len(program.statements)) and _ends_line(
        first.statements, -1
    ):
        _omit_left(program.statements, len(program.statements) - 1)
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


def _starts_line(statements: list[Statement], index: int, is_root: bool = False) -> bool:
    """Whether only blanks stand between a line's beginning and the statement at `index`."""
    if index < 1:
        return is_root
    previous = statements[index - 1]
    if not isinstance(previous, TemplateText):
        return False
    before = previous.original.rstrip(WHITE)
    at_start = is_root and index == 1 and not before
    return at_start or "\n" in previous.original[len(before) :]


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
    text = statements[index] if 0 <= index < len(statements) else None
    if not isinstance(text, TemplateText) or (text.right_stripped and not everything):
        return
    kept = text.value.lstrip(WHITE) if everything else _without_line_end(text.value)
    text.right_stripped = kept != text.value
    text.value = kept


def _omit_left(statements: list[Statement], index: int, everything: bool = False) -> None:
    """Removes white space at the end of the text at `index`."""
    text = statements[index] if 0 <= index < len(statements) else None
    if not isinstance(text, TemplateText) or (text.left_stripped and not everything):
        return
    kept = text.value.rstrip(WHITE if everything else " \t")
    text.left_stripped = kept != text.value
    text.value = kept


def _without_line_end(text: str) -> str:
    """`text` without the blanks at its beginning and one line end behind them."""
    kept = text.lstrip(" \t")
    return kept[2:] if kept.startswith("\r\n") else kept.removeprefix("\n")
