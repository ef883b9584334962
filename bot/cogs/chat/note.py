"""`/chat note`"""

from typing import Any, Literal

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.discord_text.display_names import shortened
from bot.i18n import _
from core.options.option import Option, Resolved
from core.options.table import NOTE_DEPTH, NOTE_FREQUENCY, NOTE_POSITION, NOTE_ROLE, NOTE_TEXT


@app_commands.command()
async def note(
    interaction: Interaction,
    text: app_commands.Range[str, 1, 4000] | None = None,
    depth: app_commands.Range[int, 0, 1000] | None = None,
    position: Literal["in-chat", "before", "after"] | None = None,
    role: Literal["system", "user", "assistant"] | None = None,
    every: app_commands.Range[int, 0, 1000] | None = None,
) -> None:
    """Set the author's note of this channel, or show it; “-” as text removes it.

    Parameters
    ----------
    text: str
        The note; macros such as {{char}} work
    depth: int
        How many messages stand below it
    position: Literal
        In the chat, before the story or after it
    role: Literal
        Whose line it is in the chat
    every: int
        Put it in at every n-th message of people; 0 = never
    """
    context = await command_context(interaction)
    wishes: list[tuple[Option[Any], Any]] = [
        (NOTE_TEXT, text if text != "-" else ""),
        (NOTE_DEPTH, depth),
        (NOTE_POSITION, position),
        (NOTE_ROLE, role),
        (NOTE_FREQUENCY, every),
    ]
    for option, value in wishes:
        if value is not None:
            await context.services.options.set(context.actor, context.place, option, value)
    options = await context.services.options.resolve(context.place)
    if text == "-":
        await context.say(_("The author's note is removed."))
        return
    if not options[NOTE_TEXT]:
        hint = _("`/chat note` with a text sets one.")
        await context.say(_("There is no author's note here.") + " " + hint)
        return
    where = placed(options)
    await context.say(f">>> {shortened(options[NOTE_TEXT], 1800)}\n-# {where}")


def placed(options: Resolved) -> str:
    """Where and how often the note is put in, in words."""
    if not options[NOTE_FREQUENCY]:
        return _("It is never put in.")
    position = options[NOTE_POSITION]
    if position == "before":
        where = _("It stands before the story.")
    elif position == "after":
        where = _("It stands after the story.")
    else:
        where = _(
            "It stands above the newest {number} messages, as {role}.",
            number=options[NOTE_DEPTH],
            role=_(options[NOTE_ROLE]),
        )
    if options[NOTE_FREQUENCY] == 1:
        return where
    often = _("It is put in once in {number} messages.", number=options[NOTE_FREQUENCY])
    return f"{where} {often}"
