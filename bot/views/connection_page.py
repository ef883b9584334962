"""The page of a channel's model: server, address, key, model, and a test of it all."""

from dataclasses import dataclass
from typing import Any, Literal

import discord

from bot.command_context import CommandContext
from bot.i18n import N_, _, ngettext
from bot.views.connection import (
    MODEL_PAGE,
    about_connection,
    missing_parts,
)
from bot.views.connection_users import users_text
from bot.views.findings import fix_label
from bot.views.model import group_name, model_facts
from bot.views.private_page import (
    OPTIONS,
    Item,
    Page,
    PageChoice,
    button,
    keep,
    page_named,
    select,
)
from core.backends.spec import Spec
from core.backends.types import Model
from core.chat.place import Place
from core.detect import shown_name
from core.doctor.finding import Fix
from core.errors import TavernError
from core.models_in_use.models import ActiveModel
from core.policy.permissions import Action, allowed
from core.storage.connections import Connection

PAGE = MODEL_PAGE
PATIENCE = 2.0
LIST_PATIENCE = 1.5
SHOWN = OPTIONS - 2
"""Choices of one leaf of a long list, beside the ways to others."""
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
    if models := await models_select(context, active_model, leaf):
        rows.append([models])
    rows.append(_steps(context, connection, active_model, is_listed=bool(models)))
    fixing = fix_buttons(fixes or [])
    proposal = (await context.engine.models.advice(active_model)).proposal
    if proposal is not None and not any(fix.proposal for fix in fixes or []):
        fixing.append(button(PAGE, "template", _("Use {name}", name=proposal.instruct)))
    rows.append(fixing)
    is_default = await context.services.connections.is_default(context.place, connection)
    rows.append(
        [
            *([button(PAGE, "share", _("Share"))] if connection.id else []),
            *([button(PAGE, "keep", _("Only here"))] if is_default and connection.id else []),
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


def fix_buttons(fixes: list[Fix]) -> list[Item]:
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
        text += " " + _("Also used in {users}.", users=users_text(users))
    everyone = await context.services.connections.users(context.place, connection)
    if following := len(set(everyone.threads) - set(users.threads) - {context.place.thread_id}):
        text += " " + ngettext("{number} thread follows.", "{number} threads follow.", following)
    return text


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


def _look(context: CommandContext) -> list[list[Item]]:
    if not context.services.connections.may_look_around(context.actor):
        return []
    return [[button(PAGE, "look", _("Look for servers"))]]


async def models_select(
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
