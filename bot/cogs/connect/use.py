from typing import Literal

from discord import app_commands

from bot.cogs._autocomplete import backends, characters
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.views.connection import answering
from bot.views.vertex import vertex_form
from core.chat.place import Scope
from core.kind import Kind

VERTEX = "vertex"


@command(defers=False)
@app_commands.autocomplete(backend=backends, character=characters)
async def use(
    context: CommandContext,
    backend: str,
    url: app_commands.Range[str, 1, 200] | None = None,
    model: app_commands.Range[str, 1, 200] | None = None,
    kind: Literal["text", "chat"] | None = None,
    name: app_commands.Range[str, 1, 80] | None = None,
    character: app_commands.Range[str, 1, 100] | None = None,
) -> None:
    """Choose the service or server that answers in this channel.

    Parameters
    ----------
    backend: str
        A service, a kind of server or a saved connection
    url: str
        Its address, if it's not the usual one
    model: str
        Which model, if the server has more than one
    kind: Literal
        Text or chat completion, if the server has both
    name: str
        A name to save the connection under
    character: str
        Only for this character, wherever they speak
    """
    if backend.strip().lower() == VERTEX and not (character or kind):
        form = vertex_form(url or "", model or "", name or "")
        await form.open(context.interaction)
        return
    await context.defer()
    connections = context.services.connections
    known = await connections.named(context.place, backend)
    scope, character_id, named = Scope.CHANNEL, 0, ""
    if character:
        found = await context.services.characters.find(context.place, character)
        scope, character_id, named = Scope.CHARACTER, found.id, found.character.display_name
    if known is not None and not (url or model or kind or name):
        await connections.use(context.actor, context.place, known, scope, character_id)
        stored, dropped = known, False
    else:
        stored, dropped = await connections.save(
            context.actor,
            context.place,
            backend=known.backend if known is not None else backend,
            url=url or "",
            model=model or "",
            kind=Kind(kind) if kind else None,
            name=name or (known.name if known is not None else ""),
            scope=scope,
            character_id=character_id,
        )
    text, view = await answering(
        context, stored, dropped=dropped, character=named, character_id=character_id or None
    )
    await context.say(text, view=view)
