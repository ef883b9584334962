"""Regex scripts: patterns that rewrite what is said, shown or sent."""

import asyncio
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import Rows, suggestions
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import _, ngettext
from bot.views.forms import LONGEST, Form
from bot.views.panels import Pages, confirmed, leaves_of
from bot.views.regex_scripts import (
    add_decision,
    brings_line,
    code,
    decision,
    fields,
    names_of,
    script_lines,
    source_name,
    typed,
)
from core.characters.card_file import read_card
from core.chat.place import Scope
from core.errors import InvalidCard, InvalidOption, InvalidRegex, NotFound
from core.policy.permissions import Action, demand
from core.reasons import Reason
from core.regex_scripts.files import scripts_of_file
from core.regex_scripts.script import PatternMacros, Placement, RegexScript, new_script
from core.services.regex_scripts import ListedScript
from core.untrusted.json import NotPlain, parse
from core.untrusted.text import decode

LARGEST = 2**20
Texts = Literal["replies", "messages", "both", "lore", "thoughts"]
Changes = Literal["story", "shown", "prompt", "shown and prompt"]
Macros = Literal["none", "raw", "escaped"]
Where = Literal["channel", "server"]
Depth = app_commands.Range[int, -1, 9999]

_TEXTS: Mapping[str, Sequence[Placement]] = {
    "replies": (Placement.AI_OUTPUT,),
    "messages": (Placement.USER_INPUT,),
    "both": (Placement.USER_INPUT, Placement.AI_OUTPUT),
    "lore": (Placement.WORLD_INFO,),
    "thoughts": (Placement.REASONING,),
}
_MACROS: Mapping[str, PatternMacros] = {
    "none": PatternMacros.NONE,
    "raw": PatternMacros.RAW,
    "escaped": PatternMacros.ESCAPED,
}


async def listed_here(context: CommandContext) -> list[ListedScript]:
    """Every script of this place, of the presets in use and of those who take part."""
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    scene = await context.engine.scene(context.place, context.actor.id)
    cards = [member.stored for member in scene.members]
    return await context.services.regex_scripts.listed(context.place, scene.options, cards)


@suggestions
async def scripts(context: CommandContext) -> Rows:
    return [
        (f"{one.script.name or '—'} · {source_name(one)}", one.key)
        for one in await listed_here(context)
    ]


async def chosen(context: CommandContext, wanted: str) -> ListedScript:
    """The script that was picked, or whose name was typed. Raises NotFound."""
    here = await listed_here(context)
    name = wanted.strip().casefold()
    for one in here:
        if one.key == wanted or one.script.name.strip().casefold() == name:
            return one
    raise NotFound(what="script", name=shortened(wanted, 80))


def settings(
    text: str | None,
    changes: str | None,
    macros: str | None,
    least_depth: int | None,
    most_depth: int | None,
    on_edit: bool | None,
) -> dict[str, Any]:
    """What was chosen besides the form, in the terms of a script's document."""
    given: dict[str, Any] = {}
    if text is not None:
        given["placement"] = [int(one) for one in _TEXTS[text]]
    if changes is not None:
        given["markdownOnly"] = "shown" in changes
        given["promptOnly"] = "prompt" in changes
    if macros is not None:
        given["substituteRegex"] = int(_MACROS[macros])
    if least_depth is not None:
        given["minDepth"] = least_depth
    if most_depth is not None:
        given["maxDepth"] = most_depth if most_depth >= 0 else None
    if on_edit is not None:
        given["runOnEdit"] = on_edit
    return given


@command()
async def list_(context: CommandContext) -> None:
    """Show the regex scripts at work here and where they come from."""
    here = await listed_here(context)
    if not here:
        await context.say(
            _(
                "There are no regex scripts here. Add one with `/format regex add`, or import a "
                "file with `/format regex import`."
            )
        )
        return
    stopped = context.engine.scripts.stopped
    lines = [
        line
        for one in here
        for line in script_lines(one, stopped=one.runs and one.script in stopped)
    ]
    view = Pages(context.actor.id, leaves_of(_("Regex scripts"), lines))
    waiting = [one for one in here if not one.allowed and not one.script.disabled]
    if waiting:
        add_decision(view, context, waiting)
    text = _waiting_line(waiting) if waiting else ""
    await context.say(text, embed=view.page, view=view)


def _waiting_line(waiting: Sequence[ListedScript]) -> str:
    return ngettext(
        "{number} script waits until you allow it: {scripts}",
        "{number} scripts wait until you allow them: {scripts}",
        len(waiting),
        scripts=names_of(waiting),
    )


@command(defers=False)
async def add(
    context: CommandContext,
    text: Texts = "replies",
    changes: Changes = "story",
    macros: Macros = "none",
    min_depth: Depth | None = None,
    max_depth: Depth | None = None,
    on_edit: bool = True,
    where: Where = "channel",
) -> None:
    """Write a script that replaces text in replies or prompts.

    Parameters
    ----------
    text: Literal
        Which texts it is for
    changes: Literal
        What of them it changes: the story itself, or only what is shown or sent
    macros: Literal
        Whether macros like {{user}} work in its pattern; escaped takes their text literally
    min_depth: int
        Only messages at least this far back; 0 is the newest
    max_depth: int
        Only messages at most this far back
    on_edit: bool
        Whether it also runs on messages that people edit
    where: Literal
        Only this channel, or the whole server
    """
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    given = settings(text, changes, macros, min_depth, max_depth, on_edit)

    async def save(context: CommandContext, values: dict[str, str]) -> None:
        script = new_script(**given, **typed(values))
        await context.services.regex_scripts.add(
            context.actor, context.place, [script], Scope(where)
        )
        await context.say(
            _(
                "**{name}** runs from now on. `/format regex test` shows what it does.",
                name=shortened(script.name, 60),
            )
        )

    await Form(_("New regex script"), fields(), save).open(context.interaction)


@command(defers=False)
@app_commands.autocomplete(script=scripts)
async def edit(
    context: CommandContext,
    script: str,
    text: Texts | None = None,
    changes: Changes | None = None,
    macros: Macros | None = None,
    min_depth: Depth | None = None,
    max_depth: Depth | None = None,
    on_edit: bool | None = None,
) -> None:
    """Change a script, in a form. What you save may run.

    Parameters
    ----------
    script: str
        Which script
    text: Literal
        Which texts it is for
    changes: Literal
        What of them it changes: the story itself, or only what is shown or sent
    macros: Literal
        Whether macros like {{user}} work in its pattern; escaped takes their text literally
    min_depth: int
        Only messages at least this far back; 0 is the newest, -1 takes the limit away
    max_depth: int
        Only messages at most this far back; -1 takes the limit away
    on_edit: bool
        Whether it also runs on messages that people edit
    """
    found = await chosen(context, script)
    before = found.script
    if len(before.pattern) > LONGEST or len(before.replacement) > LONGEST:
        raise InvalidOption(Reason.TOO_LONG_FOR_FORM)
    given = settings(text, changes, macros, min_depth, max_depth, on_edit)

    async def save(context: CommandContext, values: dict[str, str]) -> None:
        script = before.changed(**given, **typed(values))
        await context.services.regex_scripts.change(context.actor, context.place, found, script)
        await context.say(_("Saved **{name}**.", name=shortened(script.name, 60)))

    title = _("Edit {name}", name=before.name)
    await Form(title, fields(before), save).open(context.interaction)


@command()
@app_commands.autocomplete(script=scripts)
async def toggle(context: CommandContext, script: str) -> None:
    """Switch a script on or off.

    Parameters
    ----------
    script: str
        Which script
    """
    found = await chosen(context, script)
    on = await context.services.regex_scripts.toggle(context.actor, context.place, found)
    name = shortened(found.script.name, 60)
    await context.say(
        _("**{name}** is on.", name=name) if on else _("**{name}** is off.", name=name)
    )


@command()
@app_commands.autocomplete(script=scripts)
async def delete(context: CommandContext, script: str) -> None:
    """Delete a script.

    Parameters
    ----------
    script: str
        Which script to delete
    """
    found = await chosen(context, script)
    name = shortened(found.script.name, 60)
    question = _(
        "Delete **{name}** ({source})? You can't undo this.", name=name, source=source_name(found)
    )
    if await confirmed(context, question, _("Delete")):
        await context.services.regex_scripts.delete(context.actor, context.place, found)
        await context.say(_("**{name}** has been deleted.", name=name))


@command()
async def import_(
    context: CommandContext, file: discord.Attachment, where: Where = "channel"
) -> None:
    """Add scripts from a SillyTavern file; off until you allow them.

    Parameters
    ----------
    file: discord.Attachment
        A script, a list of them, or a card or preset that has some
    where: Literal
        For this channel only, or for the whole server
    """
    demand(context.actor, Action.MANAGE_PRESETS, context.place)
    if file.size > LARGEST:
        raise InvalidRegex(Reason.TOO_LARGE, largest=LARGEST, file=file.filename)
    found = await asyncio.to_thread(_read, await file.read(), file.filename)
    before = {one.key for one in await listed_here(context)}
    await context.services.regex_scripts.add(
        context.actor, context.place, found, Scope(where), allowed=False
    )
    added = [one for one in await listed_here(context) if one.key not in before]
    await context.say(brings_line(file.filename, added), view=decision(context, added))


def _read(data: bytes, name: str) -> list[RegexScript]:
    """The scripts of a JSON file, or of a card's picture."""
    try:
        found = scripts_of_file(parse(decode(data).text))
    except NotPlain as error:
        try:
            found = scripts_of_file(read_card(data, name).character.to_document())
        except InvalidCard:
            raise InvalidRegex(error.reason, **error.facts, file=name) from error
    if not found:
        raise InvalidRegex(Reason.NO_SCRIPTS, file=name)
    return found


@command()
@app_commands.autocomplete(script=scripts)
async def export(context: CommandContext, script: str | None = None) -> None:
    """Get the scripts here as a file that SillyTavern reads.

    Parameters
    ----------
    script: str
        Which script; leave empty for all
    """
    if script is None:
        documents: Any = [dict(one.script.document) for one in await listed_here(context)]
        name = "regex-scripts"
    else:
        found = await chosen(context, script)
        documents = dict(found.script.document)
        name = "regex-" + (re.sub(r"\W+", "_", found.script.name).strip("_").lower() or "script")
    text = json.dumps(documents, ensure_ascii=False, indent=4)
    await context.say(files=[discord.File(io.BytesIO(text.encode()), f"{name}.json")])


@command()
async def test(context: CommandContext, text: app_commands.Range[str, 1, 4000]) -> None:
    """Try a text on the scripts here and see what each changes.

    Parameters
    ----------
    text: str
        As a character or person might write it
    """
    here = [one for one in await listed_here(context) if not one.script.disabled]
    scene = await context.engine.scene(context.place, context.actor.id)
    lines: list[str] = []
    for one in here:
        tried = await context.engine.scripts.tried(scene, one.script, text, context.actor.name)
        head = f"**{discord.utils.escape_markdown(shortened(one.script.name, 60))}**"
        if not one.allowed:
            head += " · " + _("waits until you allow it")
        if tried is None:
            lines.append(f"{head}: " + _("takes too long, was stopped"))
        elif tried == text:
            lines.append(f"{head}: " + _("changes nothing"))
        else:
            lines.append(f"{head}: {code(tried)}")
            if one.allowed:
                text = tried
    if not lines:
        await context.say(_("No regex script is switched on here."))
        return
    lines.append(_("**At the end**: {text}", text=code(text)))
    view = Pages(context.actor.id, leaves_of(_("Regex scripts"), lines))
    await context.say(embed=view.page, view=view)
