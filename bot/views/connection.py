"""What is known about a connection, line by line, and the forms that take its key."""

import asyncio
import json
from collections.abc import Mapping, Sequence

import discord

from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.connection_users import users_text
from bot.views.findings import finding_text
from bot.views.forms import Field
from bot.views.model import advice_lines, smaller_text, tier_warning
from bot.views.private_page import Item, Page, PageChoice, PageForm, RadioField, button
from bot.views.tokens import tokenizer_lines
from bot.wording.errors import explain
from core.detect import shown_name
from core.doctor.finding import try_out
from core.engine import Engine
from core.errors import InvalidOption, TimedOut, UnknownModel
from core.kind import Kind
from core.models_in_use.backend_pool import ModelFacts
from core.models_in_use.models import ActiveModel
from core.reasons import Reason
from core.secret import Secret
from core.services.saved_connections import Saved
from core.storage.connections import Connection

LONGEST = 2000
PATIENCE = 2.0
"""Seconds a server gets to tell of itself before the command is answered without that."""
HEADINGS = {
    (True, True): N_("**{name}** is set for {character}, but can't answer yet."),
    (True, False): N_("**{name}** now answers for {character}."),
    (False, True): N_("**{name}** is set for this channel, but can't answer yet."),
    (False, False): N_("**{name}** will answer here from now on."),
}
"""By whether it is for one character, and whether something is missing."""
SWITCHED_ON = {
    "logging": N_("mancer-log: on. ⚠ The provider stores everything written here."),
}
"""Switches of a connection that are worth a line."""
MODEL_PAGE = "model"
TRIAL_PATIENCE = 5.0
"""Seconds a server gets to answer a first word; a model that has to be loaded takes longer."""


def connection_text(
    engine: Engine, connection: Connection, facts: ModelFacts, used: int | None = None
) -> list[str]:
    """Backend, address, model, context and key. `used`: how much of the context is used here."""
    spec = engine.models.pool.spec(connection)
    shape = _("text completion") if facts.kind is Kind.TEXT else _("chat completion")
    used = used or facts.context_size
    rehearsal = _(
        "This is the rehearsal model: no AI, just something to try the bot with. Connect a real "
        "model with `/connect use`."
    )
    size, tier, fallback, key = (
        facts.context_size, facts.probe.tier, connection.fallback, connection.key
    )  # fmt: skip
    lines = [
        _("Service: {name} ({shape})", name=spec.name, shape=shape),
        _("Address: <{url}>", url=connection.url) if connection.url else "",
        _("Model: `{model}`", model=shown_name(facts.model)) if facts.model else "",
        _("Context: {number} tokens", number=f"{size:,}") if size and size == used else "",
        _("Context: {used} of {number} tokens", used=f"{used:,}", number=f"{size:,}")
        if size and used and size != used
        else "",
        _("Subscription: {name}", name=tier) if tier else "",
        _("Fallback: {name}", name=fallback) if fallback else "",
        _("Key: …{ending}", ending=_ending(key)) if key else "",
        *(_(SWITCHED_ON[one]) for one in sorted(connection.switches) if one in SWITCHED_ON),
        rehearsal if spec.id == "rehearsal" else "",
    ]
    return [line for line in lines if line]


def _ending(key: Secret) -> str:
    """The last signs of a key; a service account is told by the number of its own key."""
    revealed = key.reveal().strip()
    if not revealed.startswith("{"):
        return key.ending or "•"
    try:
        number = str(json.loads(revealed).get("private_key_id") or "")
    except (ValueError, AttributeError, RecursionError):
        number = ""
    return number[-4:] if len(number) >= 8 else "•"


def missing_parts(engine: Engine, connection: Connection, facts: ModelFacts) -> list[str]:
    """What is still needed before anything can answer, in the order in which it is given."""
    spec = engine.models.pool.spec(connection)
    is_told = bool(connection.url or spec.endpoint.url or spec.id == "rehearsal")
    parts = [] if is_told else ["address"]
    if spec.key.need == "required" and not connection.key:
        parts.append("key")
    if spec.models.required and not facts.model and spec.id != "rehearsal":
        parts.append("model")
    return parts


def needs_text(engine: Engine, connection: Connection, facts: ModelFacts) -> list[str]:
    """All that is still missing, or what went wrong when the server was asked."""
    spec = engine.models.pool.spec(connection)
    parts = missing_parts(engine, connection, facts)
    if isinstance(facts.fault, UnknownModel) and not facts.model:
        return [_("⚠ {name} has no model loaded.", name=spec.name)]
    if facts.fault is not None and not {"address", "key"} & set(parts):
        return [f"⚠ {explain(facts.fault)}"]
    hint = f" (<{spec.key.url}>)" if spec.key.url else ""
    said = {
        "address": _("⚠ The address is missing."),
        "key": _("⚠ The key is missing{hint}.", hint=hint),
        "model": _("⚠ No model chosen yet."),
    }
    return [said[part] for part in parts]


def missing_row(engine: Engine, connection: Connection, facts: ModelFacts) -> list[Item]:
    """What is still needed as buttons, the first one blue."""
    labels = {
        "address": _("Enter the address"),
        "key": _("Enter the key"),
        "model": _("Choose a model"),
    }
    styles = discord.ButtonStyle
    return [
        button(MODEL_PAGE, part, labels[part], style=styles.secondary if number else styles.primary)
        for number, part in enumerate(missing_parts(engine, connection, facts))
    ]


async def about_connection(
    context: CommandContext, connection: Connection, active_model: ActiveModel
) -> list[str]:
    """The connection's lines, advice on the model, and what is missing."""
    engine = context.engine
    told = connection_text(engine, connection, active_model.facts, active_model.context_size)
    if reason := smaller_text(active_model):
        told.append(f"-# {reason}")
    if tier := tier_warning(active_model):
        told.append(f"⚠ {tier}")
    advice = await engine.models.advice(active_model)
    told += advice_lines(advice, active_model)
    told += tokenizer_lines(engine.models.pool, active_model)
    if active_model.spec.deprecated:
        told += [f"-# {note}" for note in active_model.spec.notes]
    return told + needs_text(engine, connection, active_model.facts)


async def telling(
    context: CommandContext,
    connection: Connection,
    active_model: ActiveModel,
    lines: Sequence[str],
    *,
    is_first: bool = False,
) -> tuple[str, discord.ui.View | None]:
    """The lines with all about the connection; and the buttons that help further."""
    told = [*lines, *await about_connection(context, connection, active_model)]
    row = missing_row(context.engine, connection, active_model.facts)
    proposal = (await context.engine.models.advice(active_model)).proposal
    if proposal is not None:
        label = _("Use {name}", name=proposal.instruct)
        primary = discord.ButtonStyle.primary
        row.append(button(MODEL_PAGE, "template", label, style=primary))
    if is_first:
        row.append(button(MODEL_PAGE, "keep", _("Only here")))
    view = Page("", [row]).below() if row else None
    return "\n".join(told)[:LONGEST], view


async def answering(
    context: CommandContext,
    saved: Saved,
    *,
    character: str = "",
    character_id: int | None = None,
) -> tuple[str, discord.ui.View | None]:
    """What is said when a connection has been put to use, for all or for one character."""
    stored = saved.connection
    context.engine.models.pool.forget(stored)
    models = context.engine.models
    active_model = await models.active(context.place, character_id, patience=PATIENCE)
    is_shadowed = active_model.connection.name != stored.name
    if is_shadowed:
        # The character's own connection is told and tried, whatever the channel uses.
        active_model = await models.on(
            context.place, stored, active_model.options, wishes=False, patience=PATIENCE
        )
    fault = active_model.facts.fault
    is_lacking = bool(needs_text(context.engine, stored, active_model.facts))
    if missing_parts(context.engine, stored, active_model.facts) == ["model"] and fault is None:
        is_lacking = not await _answers_unnamed(context, active_model)
    if isinstance(fault, TimedOut) and fault.facts.get("seconds") == PATIENCE:
        # It may only be slow: nothing is said of what it cannot do.
        heading = N_("**{name}** is set. It takes its time to tell about itself.")
        is_slow = True
    else:
        heading, is_slow = HEADINGS[bool(character), is_lacking], False
    lines = [_(heading, name=stored.name, character=character)]
    if saved.is_first:
        lines.append(_("It's this server's first model, so it answers in all channels."))
    if saved.dropped:
        lines.append(
            _(
                "The address changed, so the old key was removed. Enter it again with "
                "`/connect key`."
            )
        )
    if character and is_shadowed:
        lines.append(
            _(
                "⚠ This channel has its own model, and that one is used here. Turn it off with "
                "`/connect off`."
            )
        )
    other = await context.engine.doctor.other_server_for(active_model, context.actor)
    if other is not None:
        lines.append(f"⚠ {finding_text(other)}")
    if is_slow:
        return "\n".join(lines), None
    if is_lacking or not missing_parts(context.engine, stored, active_model.facts):
        return await telling(context, stored, active_model, lines, is_first=saved.is_first)
    told = connection_text(context.engine, stored, active_model.facts)
    told.append("-# " + _("No model is named, so the server chooses."))
    row = [button(MODEL_PAGE, "model", _("Choose a model"))]
    if saved.is_first:
        row.append(button(MODEL_PAGE, "keep", _("Only here")))
    return "\n".join([*lines, *told])[:LONGEST], Page("", [row]).below()


async def _answers_unnamed(context: CommandContext, active_model: ActiveModel) -> bool:
    """Whether a server answers although no model is named; services would only bill for it."""
    spec = active_model.spec
    if not (spec.local or spec.endpoint.verbatim_path):
        return False
    try:
        async with asyncio.timeout(TRIAL_PATIENCE):
            trial = await try_out(context.engine.models.pool, active_model, "Hi")
    except TimeoutError:
        return False
    return trial.error is None and bool(trial.text)


def address_form(typed: str = "") -> PageForm:
    fields: list[Field | RadioField] = [
        Field("url", _("Address"), "http://127.0.0.1:5001", longest=200).filled(typed),
        RadioField(
            "kind",
            _("Kind"),
            [
                PageChoice(_("Find out"), "find", is_chosen=True),
                PageChoice(_("Text completion"), Kind.TEXT.value),
                PageChoice(_("Chat completion"), Kind.CHAT.value),
            ],
        ),
    ]
    return PageForm(MODEL_PAGE, "addressed", _("Address"), fields)


def key_form(connection: str | None, *, in_server: bool) -> PageForm:
    """The form that takes the key of a connection; of the one in use where None."""
    field = Field("key", _("Key"), _("Paste it here. It's only sent to that server"), longest=4000)
    title = (
        _("Key for {name}", name=connection) if connection else _("Key for this channel's model")
    )
    text = _(
        "This is the place for it: the key is stored encrypted, shown to nobody, and sent to that "
        "service alone. Whoever runs this bot could still read it."
    )
    fields: list[Field | RadioField] = [field]
    if in_server:
        choices = [
            PageChoice(_("Only this channel"), "channel"),
            PageChoice(_("The whole server"), "server"),
        ]
        fields.append(RadioField("who", _("Who may use it"), choices))
    else:
        text += " " + _("It works in this direct message only.")
    return PageForm(MODEL_PAGE, "keyed", title, fields, (connection or "")[:60], text)


async def store_key(context: CommandContext, name: str | None, values: Mapping[str, str]) -> str:
    """Keeps a key that was typed; says for which connection, by its last characters."""
    services, place = context.services.connections, context.place
    found = await context.connection(name)
    typed = values["key"].strip()
    secret = Secret(typed[7:].strip() if typed.lower().startswith("bearer ") else typed)
    if not secret:
        raise InvalidOption(Reason.KEY_EMPTY, key="key")
    who = values.get("who", "")
    if who == "channel" and await services.others(place, found):
        found = await services.copied(context.actor, place, found)
    elif who == "server":
        await services.use_in_server(context.actor, place, found)
        found = await context.connection(found.name)
    stored = await services.set_key(context.actor, place, found, secret)
    context.engine.models.pool.forget(stored)
    ending = f" (…{secret.ending})" if secret.ending else ""
    lines = [_("Saved the key for **{name}**{ending}.", name=stored.name, ending=ending)]
    if users := await services.others(place, stored):
        lines.append(_("Also used in {users}.", users=users_text(users)))
    if not services.keys_persist:
        lines.append(
            _("It's only kept until the bot restarts. You'll need to enter it again after that.")
        )
    return "\n".join(lines)
