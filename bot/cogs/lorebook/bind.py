"""Where lorebooks are in use."""

from typing import Literal

from discord import app_commands

from bot.cogs._autocomplete import characters, lorebooks, personas
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import N_, _
from core.chat.place import Scope
from core.storage.lorebooks import PERSONA

Where = Literal["here", "server"]
SAID: dict[str, str] = {
    Scope.CHARACTER: N_("**{book}** is now used whenever this character speaks."),
    PERSONA: N_("**{book}** is now used whenever you speak as this persona."),
    Scope.SERVER: N_("**{book}** is now used in the whole server."),
    Scope.CHANNEL: N_("**{book}** is now used in this channel."),
}


@command()
@app_commands.autocomplete(book=lorebooks, character=characters, persona=personas)
async def bind(
    context: CommandContext,
    book: str,
    where: Where = "here",
    character: str | None = None,
    persona: str | None = None,
    off: bool = False,
) -> None:
    """Use a lorebook in this channel, the server, or for a character or persona.

    Parameters
    ----------
    book: str
        Which lorebook
    where: Literal
        In this channel or the whole server
    character: str
        Only when this character speaks
    persona: str
        Only when you speak as this persona
    off: bool
        Stop using it there instead
    """
    scope, scope_id = await _target(context, where, character, persona)
    lore = context.services.lorebooks
    if off:
        gone = await lore.unbind(context.actor, context.place, book, scope, scope_id)
        text = _("**{book}** is no longer used there.", book=book)
        await context.say(text if gone else _("**{book}** wasn't used there.", book=book))
        return
    stored = await lore.bind(context.actor, context.place, book, scope, scope_id)
    # In a direct message the channel is all there is.
    shown = Scope.CHANNEL if scope == Scope.SERVER and context.place.guild_id is None else scope
    await context.say(_(SAID[shown], book=stored.book.name))


async def _target(
    context: CommandContext, where: Where, character: str | None, persona: str | None
) -> tuple[str, int | None]:
    if character is not None:
        found = await context.services.characters.find(context.place, character)
        return Scope.CHARACTER.value, found.id
    if persona is not None:
        own = await context.services.personas.find(context.actor, persona)
        return PERSONA, own.id
    return (Scope.CHANNEL.value if where == "here" else Scope.SERVER.value), None
