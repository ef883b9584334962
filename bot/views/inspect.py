"""The prompt as a person looks at it: parts with their tokens, and the whole as a file."""

import io
import json
from collections.abc import Sequence
from typing import Any

import discord

from bot.i18n import _
from bot.names import shortened
from bot.views.budget import picture, slices
from bot.views.lore import woken_lines
from core.engine.scene import Scene
from core.prompt.prompt import Part, Prompt

ROWS = 20
PICTURE = "budget.png"


async def prompt_report(scene: Scene, prompt: Prompt) -> dict[str, Any]:
    """An embed with the parts and the budget drawn, and a file with the exact prompt."""
    report = prompt.report
    kept = prompt.kept()
    lines = [_line(part) for part in grouped(kept)][:ROWS]
    embed = discord.Embed(
        title=_("The next prompt for {name}", name=scene.speaker.character.display_name)[:256],
        description="\n".join(lines)[:4000] or _("(nothing)"),
    )
    counts = _("counted exactly") if scene.counted.is_exact else _("counted by {name}", name="≈")
    embed.add_field(
        name=_("Budget"),
        value=_(
            "{used} of {budget} tokens ({counts}), {reply} kept for the reply",
            used=f"{report.used:,}",
            budget=f"{report.budget:,}",
            counts=counts,
            reply=f"{report.reply_size:,}",
        ),
        inline=False,
    )
    if report.messages_dropped or report.examples_dropped:
        embed.add_field(
            name=_("Left out"),
            value=_(
                "{messages} older messages, {examples} example lines: no room",
                messages=report.messages_dropped,
                examples=report.examples_dropped,
            ),
            inline=False,
        )
    if lore := woken_lines(prompt):
        embed.add_field(name=_("Lore"), value="\n".join(lore)[:1024], inline=False)
    if prompt.stop:
        stops = ", ".join(json.dumps(stop, ensure_ascii=False) for stop in prompt.stop)
        embed.add_field(name=_("Stop strings"), value=f"`{stops[:1000]}`", inline=False)
    file = discord.File(io.BytesIO(prompt.as_sent().encode()), _file_name(prompt))
    title = f"{report.used:,} / {report.budget:,}"
    drawn = await picture(slices(prompt), title)
    embed.set_image(url=f"attachment://{PICTURE}")
    return {"embed": embed, "files": [file, discord.File(io.BytesIO(drawn), PICTURE)]}


def grouped(parts: Sequence[Part]) -> list[Part]:
    """History as one row with the sum of its tokens; everything else by itself."""
    rows: list[Part] = []
    for part in parts:
        same = rows and rows[-1].kind == part.kind and rows[-1].source == part.source
        if same and part.kind.value in ("history", "example"):
            before = rows[-1]
            tokens = (before.tokens or 0) + (part.tokens or 0)
            rows[-1] = Part(part.kind, part.role, part.text, part.source, tokens)
        else:
            rows.append(part)
    return rows


def _line(part: Part) -> str:
    tokens = f" · {part.tokens}" if part.tokens is not None else ""
    text = shortened(part.text.replace("\n", " ").replace("`", "'"), 60)
    source = f" ({part.source})" if part.source else ""
    return f"**{part.kind.value}**{source}{tokens} — `{text or ' '}`"


def _file_name(prompt: Prompt) -> str:
    return "prompt.json" if prompt.messages else "prompt.txt"
