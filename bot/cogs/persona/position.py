from typing import Literal

from discord import app_commands

from bot.cogs._autocomplete import personas
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from core.characters.persona import AT_DEPTH, BOTTOM_OF_NOTE, IN_PROMPT, NOWHERE, TOP_OF_NOTE

PLACES = {
    "in the prompt": IN_PROMPT,
    "above the note": TOP_OF_NOTE,
    "below the note": BOTTOM_OF_NOTE,
    "in the chat": AT_DEPTH,
    "nowhere": NOWHERE,
}


@command()
@app_commands.autocomplete(persona=personas)
async def position(
    context: CommandContext,
    persona: str,
    where: Literal["in the prompt", "above the note", "below the note", "in the chat", "nowhere"],
    depth: app_commands.Range[int, 0, 1000] | None = None,
    role: Literal["system", "user", "assistant"] | None = None,
) -> None:
    """Choose where your persona's description goes in prompts.

    Parameters
    ----------
    persona: str
        Which of your personas
    where: Literal
        Where the description goes
    depth: int
        In the chat: how many messages come after it
    role: Literal
        In the chat: who it's from
    """
    found = await context.services.personas.find(context.actor, persona)
    changes: dict[str, object] = {"position": PLACES[where]}
    if depth is not None:
        changes["depth"] = depth
    if role is not None:
        changes["role"] = role
    changed = await context.services.personas.edit(context.actor, found.id, changes)
    text = _("**{name}**'s description now goes {where}.")
    await context.say(text.format(name=changed.persona.display_name, where=_(where)))
