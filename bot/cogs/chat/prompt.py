"""What the model is sent: `/chat prompt`, and `/chat note`, which adds to it."""

from typing import Literal

from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.prompt_report import prompt_report
from core.options.table import (
    NOTE_DEPTH,
    NOTE_FREQUENCY,
    NOTE_POSITION,
    NOTE_ROLE,
    NOTE_TEXT,
    Resolved,
)

WHERE = {
    "in-chat": N_("It goes above the last {number} messages, as {role}."),
    "before": N_("It goes before the story."),
    "after": N_("It goes after the story."),
}


@command()
async def prompt(
    context: CommandContext, text: app_commands.Range[str, 1, 2000] | None = None
) -> None:
    """See exactly what gets sent to the model for the next reply.

    Parameters
    ----------
    text: str
        Pretend you just said this
    """
    preview = await context.engine.inspect(context.place, context.actor, typed=(text or "").strip())
    await context.say(**await prompt_report(preview))


@command()
async def note(
    context: CommandContext,
    text: app_commands.Range[str, 1, 4000] | None = None,
    depth: app_commands.Range[int, 0, 1000] | None = None,
    position: Literal["in-chat", "before", "after"] | None = None,
    role: Literal["system", "user", "assistant"] | None = None,
    every: app_commands.Range[int, 0, 1000] | None = None,
) -> None:
    """Set or show this channel's author's note. Use “-” as the text to remove it.

    Parameters
    ----------
    text: str
        The note. Macros like {{char}} work
    depth: int
        How many messages come after it
    position: Literal
        In the chat, before the story or after it
    role: Literal
        In the chat: who it's from
    every: int
        Add it every this many messages from people; 0 = never
    """
    await context.set_given(
        (NOTE_TEXT, text if text != "-" else ""),
        (NOTE_DEPTH, depth),
        (NOTE_POSITION, position),
        (NOTE_ROLE, role),
        (NOTE_FREQUENCY, every),
    )
    options = await context.services.options.resolve(context.place)
    if text == "-":
        await context.say(_("The author's note has been removed."))
        return
    if not options[NOTE_TEXT]:
        hint = _("Add one with `/chat note text:`.")
        await context.say(_("This channel has no author's note.") + " " + hint)
        return
    await context.say(f">>> {shortened(options[NOTE_TEXT], 1800)}\n-# {placed(options)}")


def placed(options: Resolved) -> str:
    """Where and how often the note is put in, in words."""
    if not options[NOTE_FREQUENCY]:
        return _("It's never added to the prompt.")
    role = _(options[NOTE_ROLE])
    where = _(WHERE[options[NOTE_POSITION]], number=options[NOTE_DEPTH], role=role)
    if options[NOTE_FREQUENCY] == 1:
        return where
    often = _("It's added every {number} messages.", number=options[NOTE_FREQUENCY])
    return f"{where} {often}"
