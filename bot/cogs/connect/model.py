"""Which model of the server answers."""

from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.complete import models
from bot.i18n import _
from bot.views.connection import connection_text
from core.errors import NotConfigured


@app_commands.command()
@app_commands.autocomplete(model=models)
async def use(interaction: Interaction, model: app_commands.Range[str, 1, 200]) -> None:
    """Choose a model of the server that answers here.

    Parameters
    ----------
    model: str
        Its name; any name may be typed
    """
    place = await here(interaction)
    found = await place.engine.connection(place.place)
    if found is None:
        raise NotConfigured("no model is connected", what="model", command="connect use")
    stored = await place.services.connections.set_model(place.actor, place.place, found, model)
    place.engine.servers.forget(stored)
    facts = await place.engine.facts(place.place)
    lines = [_("**{model}** answers here from now on.", model=model)]
    await place.say("\n".join(lines + connection_text(place.engine, stored, facts)))


@app_commands.command(name="list")
async def list_(interaction: Interaction) -> None:
    """Show the models of the server that answers here."""
    from bot.views.pages import pages

    place = await here(interaction)
    found = await place.engine.models(place.place)
    if not found:
        await place.say(_("The server lists no models."))
        return
    lines = [
        " · ".join(
            part
            for part in (
                f"`{model.id}`",
                _("{number} tokens", number=model.context_size) if model.context_size else "",
                model.price,
            )
            if part
        )
        for model in found
    ]
    await pages(place, _("Models"), lines)
