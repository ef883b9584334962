"""Where lorebooks are in use."""

from typing import Literal

from discord import app_commands

from bot.cogs._autocomplete import characters, lorebooks, personas
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from core.chat.place import Scope
from core.storage.lorebooks import PERSONA

Where = Literal["here", "server"]


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
    await context.say(_told(scope, context.place.guild_id is None).format(book=stored.book.name))


def _told(scope: str, is_direct: bool) -> str:
    """Where the book is in use now. In a direct message the channel is all there is."""
    if scope == Scope.CHARACTER:
        return _("**{book}** is now used whenever this character speaks.")
    if scope == PERSONA:
        return _("**{book}** is now used whenever you speak as this persona.")
    if scope == Scope.SERVER and not is_direct:
        return _("**{book}** is now used in the whole server.")
    return _("**{book}** is now used in this channel.")


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
