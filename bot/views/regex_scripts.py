"""Regex scripts on screen: lines of a list, forms, and the question whether they may run."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.command_context import LONGEST_TEXT, CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _, ngettext
from bot.views.forms import Field
from bot.views.panels import Panel, leaves_of
from core.policy.permissions import Action, allowed
from core.regex_scripts.script import Placement, RegexScript, Target
from core.services.regex_scripts import ListedScript, ScriptSource, is_usable

NAMED = 10
"""Scripts that an answer names; of more their number is told."""
LONGEST_CODE = 200

PLACEMENTS: Mapping[Placement, str] = {
    Placement.USER_INPUT: N_("messages"),
    Placement.AI_OUTPUT: N_("replies"),
    Placement.SLASH_COMMAND: N_("commands"),
    Placement.WORLD_INFO: N_("lore"),
    Placement.REASONING: N_("thoughts"),
}
TARGETS: Mapping[Target, str] = {
    Target.STORED: N_("changes the story"),
    Target.SHOWN: N_("changes what is shown"),
    Target.PROMPT: N_("changes the prompt"),
}


def source_name(listed: ListedScript) -> str:
    """Where a script comes from."""
    if listed.source is ScriptSource.SERVER:
        return _("this server")
    if listed.source is ScriptSource.CHANNEL:
        return _("this channel")
    return listed.source_name


def state_name(listed: ListedScript, *, stopped: bool) -> str:
    if not is_usable(listed.script):
        return _("its pattern can't be used")
    if listed.script.disabled:
        return _("off")
    if not listed.allowed:
        return _("waits until you allow it")
    return _("takes too long, was stopped") if stopped else _("on")


def script_lines(listed: ListedScript, *, stopped: bool) -> list[str]:
    """A script in two lines: what it is, what it does."""
    script = listed.script
    mark = "▫️" if script.disabled else "⏳" if not listed.allowed else "⚠️" if stopped else "▪️"
    head = f"{mark} **{_plain(script.name) or '—'}** · {_plain(source_name(listed))} · "
    what = ", ".join(_(PLACEMENTS[one]) for one in sorted(script.placements)) or "—"
    does = ", ".join(_(text) for target, text in TARGETS.items() if target in script.targets)
    return [
        head + state_name(listed, stopped=stopped),
        f"-# {what}: {does} · {code(script.pattern)} → {code(script.replacement)}",
    ]


def code(text: str) -> str:
    """A text of strangers in one line of code; an empty one as a dash."""
    line = shortened(" ".join(text.replace("`", "ˋ").split()), LONGEST_CODE)
    return f"`{line}`" if line else "—"


def _plain(text: str) -> str:
    return discord.utils.escape_markdown(shortened(" ".join(text.split()), 60))


def names_of(listed: Sequence[ListedScript]) -> str:
    names = [f"“{_plain(one.script.name) or '—'}”" for one in listed[:NAMED]]
    more = len(listed) - len(names)
    return ", ".join(names) + (" " + _("and {number} more", number=more) if more > 0 else "")


def brings_line(name: str, waiting: Sequence[ListedScript]) -> str:
    """What an import says of the scripts that came with it."""
    return ngettext(
        "**{name}** brings {number} regex script: {scripts}. It only runs if you allow it.",
        "**{name}** brings {number} regex scripts: {scripts}. They only run if you allow them.",
        len(waiting),
        name=name,
        scripts=names_of(waiting),
    )


def told_of(
    context: CommandContext, name: str, listed: Sequence[ListedScript]
) -> tuple[str, list[ListedScript]]:
    """What an import adds to its answer, and which scripts the person may decide about."""
    waiting = [one for one in listed if not one.allowed]
    if not waiting:
        return "", []
    text = brings_line(name, waiting)
    if allowed(context.actor, Action.MANAGE_PRESETS, context.place):
        return text, waiting
    hint = _("Somebody who manages this server can allow them with `/format regex list`.")
    return f"{text} {hint}", []


def add_decision(panel: Panel, context: CommandContext, waiting: Sequence[ListedScript]) -> None:
    """Buttons to look at scripts, to let them run, and to leave it for now."""

    async def look(interaction: discord.Interaction[Any]) -> None:
        lines = [line for one in waiting for line in script_lines(one, stopped=False)]
        embeds = leaves_of(_("Regex scripts"), lines)[:3]
        await interaction.response.send_message(embeds=embeds, ephemeral=True)

    async def allow(interaction: discord.Interaction[Any]) -> None:
        await context.services.regex_scripts.allow(context.actor, context.place, waiting)
        await end(_("Allowed. Regex scripts run from the next message on."), interaction)

    async def leave(interaction: discord.Interaction[Any]) -> None:
        text = _("The regex scripts stay off. `/format regex list` shows them.")
        await end(text, interaction)

    async def end(text: str, interaction: discord.Interaction[Any]) -> None:
        for button in buttons:
            panel.remove_item(button)
        said = interaction.message.content if interaction.message else ""
        content = f"{shortened(said, LONGEST_TEXT - len(text) - 1)}\n{text}".strip()
        view = panel if panel.children else None
        await interaction.response.edit_message(content=content, view=view)

    buttons = [
        panel.add_button(_("Look"), look),
        panel.add_button(_("Allow"), allow, style=discord.ButtonStyle.primary),
        panel.add_button(_("Not now"), leave),
    ]


def decision(context: CommandContext, waiting: Sequence[ListedScript]) -> Panel | None:
    """The buttons alone; None where there is nothing to decide."""
    if not waiting:
        return None
    panel = Panel(context.actor.id)
    add_decision(panel, context, waiting)
    return panel


def fields(script: RegexScript | None = None) -> list[Field]:
    """The questions of the form, answered as the script answers them."""
    asked = [
        Field("scriptName", _("Name"), longest=100),
        Field("findRegex", _("Find"), _("A pattern like /<status>.*?<\\/status>/gs")),
        Field(
            "replaceString",
            _("Replace with"),
            _("Empty to hide it. {{match}}, $1 and $<name> put in what was found."),
            long=True,
            required=False,
        ),
        Field(
            "trimStrings",
            _("Take out of what was found"),
            _("One text per line"),
            long=True,
            required=False,
        ),
    ]
    if script is None:
        return asked
    values = {
        "scriptName": script.name,
        "findRegex": script.pattern,
        "replaceString": script.replacement,
        "trimStrings": "\n".join(script.trims),
    }
    return [field.filled(values[field.key]) for field in asked]


def typed(values: Mapping[str, str]) -> dict[str, Any]:
    """The form's answers in the terms of a script's document."""
    trims = [line for line in values["trimStrings"].split("\n") if line]
    return {**values, "scriptName": values["scriptName"].strip(), "trimStrings": trims}
