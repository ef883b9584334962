"""Which model of the server answers."""

from discord import app_commands

from bot.cogs._autocomplete import models
from bot.cogs._context import Here, Interaction, here
from bot.i18n import _
from bot.views.connection import connection_text, telling
from core.backends.base import Model
from core.errors import NotConfigured
from core.models_in_use.active_model import ActiveModel
from core.policy.permissions import Action, demand


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
    place.engine.backend_pool.forget(stored)
    active_model = await place.engine.active_model(place.place)
    said = _("**{model}** answers here from now on.", model=model)
    text, view = await telling(place, stored, active_model, [said])
    await place.say(text, **({"view": view} if view else {}))


@app_commands.command(name="list")
async def list_(interaction: Interaction) -> None:
    """Show the models of the server that answers here."""
    from bot.views.pages import pages

    place = await here(interaction)
    found = await place.engine.models(place.place)
    if not found:
        await place.say(_("The server lists no models."))
        return
    lines = [_line(model) for model in found if model.writes]
    pictures = [_line(model) for model in found if not model.writes]
    if pictures:
        lines += ["", "**" + _("For pictures only") + "**", *pictures]
    await pages(place, _("Models"), lines)


@app_commands.command()
@app_commands.autocomplete(name=models)
async def load(interaction: Interaction, name: app_commands.Range[str, 1, 200]) -> None:
    """Have the server load a model (TabbyAPI, text-generation-webui).

    Parameters
    ----------
    name: str
        Its name on the server
    """
    place = await here(interaction)
    active_model = await _loading(place)
    told = ""
    servers = place.engine.backend_pool
    async for wait in servers.load(active_model.connection, active_model.kind, name):
        if wait.detail != told:
            told = wait.detail
            said = _("Loading **{model}**… {share}", model=name, share=told)
            await interaction.edit_original_response(content=said)
    stored = await place.services.connections.set_model(
        place.actor, place.place, active_model.connection, name
    )
    place.engine.backend_pool.forget(stored)
    now = await place.engine.active_model(place.place)
    said = _("**{model}** is loaded.", model=name)
    lines = [said, *connection_text(place.engine, stored, now.facts)]
    await interaction.edit_original_response(content="\n".join(lines))


@app_commands.command()
async def unload(interaction: Interaction) -> None:
    """Have the server unload its model (TabbyAPI, text-generation-webui)."""
    place = await here(interaction)
    active_model = await _loading(place)
    await place.engine.backend_pool.unload(active_model.connection, active_model.kind)
    stored = await place.services.connections.set_model(
        place.actor, place.place, active_model.connection, ""
    )
    place.engine.backend_pool.forget(stored)
    await place.say(_("The model is unloaded."))


def _line(model: Model) -> str:
    context = _("{number} tokens", number=f"{model.context_size:,}") if model.context_size else ""
    return " · ".join(part for part in (f"`{model.id}`", context, model.price) if part)


async def _loading(place: Here) -> ActiveModel:
    """What answers here, for somebody who may change its model."""
    demand(place.actor, Action.MANAGE_CONNECTIONS, place.place)
    return await place.engine.active_model(place.place)
