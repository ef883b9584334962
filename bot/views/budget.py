"""A picture of the budget: what takes how much of the prompt, readable on a phone."""

import asyncio
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from core.prompt.prompt import PartKind, Prompt, PromptPart

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
    """The prompt's parts summed by kind, then the reply's share and what is free.

    Labels are the kinds' own names: Pillow's font has no Japanese or Chinese letters.
    """
    sums: dict[PartKind, int] = {}
    for one in sized(prompt):
        sums[one.part.kind] = sums.get(one.part.kind, 0) + one.tokens
    found = [
        BudgetShare(kind.value.replace("-", " "), tokens, COLOURS[kind])
        for kind, tokens in sums.items()
        if tokens
    ]
    report = prompt.report
    free = max(0, report.context_size - report.reply_size - sum(one.tokens for one in found))
    return [
        *found,
        BudgetShare("reply", report.reply_size, REPLY),
        BudgetShare("free", free, FREE),
    ]


async def picture(found: Sequence[BudgetShare], title: str) -> bytes:
    """The bar with its legend as a PNG, drawn in a thread."""
    return await asyncio.to_thread(draw, found, title)


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
        canvas.text((MARGIN + 40, y + 3), one.label, TEXT, normal)
        share = f"{one.tokens:,} · {_percent(one.tokens / total)}"
        wide = canvas.textlength(share, normal)
        canvas.text((WIDTH - MARGIN - wide, y + 3), share, FAINT, normal)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _percent(share: float) -> str:
    return "<1%" if 0 < share < 0.01 else f"{share:.0%}"
