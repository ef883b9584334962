"""What is known about a connection, line by line, and the forms that take its key."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import discord

from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.forms import Field, Form
from bot.views.model import TemplateButton, advice_lines
from bot.views.panels import Panel
from bot.views.tokens import tokenizer_lines
from bot.wording.errors import explain
from core.engine import Engine
from core.errors import InvalidOption
from core.kind import Kind
from core.models_in_use.backend_pool import ModelFacts
from core.models_in_use.models import ActiveModel
from core.reasons import Reason
from core.secret import Secret
from core.services.connections import Saved
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
GLOBAL = "global"


def connection_text(engine: Engine, connection: Connection, facts: ModelFacts) -> list[str]:
    """Backend, address, model, context and key."""
    spec = engine.models.pool.spec(connection)
    shape = _("text completion") if facts.kind is Kind.TEXT else _("chat completion")
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
        _("Model: `{model}`", model=facts.model) if facts.model else "",
        _("Context: {number} tokens", number=f"{size:,}") if size else "",
        _("Subscription: {name}", name=tier) if tier else "",
        _("Fallback: {name}", name=fallback) if fallback else "",
        _("Key: …{ending}", ending=key.ending or "•") if key else "",
        rehearsal if spec.id == "rehearsal" else "",
    ]
    return [line for line in lines if line]


def needs_text(engine: Engine, connection: Connection, facts: ModelFacts) -> list[str]:
    """What is still missing, or what went wrong when the server was asked."""
    spec = engine.models.pool.spec(connection)
    needs = []
    if not connection.url and not spec.endpoint.url and spec.id != "rehearsal":
        needs.append(_("⚠ The address is missing. Set it with `/connect use` and `url:`."))
    if spec.key.need == "required" and not connection.key:
        hint = f" (<{spec.key.url}>)" if spec.key.url else ""
        needs.append(_("⚠ The key is missing{hint}. Enter it with `/connect key`.", hint=hint))
    elif facts.fault is not None and not needs:
        needs.append(f"⚠ {explain(facts.fault)}")
    if spec.models.required and not facts.model and not needs:
        needs.append(_("⚠ No model chosen yet. Choose one with `/connect model use`."))
    return needs


async def telling(
    context: CommandContext,
    connection: Connection,
    active_model: ActiveModel,
    lines: Sequence[str],
) -> tuple[str, Panel | None]:
    """The connection's lines, advice on the model, what is missing; and a button to help."""
    engine = context.engine
    told = [*lines, *connection_text(engine, connection, active_model.facts)]
    advice = await engine.models.advice(active_model)
    told += advice_lines(advice, active_model.facts.context_size)
    told += tokenizer_lines(engine.models.pool, active_model)
    if active_model.spec.deprecated:
        told += [f"-# {note}" for note in active_model.spec.notes]
    told += needs_text(engine, connection, active_model.facts)
    view = TemplateButton(context, advice.proposal) if advice.proposal is not None else None
    return "\n".join(told)[:LONGEST], view


async def answering(
    context: CommandContext,
    saved: Saved,
    *,
    character: str = "",
    character_id: int | None = None,
) -> tuple[str, Panel | None]:
    """What is said when a connection has been put to use, for all or for one character."""
    stored = saved.connection
    context.engine.models.pool.forget(stored)
    active_model = await context.engine.models.active(
        context.place, character_id, patience=PATIENCE
    )
    is_lacking = bool(needs_text(context.engine, stored, active_model.facts))
    heading = HEADINGS[bool(character), is_lacking]
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
    if character and active_model.connection.name != stored.name:
        lines.append(
            _(
                "⚠ This channel has its own model, and that one is used here. Turn it off with "
                "`/connect off`."
            )
        )
    text, view = await telling(context, stored, active_model, lines)
    if saved.is_first:
        view = view or Panel(context.actor.id)
        view.add_button(_("Only here"), partial(_only_here, context, view, stored))
    return text, view


async def _only_here(
    context: CommandContext,
    view: Panel,
    stored: Connection,
    interaction: discord.Interaction[Any],
) -> None:
    await interaction.response.defer()
    mine = await context.services.connections.keep_here(context.actor, context.place, stored)
    text, further = await answering(context, Saved(mine))
    await interaction.edit_original_response(content=text, view=further)
    view.stop()


def key_form(connection: str | None) -> Form:
    """The form that takes the key of a connection; of the one in use where None."""
    field = Field("key", _("Key"), _("Paste it here. It's only sent to that server"), longest=4000)
    title = (
        _("Key for {name}", name=connection) if connection else _("Key for this channel's model")
    )
    return Form(title, [field], partial(_store, connection), is_secret=True)


async def _store(name: str | None, context: CommandContext, values: dict[str, str]) -> None:
    services, place = context.services.connections, context.place
    found = await context.connection(name)
    typed = values["key"].strip()
    secret = Secret(typed[7:].strip() if typed.lower().startswith("bearer ") else typed)
    if not secret:
        raise InvalidOption(Reason.KEY_EMPTY, key="key")
    stored = await services.set_key(context.actor, place, found, secret)
    context.engine.models.pool.forget(stored)
    ending = f" (…{secret.ending})" if secret.ending else ""
    lines = [_("Saved the key for **{name}**{ending}.", name=stored.name, ending=ending)]
    if not services.keys_persist:
        lines.append(
            _("It's only kept until the bot restarts. You'll need to enter it again after that.")
        )
    in_use = await context.engine.models.connection(place)
    if in_use is not None and in_use.name == stored.name:
        active_model = await context.engine.models.active(place)
        lines += needs_text(context.engine, stored, active_model.facts)
    await context.say("\n".join(lines))


def vertex_form(url: str, model: str, name: str) -> Form:
    """Region, project and account; what is left empty stays as it is."""

    async def save(context: CommandContext, values: dict[str, str]) -> None:
        account = values["account"].strip()
        secret = Secret(account_of(account, values["project"].strip())) if account else None
        connections = context.services.connections
        saved = await connections.save(
            context.actor,
            context.place,
            backend="vertex",
            url=url or address_of(values["region"]),
            model=model,
            kind=Kind.CHAT,
            name=name,
        )
        if secret is not None:
            keyed = await connections.set_key(
                context.actor, context.place, saved.connection, secret
            )
            saved = saved._replace(connection=keyed, dropped=False)
        text, view = await answering(context, saved)
        await context.say(text, view=view)

    fields = [
        Field("project", _("Project"), _("Leave empty to use the one in the JSON"), required=False),
        Field("region", _("Region"), "global, europe-west4, us-central1…", required=False),
        Field(
            "account",
            _("Service account (JSON) or express key"),
            _("Paste the whole file here"),
            long=True,
            required=False,
        ),
    ]
    return Form("Google Vertex AI", fields, save, is_secret=True)


def address_of(region: str) -> str:
    """The address of a region; empty for the global one. Raises InvalidOption."""
    region = region.strip().lower()
    if region in ("", GLOBAL):
        return ""
    if not all(sign.isascii() and (sign.isalnum() or sign == "-") for sign in region):
        raise InvalidOption(key="region", value=region, expected="europe-west4")
    return f"https://{region}-aiplatform.googleapis.com"


def account_of(typed: str, project: str) -> str:
    """The account's JSON with the project that was typed; an express key as it is.

    Raises InvalidOption for JSON that is no service account.
    """
    if not typed.startswith("{"):
        return typed
    try:
        account = json.loads(typed)
    except (ValueError, RecursionError):
        account = None
    if not isinstance(account, dict) or not {"client_email", "private_key"} <= account.keys():
        # What was typed is not repeated: it may be most of a key.
        raise InvalidOption(Reason.NO_SERVICE_ACCOUNT, key="account")
    return json.dumps(account | ({"project_id": project} if project else {}))
