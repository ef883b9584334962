"""Presets from other programs: everything in them is used, exported or taken back at once."""

import asyncio
import io
from collections.abc import Mapping
from pathlib import PurePath
from typing import Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import Rows, suggestions
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.panels import leaf_through, leaves_of
from bot.views.preset_report import answer_use, exported, taken_back
from bot.views.templates import NOTHING
from bot.wording.sentences import PHRASES
from core.chat.place import Scope
from core.errors import InvalidPreset, NotFound
from core.policy.permissions import Action, demand
from core.presets.preset import PresetKind
from core.presets.wishes import wishes_of
from core.reasons import Reason
from core.transfer.preset_file import read_preset_file

LARGEST = 4 * 2**20
"""Bytes: presets with many long prompts and scripts have more than one MiB."""
TITLES: Mapping[PresetKind, str] = {
    PresetKind.CONTEXT: N_("Context templates"),
    PresetKind.INSTRUCT: N_("Instruct templates"),
    PresetKind.SYSTEM: N_("System prompts"),
    PresetKind.CHAT: N_("Prompt lists"),
    PresetKind.SAMPLER_TEXT: N_("Samplers for text completion"),
    PresetKind.SAMPLER_CHAT: N_("Samplers for chat completion"),
    PresetKind.REASONING: N_("Thinking tags"),
}
PROMPT_LIST = N_("prompt list")
Where = Literal["channel", "category", "server"]
Use = Literal["channel", "category", "server", "nowhere"]


def named_by_person(file: discord.Attachment) -> str:
    """The file's name as it was: Discord puts signs of its own in place of blanks."""
    return f"{file.title}{PurePath(file.filename).suffix}" if file.title else file.filename


@suggestions
async def _presets(context: CommandContext) -> Rows:
    kinds: dict[str, list[str]] = {}
    for kind in PresetKind:
        for name in await context.services.presets.names(context.place, kind):
            phrase = PROMPT_LIST if kind is PresetKind.CHAT else PHRASES[kind.value]
            kinds.setdefault(name, []).append(_(phrase))
    return [
        (f"{name} · {', '.join(dict.fromkeys(labels))}", name) for name, labels in kinds.items()
    ]


@command()
async def import_(context: CommandContext, file: discord.Attachment, use: Use = "channel") -> None:
    """Add a SillyTavern preset and see what was taken from it.

    Parameters
    ----------
    file: discord.Attachment
        The JSON file
    use: Literal
        Where to use it right away; in a thread, channel means the thread
    """
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    if file.size > LARGEST:
        raise InvalidPreset(Reason.TOO_LARGE, largest=LARGEST, file=file.filename)
    read = await asyncio.to_thread(read_preset_file, await file.read(), named_by_person(file))
    uses, done = context.services.preset_uses, None
    if use == "nowhere":
        await uses.add(context.actor, context.place, read.found)
    else:
        done = await uses.use(
            context.actor, context.place, read.name, read.found, read.wishes, Scope(use), save=True
        )
    await answer_use(context, read.name, read.found, read.wishes, done, read.remarks)


@command()
@app_commands.autocomplete(name=_presets)
async def use(
    context: CommandContext, name: app_commands.Range[str, 1, 100], where: Where = "channel"
) -> None:
    """Use everything a preset has. “-” takes the last one back.

    Parameters
    ----------
    name: str
        Which preset; “-” restores what held before the last one
    where: Literal
        Where to use it; in a thread, channel means the thread
    """
    scope = Scope(where)
    if name.strip() == NOTHING:
        await context.say(await taken_back(context, scope))
        return
    found = await context.services.presets.all_named(context.place, name)
    if not found:
        raise NotFound(what="preset", name=name)
    wishes = wishes_of(found)
    done = await context.services.preset_uses.use(
        context.actor, context.place, found[0][1].name, found, wishes, scope, save=False
    )
    await answer_use(context, found[0][1].name, found, wishes, done)


@command()
async def list_(context: CommandContext) -> None:
    """Show all presets you can choose from."""
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    leaves = []
    for kind, title in TITLES.items():
        names = await context.services.presets.names(context.place, kind)
        leaves += leaves_of(_(title), [", ".join(names)])
    await leaf_through(context, leaves)


@command()
@app_commands.autocomplete(name=_presets)
async def export(
    context: CommandContext, name: app_commands.Range[str, 1, 100] | None = None
) -> None:
    """Get a preset as a file that SillyTavern reads.

    Parameters
    ----------
    name: str
        Which preset; leave empty for everything in use in this channel
    """
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    files = await exported(context, name)
    await context.say(files=[discord.File(io.BytesIO(data), title) for title, data in files])
