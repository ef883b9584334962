"""`/connect use`"""

from typing import Literal

from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.complete import backends
from bot.i18n import _
from bot.views.connection import connection_text, needs_text, telling
from core.backends.kind import Kind


@app_commands.command()
@app_commands.autocomplete(backend=backends)
async def use(
    interaction: Interaction,
    backend: str,
    url: app_commands.Range[str, 1, 200] | None = None,
    model: app_commands.Range[str, 1, 200] | None = None,
    kind: Literal["text", "chat"] | None = None,
    name: app_commands.Range[str, 1, 80] | None = None,
) -> None:
    """Choose the model server that answers in this channel.

    Parameters
    ----------
    backend: str
        Which kind of server, or the name of a saved connection
    url: str
        Its address, where it is not the usual one
    model: str
        Which model, where the server has several
    kind: Literal
        Text or chat completion, where the server has both
    name: str
        A name to save the connection under
    """
    place = await here(interaction)
    connections = place.services.connections
    known = await connections.named(place.place, backend)
    if known is not None and not (url or model or kind or name):
        await connections.use(place.actor, place.place, known)
        stored, dropped = known, False
    else:
        stored, dropped = await connections.save(
            place.actor,
            place.place,
            backend=known.backend if known is not None else backend,
            url=url or "",
            model=model or "",
            kind=Kind(kind) if kind else None,
            name=name or (known.name if known is not None else ""),
        )
    place.engine.servers.forget(stored)
    facts = await place.engine.facts(place.place)
    lines = [_("**{name}** answers here from now on.", name=stored.name)]
    if dropped:
        lines.append(_("The address changed, so its key was dropped. `/connect key` sets it anew."))
    lines += connection_text(place.engine, stored, facts)
    await telling(place, lines, needs_text(place.engine, stored, facts))
