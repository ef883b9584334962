"""Which connection answers: `use`, `show`, `off`, `key`, `fallback`, `local`, `option`."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal, NamedTuple

import discord
from discord import app_commands

from bot.cogs._autocomplete import Rows, backends, characters, connections, suggestions
from bot.cogs._command import command
from bot.command_context import CommandContext, defer
from bot.i18n import N_, _
from bot.views.connection import answering, key_form
from bot.views.connection_page import connection_page
from bot.views.connection_presses import disconnected
from bot.views.connection_users import Reach, reach_of, to_change
from bot.views.panels import Panel
from bot.views.vertex import vertex_form
from core.backends.local_servers import LocalServer, find_local
from core.backends.types import Unsupported
from core.chat.place import Scope
from core.errors import InvalidOption, NotAllowed
from core.kind import Kind
from core.options.table import ADVERTS, PICTURES, Option
from core.policy.permissions import Action, demand
from core.services.saved_connections import REHEARSAL, Saved

VERTEX = "vertex"
TEXTGEN = "textgenwebui"
NOTHING = "-"
"""Typed as a name it takes the choice back."""
MANCER_LOG = "mancer-log"
ADS = "ads"
WARNINGS = {"logging": N_("⚠ The provider stores everything written here and may read it.")}
SWITCHES = {MANCER_LOG: "logging"}
"""Names of options that are switches of a row."""
CHOICES: Mapping[str, Option[Any]] = {ADS: ADVERTS, "pictures": PICTURES}
"""Those that hold in a channel, whichever connection answers there."""
VALUES = {MANCER_LOG: ("on", "off")} | {name: one.choices for name, one in CHOICES.items()}


@command(defers=False)
@app_commands.autocomplete(backend=backends, character=characters)
async def use(
    context: CommandContext,
    backend: str | None = None,
    url: app_commands.Range[str, 1, 200] | None = None,
    model: app_commands.Range[str, 1, 200] | None = None,
    kind: Literal["text", "chat"] | None = None,
    name: app_commands.Range[str, 1, 80] | None = None,
    character: app_commands.Range[str, 1, 100] | None = None,
    legacy: bool = False,
) -> None:
    """Choose the service or server that answers in this channel.

    Parameters
    ----------
    backend: str
        A service, a kind of server or a saved connection; empty: on a page
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
    legacy: bool
        text-generation-webui before November 2023, with its old API
    """
    wish = _Wish("", url or "", model or "", Kind(kind) if kind else None, (name or "").strip())
    if backend is None:
        if not (any(wish) or character or legacy):
            await _use_on_page(context)
            return
        await defer(context.interaction)
        backend = None if legacy else await _meant(context, wish)
        if backend is None:
            await context.say(_("Say with `backend:` which service or server you mean."))
            return
    elif backend.strip().lower() == VERTEX and not (character or kind):
        form = vertex_form(url or "", model or "", name or "")
        await form.open(context.interaction)
        return
    await defer(context.interaction)
    if backend.strip() == NOTHING:
        await context.say(await disconnected(context))
        return
    if legacy and context.engine.models.pool.catalog.get(backend).id == TEXTGEN:
        backend = f"{TEXTGEN}-legacy"
    wish = wish._replace(backend=backend)
    scope, character_id, named = Scope.CHANNEL, 0, ""
    if character:
        found = await context.services.characters.find(context.place, character)
        scope, character_id, named = Scope.CHARACTER, found.id, found.character.display_name
    saved = await _saved(context, wish, scope, character_id)
    if saved is None:
        return
    text, view = await answering(context, saved, character=named, character_id=character_id or None)
    await context.say(text, view=view)


class _Wish(NamedTuple):
    """What was typed."""

    backend: str
    url: str
    model: str
    kind: Kind | None
    name: str

    @property
    def is_model_alone(self) -> bool:
        return bool(self.model) and not (self.url or self.kind or self.name)


async def _meant(context: CommandContext, wish: _Wish) -> str | None:
    """What answers here, where the values are its own; None where nobody can know whose."""
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    in_use = await context.engine.models.connection(context.place)
    if in_use is None or in_use.backend == REHEARSAL or (wish.name and not wish.url):
        return None
    spec = context.engine.models.pool.spec(in_use)
    has_own_address = spec.local or spec.endpoint.verbatim_path or not spec.endpoint.url
    if wish.url and not has_own_address:
        return None  # a service has its own address: this one is another server's
    is_offered = not in_use.id
    is_backend = in_use.name in context.engine.models.pool.catalog.rows
    if is_offered and not wish.url and (wish.kind or (wish.model and is_backend)):
        return None  # what the bot's owner offers stays as it is
    usable = await context.services.connections.usable(context.place)
    return in_use.name if in_use.name in {one.name for one in usable} else in_use.backend


async def _saved(
    context: CommandContext, wish: _Wish, scope: Scope, character_id: int
) -> Saved | None:
    """Uses what was typed; None where it would have changed others' model and nobody agreed."""
    connections, actor, place = context.services.connections, context.actor, context.place
    usable = {one.name.casefold(): one for one in await connections.usable(place)}
    known = usable.get(wish.backend.strip().casefold())
    if known is not None and not any(wish[1:]):
        await connections.use(actor, place, known, scope, character_id)
        return Saved(known)
    is_backend = known is not None and known.name in context.engine.models.pool.catalog.rows
    is_offered = known is not None and not known.id and not is_backend
    if known is not None and is_offered and wish.is_model_alone and scope is Scope.CHANNEL:
        # The key of what the bot's owner offers is never copied.
        await connections.use(actor, place, known)
        return Saved(await connections.set_model(actor, place, known, wish.model))
    name = wish.name
    if known is not None and not name and not known.belongs_to:
        name = known.name if known.id and not is_backend else ""
    if name and (shared := usable.get(name.casefold())) is not None and shared.id:
        reach = await reach_of(context, shared)
        if reach is None:
            return None
        if reach is Reach.HERE:
            copy = await connections.copied(actor, place, shared)
            known, name = copy, ""
    return await connections.save(
        actor,
        place,
        backend=known.backend if known is not None else wish.backend,
        url=wish.url,
        model=wish.model,
        kind=wish.kind,
        name=name,
        scope=scope,
        character_id=character_id,
    )


async def _use_on_page(context: CommandContext) -> None:
    await defer(context.interaction)
    page = await connection_page(context)
    await context.interaction.edit_original_response(view=page.layout())


@command()
async def show(context: CommandContext) -> None:
    """Show this channel's model and its settings."""
    await _use_on_page(context)


@command()
@app_commands.autocomplete(character=characters)
async def off(
    context: CommandContext, character: app_commands.Range[str, 1, 100] | None = None
) -> None:
    """Stop using this channel's own model.

    Parameters
    ----------
    character: str
        Stop using this character's own model instead
    """
    connections = context.services.connections
    if character:
        found = await context.services.characters.find(context.place, character)
        await connections.off(context.actor, context.place, Scope.CHARACTER, found.id)
        name = found.character.display_name
        await context.say(_("**{name}** now uses the channel's model.", name=name))
        return
    await context.say(await disconnected(context))


@command(defers=False)
@app_commands.autocomplete(connection=connections)
async def key(context: CommandContext, connection: str | None = None) -> None:
    """Enter the key for a connection. It's stored encrypted and never shown.

    Parameters
    ----------
    connection: str
        Which connection; leave empty for this channel's
    """
    # The first answer has to be the form itself: no look into the database before it.
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    form = key_form(connection, in_server=context.place.guild_id is not None)
    await context.interaction.response.send_modal(form.modal())


@command()
@app_commands.autocomplete(to=connections, connection=connections)
async def fallback(context: CommandContext, to: str, connection: str | None = None) -> None:
    """Choose a fallback for when the usual connection isn't available.

    Parameters
    ----------
    to: str
        A saved connection; “-” = none
    connection: str
        Which connection gets the fallback; leave empty for this channel's
    """
    services = context.services.connections
    name = "" if to.strip() == NOTHING else to
    found = await to_change(context, await context.connection(connection))
    if found is None:
        return
    stored = await services.set_fallback(context.actor, context.place, found, name)
    text = N_("**{name}** no longer has a fallback.")
    if stored.fallback:
        text = N_("If **{name}** isn't available, **{to}** will answer instead.")
    await context.say(_(text, name=stored.name, to=stored.fallback))


@command()
async def local(context: CommandContext) -> None:
    """Look for model servers on the bot's own machine."""
    if not context.services.connections.may_look_around(context.actor):
        raise NotAllowed(what="address", needs="owner")
    found = await find_local(context.engine.models.pool.http)
    if not found:
        await context.say(
            _(
                "I couldn't find a model server on this machine. Start one (see `/connect help`) "
                "or enter its address with `/connect use`."
            )
        )
        return
    names = {spec.id: spec.name for spec in context.engine.models.pool.catalog}
    lines = [
        " · ".join(part for part in (names[one.backend], f"<{one.url}>", one.model) if part)
        for one in found
    ]
    await context.say("\n".join(lines), view=FoundServers(context, found, names))


class FoundServers(Panel):
    """A button for each server that was found."""

    def __init__(
        self, context: CommandContext, found: list[LocalServer], names: dict[str, str]
    ) -> None:
        super().__init__(context.actor.id)
        self._context = context
        for one in found[:10]:
            label = _("Use {name}", name=f"{names[one.backend]} {one.url.rpartition(':')[2]}")
            self.add_button(label, partial(self._use, one))

    async def _use(self, found: LocalServer, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        context = self._context
        saved = await context.services.connections.save(
            context.actor, context.place, backend=found.backend, url=found.url
        )
        text, view = await answering(context, saved)
        await interaction.edit_original_response(content=text, view=view)
        self.stop()


@suggestions
async def _values(context: CommandContext) -> Rows:
    known = VALUES.get(str(context.interaction.namespace.name), ())
    return [(value, value) for value in known]


@command()
@app_commands.autocomplete(value=_values)
async def option(
    context: CommandContext, name: Literal["mancer-log", "ads", "pictures"], value: str
) -> None:
    """Change settings that only some services or models have.

    Parameters
    ----------
    name: Literal
        mancer-log: logs for a discount; ads: in replies; pictures: send them or not
    value: str
        Pick one of the suggestions
    """
    value = value.strip().lower()
    if value not in VALUES[name]:
        raise InvalidOption(key=name, value=value, expected=VALUES[name])
    if name in CHOICES:
        await context.set(CHOICES[name], value)
        await context.say(_("`{name}` is now **{value}** in this channel.", name=name, value=value))
        return
    found = await context.connection()
    switch, on = SWITCHES[name], value == "on"
    spec = context.engine.models.pool.spec(found)
    if switch not in spec.request.switches:
        raise Unsupported(what=name, where=spec.name)
    changed = await to_change(context, found)
    if changed is None:
        return
    services = context.services.connections
    stored = await services.switch(context.actor, context.place, changed, switch, on=on)
    text = _(
        "`{name}` is now **{value}** for **{whose}**.", name=name, value=value, whose=stored.name
    )
    await context.say(f"{text}\n{_(WARNINGS[switch])}" if on else text)
