"""What is known about a connection, line by line."""

from collections.abc import Sequence

import discord

from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.forms import Field, Form
from bot.views.model import TemplateButton, advice_lines
from bot.views.tokens import tokenizer_lines
from bot.wording.errors import explain
from core.engine import Engine
from core.errors import InvalidOption, NotConfigured
from core.kind import Kind
from core.models_in_use.active_model import ActiveModel
from core.models_in_use.backend_pool import ModelFacts
from core.secret import Secret
from core.storage.connections import Connection

LONGEST = 2000
PATIENCE = 2.0
"""Seconds a server gets to tell of itself before the command is answered without that."""


def connection_text(engine: Engine, connection: Connection, facts: ModelFacts) -> list[str]:
    """Backend, address, model, context and key."""
    spec = engine.backend_pool.spec(connection)
    kind = facts.kind
    shape = _("text completion") if kind is Kind.TEXT else _("chat completion")
    lines = [_("Backend: {name} ({shape})", name=spec.name, shape=shape)]
    if connection.url:
        lines.append(_("Address: <{url}>", url=connection.url))
    if facts.model:
        lines.append(_("Model: `{model}`", model=facts.model))
    if facts.context_size:
        lines.append(_("Context: {number} tokens", number=f"{facts.context_size:,}"))
    if tier := facts.probe.tier:
        lines.append(_("Subscription: {name}", name=tier))
    if connection.fallback:
        lines.append(_("When it is down: {name}", name=connection.fallback))
    if connection.key:
        lines.append(_("Key: …{ending}", ending=connection.key.ending or "•"))
    if spec.id == "rehearsal":
        lines.append(
            _(
                "This is a rehearsal: an offline stand-in without any AI model, to try everything "
                "out. `/connect use` connects a real model."
            )
        )
    return lines


def needs_text(engine: Engine, connection: Connection, facts: ModelFacts) -> list[str]:
    """What is still missing, or what went wrong when the server was asked."""
    spec = engine.backend_pool.spec(connection)
    needs = []
    if not connection.url and not spec.endpoint.url and spec.id != "rehearsal":
        needs.append(_("⚠ Its address is missing: `/connect use` with `url:` sets it."))
    if spec.key.need == "required" and not connection.key:
        hint = f" (<{spec.key.url}>)" if spec.key.url else ""
        needs.append(_("⚠ Its key is missing{hint}: `/connect key` takes it.", hint=hint))
    elif facts.fault is not None and not needs:
        needs.append(f"⚠ {explain(facts.fault)}")
    if spec.models.required and not facts.model and not needs:
        needs.append(_("⚠ No model is chosen yet: `/connect model use` chooses one."))
    return needs


async def telling(
    context: CommandContext,
    connection: Connection,
    active_model: ActiveModel,
    lines: Sequence[str],
) -> tuple[str, discord.ui.View | None]:
    """The connection's lines, advice on the model, what is missing; and a button to help."""
    engine = context.engine
    told = [*lines, *connection_text(engine, connection, active_model.facts)]
    advice = await engine.advice(active_model)
    told += advice_lines(advice, active_model.facts.context_size)
    told += tokenizer_lines(engine.backend_pool, active_model)
    if active_model.spec.deprecated:
        told += [f"-# {note}" for note in active_model.spec.notes]
    told += needs_text(engine, connection, active_model.facts)
    view = TemplateButton(context, advice.proposal) if advice.proposal is not None else None
    return "\n".join(told)[:LONGEST], view


async def answering(
    context: CommandContext,
    stored: Connection,
    *,
    dropped: bool,
    character: str = "",
    character_id: int | None = None,
) -> tuple[str, discord.ui.View | None]:
    """What is said when a connection has been put to use, for all or for one character."""
    context.engine.backend_pool.forget(stored)
    active_model = await context.engine.active_model(context.place, character_id, patience=PATIENCE)
    lines = [
        _heading(stored, character, bool(needs_text(context.engine, stored, active_model.facts)))
    ]
    if dropped:
        lines.append(_("The address changed, so its key was dropped. `/connect key` sets it anew."))
    if character and active_model.connection.name != stored.name:
        lines.append(
            _("⚠ This channel has a model of its own, which wins here. `/connect off` ends that.")
        )
    return await telling(context, stored, active_model, lines)


def _heading(stored: Connection, character: str, is_lacking: bool) -> str:
    """Whether it answers from now on, or would if it could."""
    if character and is_lacking:
        text = _("**{name}** is chosen for {character}, but cannot answer yet.")
    elif character:
        text = _("**{name}** answers for {character} now.")
    elif is_lacking:
        text = _("**{name}** is chosen here, but cannot answer yet.")
    else:
        text = _("**{name}** answers here from now on.")
    return text.format(name=stored.name, character=character)


def key_form(connection: str | None) -> Form:
    """The form that takes the key of a connection; of the one in use where None."""

    async def store(context: CommandContext, values: dict[str, str]) -> None:
        await _store(context, connection, values["key"])

    field = Field("key", _("Key"), _("Paste it here; it goes to that server only"), longest=4000)
    title = _("Key of {name}", name=connection) if connection else _("Key of this channel's model")
    return Form(title, [field], store, is_secret=True)


async def _store(context: CommandContext, name: str | None, typed: str) -> None:
    services, place = context.services.connections, context.place
    found = await services.find(place, name) if name else await context.engine.connection(place)
    if found is None:
        raise NotConfigured("no connection to give a key to", what="model", command="connect use")
    typed = typed.strip()
    secret = Secret(typed[7:].strip() if typed.lower().startswith("bearer ") else typed)
    if not secret:
        raise InvalidOption("the key is empty", key="key", value="", expected="text")
    stored = await services.set_key(context.actor, place, found, secret)
    context.engine.backend_pool.forget(stored)
    ending = f" (…{secret.ending})" if secret.ending else ""
    lines = [_("The key for **{name}** is stored{ending}.", name=stored.name, ending=ending)]
    if not services.keys_persist:
        lines.append(_("It is kept in memory only and has to be entered again after a restart."))
    in_use = await context.engine.connection(place)
    if in_use is not None and in_use.name == stored.name:
        active_model = await context.engine.active_model(place)
        lines += needs_text(context.engine, stored, active_model.facts)
    await context.say("\n".join(lines))
