"""The prompt as a person looks at it: parts with their tokens, a picture of the budget, and the
whole as a file."""

import asyncio
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord
from PIL import Image, ImageDraw, ImageFont

from bot.channel.small_print import parts_text
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.fonts import font_with
from bot.views.lore import lore_lines
from bot.views.prompt_labels import LABELS, drawable, label_of, source_words
from bot.views.sent import ROLES, sent_lines
from bot.views.tokens import correction_line, rule_text, stand_in_lines, tokenizer_name
from bot.wording.errors import explain
from core.engine.prompter import ESTIMATED
from core.engine.replies import Preview
from core.engine.reply_input import ReplyInput
from core.prompt.context import GivesWay
from core.prompt.prompt import PartKind, Prompt, PromptPart

ROWS = 20
PICTURE = "budget.png"
WIDTH = 720
MARGIN = 28
BAR = 56
ROW = 44
BACKGROUND = "#313338"
TEXT = "#f2f3f5"
FAINT = "#9aa0a8"
FREE = "#43464d"
REPLY = "#80848e"
COLOURS: Mapping[PartKind, str] = {
    PartKind.SYSTEM: "#5865f2",
    PartKind.STORY: "#7d87f5",
    PartKind.LORE: "#f0b232",
    PartKind.PERSONA: "#eb459e",
    PartKind.CARD: "#23a55a",
    PartKind.EXAMPLE: "#3ba7b8",
    PartKind.SEPARATOR: "#6d6f78",
    PartKind.HISTORY: "#4a90d9",
    PartKind.NOTE: "#e67e22",
    PartKind.INSTRUCTIONS: "#9b59b6",
    PartKind.UTILITY: "#b5651d",
    PartKind.REPLY_START: "#6d6f78",
}


@dataclass(frozen=True, slots=True)
class BudgetShare:
    """One colour of the bar: what it is called and how many tokens it takes."""

    label: str
    tokens: int
    colour: str


@dataclass(frozen=True, slots=True)
class CountedPart:
    """A part with its tokens; `is_share` where it was never counted by itself."""

    part: PromptPart
    tokens: int
    is_share: bool


async def prompt_report(preview: Preview) -> dict[str, Any]:
    """An embed with the parts and the budget drawn, and the body of the request as a file."""
    reply_input, prompt = preview.reply_input, preview.prompt
    rows = grouped([one for one in sized(prompt) if one.part.text.strip() or one.tokens])
    exact = is_exact(reply_input, prompt)
    lines = [_line(row, exact, with_role=bool(prompt.messages)) for row in rows[:ROWS]]
    if len(rows) > ROWS:
        lines.append(_("…and {number} more. Everything is in the file.", number=len(rows) - ROWS))
    embed = discord.Embed(
        title=_("Next prompt for {name}", name=reply_input.speaker.character.display_name)[:256],
        description="\n".join(lines)[:4000] or _("(nothing)"),
    )
    embed.add_field(
        name=_("Budget"), value="\n".join(budget_lines(reply_input, prompt)), inline=False
    )
    if left := left_lines(preview):
        embed.add_field(name=_("Left out"), value="\n".join(left), inline=False)
    if lore := lore_lines(prompt):
        embed.add_field(name=_("Lore"), value="\n".join(lore)[:1024], inline=False)
    sent = shortened("\n".join(sent_lines(preview)), 1024)
    embed.add_field(name=_("Sent with it"), value=sent, inline=False)
    files = [discord.File(io.BytesIO(preview.text.encode()), "request.json")]
    if prompt.text:
        files.append(discord.File(io.BytesIO(prompt.text.encode()), "prompt.txt"))
    title = f"{total(reply_input, prompt):,} / {limit(reply_input, prompt):,}"
    drawn = await asyncio.to_thread(draw, slices(prompt), title)
    embed.set_image(url=f"attachment://{PICTURE}")
    return {"embed": embed, "files": [*files, discord.File(io.BytesIO(drawn), PICTURE)]}


def left_lines(preview: Preview) -> list[str]:
    """What had no room, and whether what is left has."""
    prompt, report = preview.prompt, preview.prompt.report
    lines = []
    if preview.misfit is not None:
        lines.append("⚠ " + _("Nothing is sent.") + " " + (explain(preview.misfit) or ""))
    if report.messages_dropped or report.examples_dropped:
        lines.append(
            _(
                "No room for {messages} older messages and {examples} example lines",
                messages=report.messages_dropped,
                examples=report.examples_dropped,
            )
        )
    if given := [part for part in prompt.left_out if part is not GivesWay.EXAMPLES]:
        lines.append(_("No room for: {parts}", parts=parts_text(given)))
    return lines


def grouped(parts: Sequence[CountedPart]) -> list[CountedPart]:
    """Neighbours of one kind and source as one row with the sum of their tokens."""
    rows: list[CountedPart] = []
    for one in parts:
        same = rows and (rows[-1].part.kind, rows[-1].part.source) == (
            one.part.kind,
            one.part.source,
        )
        if same and one.part.kind in (PartKind.HISTORY, PartKind.EXAMPLE):
            before = rows[-1]
            rows[-1] = replace(before, tokens=before.tokens + one.tokens)
        else:
            rows.append(one)
    return rows


def _line(row: CountedPart, exact: bool, *, with_role: bool) -> str:
    part, label = row.part, label_of(row.part.kind)
    text = shortened(" ".join(part.text.replace("`", "'").split()), 60)
    words = source_words(part.source)
    source = f" ({words})" if words else ""
    role = f" · {_(ROLES[part.role])}" if with_role else ""
    tokens = f" · {'' if exact and not row.is_share else '≈'}{row.tokens:,}"
    return f"**{label}**{source}{role}{tokens} — `{text or ' '}`"


def is_exact(reply_input: ReplyInput, prompt: Prompt) -> bool:
    """Whether the counts are the model's own."""
    return reply_input.token_counter.is_exact and ESTIMATED not in prompt.notes


def padding(reply_input: ReplyInput, prompt: Prompt) -> int:
    """Tokens kept free beside the prompt; what a server that counts by itself adds is no such."""
    by_server = reply_input.token_counter.is_remote and ESTIMATED not in prompt.notes
    return 0 if by_server else prompt.report.padding


def total(reply_input: ReplyInput, prompt: Prompt) -> int:
    """Tokens of the prompt as the model gets it, padding left out."""
    report = prompt.report
    return report.sent if report.sent is not None else report.used - padding(reply_input, prompt)


def limit(reply_input: ReplyInput, prompt: Prompt) -> int:
    """Tokens that the prompt may have: the context without reply and padding."""
    return prompt.report.budget - padding(reply_input, prompt)


def budget_lines(reply_input: ReplyInput, prompt: Prompt) -> list[str]:
    """The sum, what it may be, and who counted."""
    report, counted = prompt.report, reply_input.token_counter
    kept_free = padding(reply_input, prompt)
    counts = _("exact") if is_exact(reply_input, prompt) else _("estimated")
    lines = [
        _(
            "{total} of {limit} tokens ({counts})",
            total=f"{total(reply_input, prompt):,}",
            limit=f"{limit(reply_input, prompt):,}",
            counts=counts,
        ),
        _(
            "Context {context}, reply {reply}, padding {padding}",
            context=f"{report.context_size:,}",
            reply=f"{report.reply_size:,}",
            padding=f"{kept_free:,}",
        ),
        _(
            "Counted by: {name} ({rule})",
            name=tokenizer_name(counted.wanted),
            rule=rule_text(counted.match),
        ),
    ]
    lines += stand_in_lines(counted)
    if ESTIMATED in prompt.notes:
        lines.append(_("⚠ The server took too long to count, so these are estimates."))
    if counted.factor != 1.0:
        lines.append(correction_line(counted.factor))
    if kept_free < 0:
        lines.append(_("⚠ The padding is negative, so the prompt can go over the context size."))
    return lines


def sized(prompt: Prompt) -> list[CountedPart]:
    """The parts that are sent, in their order.

    Those never counted by themselves share, by length, what the whole has beyond the counted ones.
    """
    kept = prompt.kept()
    known = sum(part.tokens or 0 for part in kept)
    letters = sum(len(part.text) for part in kept if part.tokens is None) or 1
    rest = max(0, prompt.report.used - prompt.report.padding - known)
    return [
        CountedPart(part, round(rest * len(part.text) / letters), True)
        if part.tokens is None
        else CountedPart(part, part.tokens, False)
        for part in kept
    ]


def slices(prompt: Prompt) -> list[BudgetShare]:
    """The prompt's parts summed by kind, then the reply's share and what is free."""
    sums: dict[PartKind, int] = {}
    for one in sized(prompt):
        sums[one.part.kind] = sums.get(one.part.kind, 0) + one.tokens
    found = [
        BudgetShare(drawable(LABELS[kind]), tokens, COLOURS[kind])
        for kind, tokens in sums.items()
        if tokens
    ]
    report = prompt.report
    free = max(0, report.context_size - report.reply_size - sum(one.tokens for one in found))
    return [
        *found,
        BudgetShare(drawable(N_("Reply")), report.reply_size, REPLY),
        BudgetShare(drawable(N_("Free")), free, FREE),
    ]


def draw(found: Sequence[BudgetShare], title: str) -> bytes:
    """The bar with its legend as a PNG."""
    height = MARGIN * 2 + 40 + BAR + 20 + ROW * len(found)
    image = Image.new("RGB", (WIDTH, height), BACKGROUND)
    canvas = ImageDraw.Draw(image)
    large, normal = ImageFont.load_default(26), ImageFont.load_default(24)
    canvas.text((MARGIN, MARGIN), title, TEXT, large)
    top = MARGIN + 40
    total = max(1, sum(one.tokens for one in found))
    left = float(MARGIN)
    for one in found:
        right = left + (WIDTH - 2 * MARGIN) * one.tokens / total
        canvas.rectangle(
            (round(left), top, max(round(left), round(right) - 1), top + BAR), one.colour
        )
        left = right
    for number, one in enumerate(found):
        y = top + BAR + 20 + number * ROW
        canvas.rounded_rectangle((MARGIN, y + 4, MARGIN + 26, y + 30), 6, one.colour)
        label_font = font_with(one.label, 24) or normal
        canvas.text((MARGIN + 40, y + 3), one.label, TEXT, label_font)
        share = f"{one.tokens:,} · {_percent(one.tokens / total)}"
        wide = canvas.textlength(share, normal)
        canvas.text((WIDTH - MARGIN - wide, y + 3), share, FAINT, normal)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _percent(share: float) -> str:
    return "<1%" if 0 < share < 0.01 else f"{share:.0%}"
