"""What the buttons, selects and forms of the model's page do."""

import discord

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.connection import (
    about_connection,
    answering,
    missing_parts,
    missing_row,
)
from bot.views.connection_page import (
    PAGE,
    PATIENCE,
    Leaf,
    connection_page,
    fix_buttons,
    models_select,
)
from bot.views.connection_test import checkup_text
from bot.views.connection_users import users_text
from bot.views.findings import finding_text
from bot.views.forms import Field
from bot.views.private_page import (
    Item,
    Page,
    PageForm,
    PagePress,
    button,
    channel_select,
    closing_note,
    keep,
    kept,
    on,
    render_of,
)
from bot.views.vertex import vertex_fields, vertex_saved
from core.backends.local_servers import find_local
from core.chat.place import Place
from core.doctor.finding import ConnectionTest, Fix
from core.errors import InvalidOption, NotFound
from core.models_in_use.models import use_proposal
from core.options.table import MODEL
from core.policy.permissions import Action, demand
from core.services.saved_connections import Saved

VERTEX = "vertex"
SAY = N_("Say hello in one short sentence.")


@on(PAGE, "server")
async def _server(press: PagePress) -> None:
    context = press.context
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    what, _colon, which = press.chosen.partition(":")
    if what == "backend" and which == VERTEX:
        await press.open(PageForm(PAGE, "vertex", "Google Vertex AI", vertex_fields()))
        return
    await press.wait()
    if what == "group":
        group, _colon, start = which.partition(":")
        leaf = Leaf(servers=group, server_start=int(start or 0))
        await press.show(await connection_page(context, leaf=leaf))
        return
    services = context.services.connections
    notice = ""
    if what == "backend":
        saved = await services.save(context.actor, context.place, backend=which)
        notice = first_line(saved.is_first)
    else:
        usable = await services.usable(context.place)
        found = next(
            (one for one in usable if which == (str(one.id) if what == "saved" else one.name)), None
        )
        if found is None:
            raise NotFound(what="connection", name=which)
        await services.use(context.actor, context.place, found)
    await show_tried(press, notice)


def first_line(is_first: bool) -> str:
    return _("It's this server's first model, so it answers in all channels.") if is_first else ""


@on(PAGE, "vertex")
async def _vertex(press: PagePress) -> None:
    await press.wait()
    saved = await vertex_saved(press.context, press.fields)
    await show_tried(press, first_line(saved.is_first))


@on(PAGE, "look")
async def _look_around(press: PagePress) -> None:
    context = press.context
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    if not context.services.connections.may_look_around(context.actor):
        raise NotFound(what="server")
    await press.wait()
    found = await find_local(context.engine.models.pool.http)
    notice = "" if found else _("I couldn't find a model server on this machine.")
    names = {spec.id: spec.name for spec in context.engine.models.pool.catalog}
    buttons: list[Item] = [
        button(
            PAGE,
            "fix",
            _("Use {name}", name=f"{names[one.backend]} {one.url.rpartition(':')[2]}"),
            keep(Fix(backend=one.backend, url=one.url)),
        )
        for one in found[:5]
    ]
    page = await connection_page(context, notice)
    await press.show(Page(page.text, [*page.rows, buttons]))


@on(PAGE, "models")
async def _model_chosen(press: PagePress) -> None:
    what, _colon, which = press.chosen.partition(":")
    if what == "type":
        await press.open(_model_form())
        return
    context = press.context
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    await press.wait()
    if what == "more":
        await press.show(await connection_page(context, leaf=Leaf(model_start=int(which))))
        return
    await choose_model(press, which)


@on(PAGE, "model")
async def _model(press: PagePress) -> None:
    """The list where there is one, else the form for a name."""
    context = press.context
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    if press.is_page:
        await press.open(_model_form())
        return
    await press.wait()
    active_model = await context.engine.models.active(context.place, patience=PATIENCE)
    found = await models_select(context, active_model, Leaf())
    rows: list[list[Item]] = [[found]] if found else [[button(PAGE, "type", _("Type a name…"))]]
    await press.show(Page(_("Which model shall answer?"), rows))


@on(PAGE, "type")
async def _type(press: PagePress) -> None:
    await press.open(_model_form())


def _model_form() -> PageForm:
    hint = _("As the server calls it")
    return PageForm(PAGE, "named", _("Model"), [Field("model", _("Name"), hint, longest=200)])


@on(PAGE, "named")
async def _named(press: PagePress) -> None:
    await press.wait()
    await choose_model(press, press.fields["model"].strip())


async def choose_model(press: PagePress, name: str) -> None:
    """Another model; where others use the connection, the person is asked for whom."""
    context = press.context
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    if not name:
        raise InvalidOption(key="model", value=name)
    connection = await context.connection()
    services = context.services.connections
    options = await context.services.options.resolve(context.place)
    others = await services.others(context.place, connection)
    if others and not options[MODEL] and connection.model:
        question = _("This also changes {users}.", users=users_text(others))
        token = keep(name)
        rows: list[list[Item]] = [
            [
                button(PAGE, "here", _("Only here"), token, discord.ButtonStyle.primary),
                button(PAGE, "all", _("Change all"), token),
            ]
        ]
        await press.show(Page(question, rows))
        return
    stored = await services.set_model(
        context.actor, context.place, connection, name, for_all=not options[MODEL]
    )
    context.engine.models.pool.forget(stored)
    await show_tried(press)


@on(PAGE, "here")
async def _only_here(press: PagePress) -> None:
    await _model_for(press, for_all=False)


@on(PAGE, "all")
async def _for_all(press: PagePress) -> None:
    await _model_for(press, for_all=True)


async def _model_for(press: PagePress, *, for_all: bool) -> None:
    context, name = press.context, kept(press.argument)
    await press.wait()
    if name is None:
        await press.show(await connection_page(context, closing_note()))
        return
    stored = await context.services.connections.set_model(
        context.actor, context.place, await context.connection(), name, for_all=for_all
    )
    context.engine.models.pool.forget(stored)
    await show_tried(press)


@on(PAGE, "test")
async def _test(press: PagePress) -> None:
    context = press.context
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    await press.show(await connection_page(context, _("Trying…")))
    await show_tried(press, must=True)


async def show_tried(press: PagePress, notice: str = "", *, must: bool = False) -> None:
    """The page with one verdict, after trying; not before all is there that is needed."""
    context = press.context
    await press.wait()
    connection = await context.connection()
    context.engine.models.pool.forget(connection)
    active_model = await context.engine.models.active(context.place, patience=PATIENCE)
    parts = missing_parts(context.engine, connection, active_model.facts)
    if parts and not must:
        if press.is_page:
            await press.show(await connection_page(context, notice))
            return
        lines = [notice, *await about_connection(context, connection, active_model)]
        rows = [missing_row(context.engine, connection, active_model.facts)]
        await press.show(Page("\n".join(line for line in lines if line), rows))
        return
    checkup = await context.engine.doctor.check_up(context.place, context.actor, _(SAY))
    fixes = [one.fix for one in checkup.findings if one.fix is not None]
    verdict = verdict_text(checkup) if press.is_page else checkup_text(checkup)
    text = "\n".join(line for line in (notice, verdict) if line)
    if press.is_page:
        await press.show(await connection_page(context, text, fixes=fixes))
    else:
        await press.show(Page(text, [fix_buttons(fixes)]))


def verdict_text(checkup: ConnectionTest) -> str:
    """One verdict with its time, the first words, and what was found."""
    lines = []
    if (trial := checkup.trial) is not None:
        figures = _(
            "✓ Answers: first word after {first} s, {rate} tokens a second",
            first=f"{trial.first_text:.1f}",
            rate=f"{trial.rate:.0f}",
        )
        lines += [figures, f"> {shortened(' '.join(trial.text.split()), 200)}"]
    lines += [f"{'⚠' if one.grave else '💡'} {finding_text(one)}" for one in checkup.findings]
    return "\n".join(lines)


@on(PAGE, "share")
async def _share(press: PagePress) -> None:
    demand(press.context.actor, Action.MANAGE_CONNECTIONS, press.context.place)
    field = Field("name", _("Name"), _("For example: Home server"), longest=80)
    await press.open(PageForm(PAGE, "shared", _("Share this model"), [field]))


@on(PAGE, "shared")
async def _shared(press: PagePress) -> None:
    context = press.context
    await press.wait()
    stored = await context.services.connections.rename(
        context.actor, context.place, await context.connection(), press.fields["name"].strip()
    )
    text = _("**{name}** can be used in other channels now.", name=stored.name)
    page = await connection_page(context, text)
    rows = page.rows
    if context.place.guild_id is not None:
        rows = [*rows, [channel_select(PAGE, "channels", _("Which channels use it?"))]]
    await press.show(Page(page.text, rows))


@on(PAGE, "channels")
async def _channels(press: PagePress) -> None:
    """Lets the shared connection answer in further channels."""
    context = press.context
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    await press.wait()
    connection = await context.connection()
    for id_ in press.values:
        there = Place(int(id_), context.place.guild_id)
        await context.services.connections.use(context.actor, there, connection)
    where = ", ".join(f"<#{id_}>" for id_ in press.values)
    text = _("**{name}** now also answers in {channels}.", name=connection.name, channels=where)
    await press.show(await connection_page(context, text))


@on(PAGE, "off")
async def _off(press: PagePress) -> None:
    context = press.context
    await press.wait()
    await press.show(await connection_page(context, await disconnected(context)))


async def disconnected(context: CommandContext) -> str:
    """Stops using the channel's own model, or the server's where no other channel has it."""
    connections = context.services.connections
    before = await context.engine.models.connection(context.place)
    had_one = await connections.off(context.actor, context.place)
    is_default = before is not None and await connections.is_default(context.place, before)
    if before is not None and is_default and not had_one:
        others = await connections.others(context.place, before)
        if others:
            return _(
                "**{name}** answers in this whole server, also in {users}. To use another model "
                "here, choose one with `/connect use`.",
                name=before.name,
                users=users_text(others),
            )
        await connections.end_default(context.actor, context.place)
        had_one = True
    in_use = await context.engine.models.connection(context.place)
    if in_use is None:
        return _("There's no model here now. Choose one with `/connect use`.")
    if had_one:
        return _("**{name}** now answers here.", name=in_use.name)
    text = _("This channel didn't have its own model, so **{name}** keeps answering.")
    return text.format(name=in_use.name)


@on(PAGE, "keep")
async def _keep(press: PagePress) -> None:
    """The server's first model becomes the channel's own."""
    context = press.context
    await press.wait()
    mine = await context.services.connections.keep_here(
        context.actor, context.place, await context.connection()
    )
    if press.is_page:
        await press.show(await connection_page(context))
        return
    text, view = await answering(context, Saved(mine))
    await press.interaction.edit_original_response(content=text, view=view)


@on(PAGE, "template")
async def _template(press: PagePress) -> None:
    """Takes the templates that fit the model."""
    context = press.context
    await press.wait()
    active_model = await context.engine.models.active(context.place, patience=PATIENCE)
    proposal = (await context.engine.models.advice(active_model)).proposal
    text = closing_note()
    if proposal is not None:
        await use_proposal(context.services.options, context.actor, context.place, proposal)
        text = _("This channel now uses **{name}**.", name=proposal.instruct)
    if press.is_page:
        await press.show(await connection_page(context, text))
    else:
        await press.show(Page(text))


@on(PAGE, "page")
async def _page(press: PagePress) -> None:
    render = render_of(press.chosen)
    await press.wait()
    if render is not None:
        await press.show(await render(press.context))
