"""The page of a channel's model: server, address, key, model, and a test of it all."""

from dataclasses import dataclass
from typing import Any, Literal

import discord

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _, ngettext
from bot.views.connection import (
    MODEL_PAGE,
    about_connection,
    address_form,
    answering,
    key_form,
    missing_parts,
    missing_row,
    store_key,
    vertex_fields,
    vertex_saved,
)
from bot.views.connection_test import checkup_text
from bot.views.connection_users import users_text
from bot.views.findings import finding_text, fix_label
from bot.views.forms import Field
from bot.views.model import group_name, model_facts
from bot.views.private_page import (
    OPTIONS,
    Item,
    Page,
    PageChoice,
    PageForm,
    PagePress,
    button,
    channel_select,
    closing_note,
    keep,
    kept,
    on,
    page_named,
    render_of,
    select,
)
from core.backends.local_servers import find_local
from core.backends.spec import Spec
from core.backends.types import Model
from core.chat.place import Place
from core.detect import shown_name
from core.doctor.finding import ConnectionTest, Finding, Fix, apply_fix
from core.errors import InvalidOption, NotFound, TavernError
from core.kind import Kind
from core.models_in_use.models import ActiveModel, use_proposal
from core.options.table import MODEL
from core.policy.permissions import Action, allowed, demand
from core.services.connections import Saved
from core.storage.connections import Connection

PAGE = MODEL_PAGE
VERTEX = "vertex"
PATIENCE = 2.0
LIST_PATIENCE = 1.5
SHOWN = OPTIONS - 2
"""Choices of one leaf of a long list, beside the ways to others."""
SAY = N_("Say hello in one short sentence.")
Group = Literal["", "home", "service", "house"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Which part of the two long lists is shown."""

    servers: str = ""
    server_start: int = 0
    model_start: int = 0


@page_named(PAGE)
async def model_page(context: CommandContext) -> Page:
    return await connection_page(context)


async def connection_page(
    context: CommandContext, notice: str = "", leaf: Leaf = Leaf(), fixes: list[Fix] | None = None
) -> Page:
    """The page as things are now. `notice`: what has just happened or was found."""
    connection = await context.engine.models.connection(context.place)
    may_change = allowed(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    heading = f"### {_('Model in {channel}', channel=_channel(context.place))}"
    lines = [heading, *([notice] if notice else [])]
    if connection is None:
        lines.append(_("No model answers here yet."))
        if not may_change:
            lines.append(f"-# {_('People who manage this server can connect one.')}")
            return Page("\n".join(lines))
        return Page("\n".join(lines), [[await _servers(context, None, leaf)], *_look(context)])
    active_model = await context.engine.models.active(context.place, patience=PATIENCE)
    if not may_change:
        lines += [
            f"**{active_model.spec.name}**",
            f"`{shown_name(active_model.model)}`" if active_model.model else "",
            f"-# {_('People who manage this server can change this.')}",
        ]
        return Page("\n".join(line for line in lines if line))
    lines += await about_connection(context, connection, active_model)
    lines.append(f"-# {await _reach_line(context, connection)}")
    rows: list[list[Item]] = [[pages_select(PAGE)], [await _servers(context, connection, leaf)]]
    if models := await _models(context, active_model, leaf):
        rows.append([models])
    rows.append(_steps(context, connection, active_model, is_listed=bool(models)))
    fixing = _fixes(fixes or [])
    proposal = (await context.engine.models.advice(active_model)).proposal
    if proposal is not None and not any(fix.proposal for fix in fixes or []):
        fixing.append(button(PAGE, "template", _("Use {name}", name=proposal.instruct)))
    rows.append(fixing)
    rows.append(
        [
            *([button(PAGE, "share", _("Share"))] if connection.id else []),
            button(PAGE, "off", _("Disconnect")),
        ]
    )
    return Page("\n".join(lines), rows)


def pages_select(current: str) -> discord.ui.Select[Any]:
    """The way to the other pages about the model."""
    choices = [
        PageChoice(_(label), name, is_chosen=name == current) for name, label in PAGES.items()
    ]
    return select(PAGE, "page", _("Choose a page"), choices)


PAGES = {
    PAGE: N_("Page: model and server"),
    "format": N_("Page: prompt format"),
    "sizes": N_("Page: context and counting"),
    "samplers": N_("Page: samplers"),
    "thinking": N_("Page: thinking"),
    "stops": N_("Page: stops and reply start"),
    "fallback": N_("Page: if it fails"),
}


def _steps(
    context: CommandContext, connection: Connection, active_model: ActiveModel, *, is_listed: bool
) -> list[Item]:
    """Test, address and key; the first that is missing is the blue one."""
    parts = missing_parts(context.engine, connection, active_model.facts)
    spec, primary = active_model.spec, discord.ButtonStyle.primary
    secondary = discord.ButtonStyle.secondary
    first = parts[0] if parts else "test"
    row: list[Item] = [
        button(PAGE, "test", _("Test"), style=primary if first == "test" else secondary)
    ]
    if connection.id and (spec.local or spec.endpoint.verbatim_path or "address" in parts):
        row.append(button(PAGE, "address", _("Address"), style=_style(first == "address")))
    if connection.id and spec.key.need != "none":
        row.append(button(PAGE, "key", _("Key"), style=_style(first == "key")))
    if not is_listed:
        row.append(button(PAGE, "model", _("Model"), style=_style(first == "model")))
    return row


def _style(is_next: bool) -> discord.ButtonStyle:
    return discord.ButtonStyle.primary if is_next else discord.ButtonStyle.secondary


def _fixes(fixes: list[Fix]) -> list[Item]:
    return [
        button(PAGE, "fix", fix_label(fix), keep(fix), discord.ButtonStyle.primary)
        for fix in fixes[:5]
    ]


def _channel(place: Place) -> str:
    return f"<#{place.id}>" if place.guild_id is not None else _("direct messages")


async def _reach_line(context: CommandContext, connection: Connection) -> str:
    """Who else has this model."""
    users = await context.services.connections.users(
        context.place, connection, besides=context.place
    )
    if not connection.id:
        return _("Offered by the bot's owner.")
    if users.by_default:
        text = _("Set for the whole server.")
    elif connection.belongs_to:
        text = _("Set for this channel.")
    else:
        text = _("Shared as {name}.", name=f"**{connection.name}**")
    if users:
        text += " " + _("{users} use it too.", users=users_text(users))
    everyone = await context.services.connections.users(context.place, connection)
    if following := len(set(everyone.threads) - set(users.threads) - {context.place.thread_id}):
        text += " " + ngettext("{number} thread follows.", "{number} threads follow.", following)
    return text


# Servers


async def _servers(
    context: CommandContext, connection: Connection | None, leaf: Leaf
) -> discord.ui.Select[Any]:
    """Saved connections, then the groups; of a chosen group its kinds of servers."""
    catalog = list(context.engine.models.pool.catalog)
    saved = await context.services.connections.usable(context.place)
    groups = {
        "home": [_server_choice(spec) for spec in catalog if spec.local],
        "service": [_server_choice(spec) for spec in catalog if not spec.local],
        "house": [_saved_choice(context, one) for one in saved if not one.id],
    }
    if leaf.servers in groups:
        choices = groups[leaf.servers]
        start = leaf.server_start
        shown = choices[start : start + SHOWN]
        if start + SHOWN < len(choices):
            shown.append(PageChoice(_("More…"), f"group:{leaf.servers}:{start + SHOWN}"))
        shown.append(PageChoice(_("Back"), "group::0"))
        return select(PAGE, "server", _("Choose a server or service"), shown)
    own = [
        _saved_choice(context, one, is_chosen=connection is not None and one.id == connection.id)
        for one in saved
        if one.id
    ]
    if connection is not None and not connection.id:
        own = [_saved_choice(context, connection, is_chosen=True), *own]
    ways = [
        PageChoice(_("At home…"), "group:home:0", _("KoboldCpp, llama.cpp, Ollama and others")),
        PageChoice(_("Services…"), "group:service:0", _("OpenAI, Claude, Gemini and others")),
    ]
    if groups["house"]:
        ways.append(PageChoice(_("House models…"), "group:house:0", _("Paid by this bot's owner")))
    return select(
        PAGE, "server", _("Choose a server or service"), [*own[: OPTIONS - len(ways)], *ways]
    )


def _server_choice(spec: Spec) -> PageChoice:
    return PageChoice(spec.name, f"backend:{spec.id}", group_name(spec))


def _saved_choice(
    context: CommandContext, one: Connection, *, is_chosen: bool = False
) -> PageChoice:
    spec = context.engine.models.pool.spec(one)
    label = spec.name if one.name == spec.id else f"{one.name} · {spec.name}"
    value = f"saved:{one.id}" if one.id else f"house:{one.name}"[:100]
    return PageChoice(label, value, one.model, is_chosen)


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


def _look(context: CommandContext) -> list[list[Item]]:
    if not context.services.connections.may_look_around(context.actor):
        return []
    return [[button(PAGE, "look", _("Look for servers"))]]


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


# Models


async def _models(
    context: CommandContext, active_model: ActiveModel, leaf: Leaf
) -> discord.ui.Select[Any] | None:
    """The server's own list, as far as it is known by now; a name can always be typed."""
    try:
        listed = await context.engine.models.listed_soon(context.place, LIST_PATIENCE)
    except TavernError:
        return None
    writing = [model for model in listed if model.writes and len(model.id) <= 100]
    if not writing:
        return None
    start = leaf.model_start
    shown = writing[start : start + SHOWN]
    choices = [_model_choice(model, active_model.model) for model in shown]
    typed = PageChoice(_("Type a name…"), "type:", _("Any name the server knows"))
    if start + SHOWN < len(writing):
        more = PageChoice(
            _("More…"),
            f"more:{start + SHOWN}",
            _("{number} in all", number=f"{len(writing):,}"),
        )
        choices.append(more)
    long = len(writing) > SHOWN
    return select(
        PAGE,
        "models",
        _("Choose a model"),
        [typed, *choices] if long else [*choices, typed],
    )


def _model_choice(model: Model, current: str) -> PageChoice:
    return PageChoice(shown_name(model.id), f"id:{model.id}"[:100], " · ".join(model_facts(model)),
                  model.id == current)  # fmt: skip


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
    found = await _models(context, active_model, Leaf())
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


# Address and key


@on(PAGE, "address")
async def _address(press: PagePress) -> None:
    """The form for the address; no look into the database before it."""
    demand(press.context.actor, Action.MANAGE_CONNECTIONS, press.context.place)
    await press.open(address_form())


@on(PAGE, "addressed")
async def _addressed(press: PagePress) -> None:
    """Tried before it is stored."""
    context, typed = press.context, press.fields["url"].strip()
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    await press.wait()
    kind = press.fields.get("kind", "")
    wish = _Address(typed, Kind(kind) if kind in tuple(Kind) else None)
    connection = await context.connection()
    draft = await context.services.connections.drafted(
        context.actor, context.place, backend=connection.backend, url=typed, kind=wish.kind
    )
    findings = await context.engine.doctor.try_draft(context.place, context.actor, draft.connection)
    wrong = [one for one in findings if one.grave and not _is_about_key(one)]
    if not wrong:
        await _store_address(press, wish)
        return
    text = "\n".join(f"⚠ {finding_text(one)}" for one in wrong)
    row: list[Item] = [*_fixes([one.fix for one in wrong if one.fix is not None])]
    row.append(button(PAGE, "again", _("Open the form again"), keep(typed)))
    row.append(button(PAGE, "anyway", _("Save anyway"), keep(wish)))
    page = await connection_page(context)
    await press.show(Page(f"{text}\n{page.text}", [row, *page.rows] if press.is_page else [row]))


@dataclass(frozen=True, slots=True)
class _Address:
    url: str
    kind: Kind | None


def _is_about_key(finding: Finding) -> bool:
    """A key is entered later; the address is right where one is asked for."""
    return finding.fix is not None and (finding.fix.new_key or bool(finding.fix.model))


@on(PAGE, "again")
async def _again(press: PagePress) -> None:
    await press.open(address_form(kept(press.argument) or ""))


@on(PAGE, "anyway")
async def _anyway(press: PagePress) -> None:
    wish = kept(press.argument)
    await press.wait()
    if wish is None:
        await press.show(await connection_page(press.context, closing_note()))
        return
    await _store_address(press, wish)


async def _store_address(press: PagePress, wish: _Address) -> None:
    context = press.context
    connection = await context.connection()
    saved = await context.services.connections.save(
        context.actor, context.place, backend=connection.backend, url=wish.url, kind=wish.kind
    )
    context.engine.models.pool.forget(saved.connection)
    notice = ""
    if saved.dropped:
        notice = _("The address changed, so the old key was removed. Enter it again.")
    await show_tried(press, notice)


@on(PAGE, "key")
async def _key(press: PagePress) -> None:
    """The form for the key; no look into the database before it."""
    demand(press.context.actor, Action.MANAGE_CONNECTIONS, press.context.place)
    form = key_form(None, in_server=press.context.place.guild_id is not None)
    await press.open(form)


@on(PAGE, "keyed")
async def _keyed(press: PagePress) -> None:
    await press.wait()
    text = await store_key(press.context, press.argument or None, press.fields)
    if press.interaction.message is None:
        stored = await press.context.connection(press.argument or None)
        in_use = await press.context.engine.models.connection(press.context.place)
        rows: list[list[Item]] = []
        if in_use is not None and in_use.name == stored.name:
            active_model = await press.context.engine.models.active(press.context.place)
            rows = [missing_row(press.context.engine, stored, active_model.facts)]
        await press.interaction.edit_original_response(
            content=text, view=Page("", rows).below() if any(rows) else None
        )
        return
    await show_tried(press, text)


# Trying, sharing, ending


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
        await press.show(Page(text, [_fixes(fixes)]))


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


@on(PAGE, "fix")
async def _fix(press: PagePress) -> None:
    context, fix = press.context, kept(press.argument)
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    if isinstance(fix, Fix) and (fix.new_key or fix.new_address):
        await (_key(press) if fix.new_key else press.open(address_form()))
        return
    await press.wait()
    if not isinstance(fix, Fix):
        await press.show(await connection_page(context, closing_note()))
        return
    if await context.engine.models.connection(context.place) is None:
        await context.services.connections.save(
            context.actor, context.place, backend=fix.backend, url=fix.url
        )
        await show_tried(press)
        return
    active_model = await context.engine.models.active(context.place, patience=PATIENCE)
    worse = await context.engine.doctor.try_fix(context.place, context.actor, active_model, fix)
    if worse:
        kept_text = _("Nothing was changed, since that address doesn't work either.")
        text = "\n".join([kept_text, *(f"⚠ {finding_text(one)}" for one in worse)])
        await press.show(await connection_page(context, text))
        return
    await apply_fix(context.services, context.actor, active_model, fix)
    await show_tried(press)


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
