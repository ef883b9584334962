"""`/chat note`"""

from typing import Any, Literal

from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.i18n import _
from bot.names import shortened
from core.option import Option
from core.options import NOTE_DEPTH, NOTE_FREQUENCY, NOTE_POSITION, NOTE_ROLE, NOTE_TEXT


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
    place = await here(interaction)
    wishes: list[tuple[Option[Any], Any]] = [
        (NOTE_TEXT, text if text != "-" else ""),
        (NOTE_DEPTH, depth),
        (NOTE_POSITION, position),
        (NOTE_ROLE, role),
        (NOTE_FREQUENCY, every),
    ]
    for option, value in wishes:
        if value is not None:
            await place.services.options.set(place.actor, place.place, option, value)
    options = await place.services.options.resolve(place.place)
    if not options[NOTE_TEXT]:
        await place.say(_("There is no author's note here."))
        return
    where = _(
        "{position}, depth {depth}, as {role}, every {every}",
        position=_(options[NOTE_POSITION]),
        depth=options[NOTE_DEPTH],
        role=_(options[NOTE_ROLE]),
        every=options[NOTE_FREQUENCY],
    )
    await place.say(f">>> {shortened(options[NOTE_TEXT], 1800)}\n-# {where}")
