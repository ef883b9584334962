"""What is known about a connection, line by line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.errors import explain
from bot.i18n import _
from bot.views.model import TakeProposal, advice_lines
from core.backends.kind import Kind
from core.engine import Engine
from core.engine.servers import Facts
from core.storage.connections import Connection

if TYPE_CHECKING:
    from bot.cogs._here import Here


def connection_text(engine: Engine, connection: Connection, facts: Facts) -> list[str]:
    """Backend, address, model, context and key."""
    spec = engine.servers.spec(connection)
    kind = facts.kind
    shape = _("text completion") if kind is Kind.TEXT else _("chat completion")
    lines = [_("Backend: {name} ({shape})", name=spec.name, shape=shape)]
    if connection.url:
        lines.append(_("Address: <{url}>", url=connection.url))
    if facts.model:
        lines.append(_("Model: `{model}`", model=facts.model))
    if facts.context_size:
        lines.append(_("Context: {number} tokens", number=f"{facts.context_size:,}"))
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


def needs_text(engine: Engine, connection: Connection, facts: Facts) -> list[str]:
    """What is still missing, or what went wrong when the server was asked."""
    spec = engine.servers.spec(connection)
    needs = []
    if not connection.url and not spec.base_url and spec.id != "rehearsal":
        needs.append(_("Still needed: its address, with `/connect use url:`."))
    if spec.key == "required" and not connection.key:
        hint = f" (<{spec.key_url}>)" if spec.key_url else ""
        needs.append(_("Still needed: a key{hint}, with `/connect key`.", hint=hint))
    elif facts.fault is not None:
        needs.append(f"⚠ {explain(facts.fault)}")
    if spec.model_required and not facts.model and not needs:
        needs.append(_("Still needed: a model, with `/connect model use`."))
    return needs


async def telling(place: "Here", lines: Sequence[str], needs: Sequence[str]) -> None:
    """Answers with these lines, advice on the model, what is missing, and a button to help."""
    standing = await place.engine.standing(place.place)
    advice = await place.engine.advice(standing)
    notes = [f"-# {note}" for note in standing.spec.notes] if standing.spec.deprecated else []
    extras: dict[str, Any] = {}
    if advice.proposal is not None:
        extras["view"] = TakeProposal(place, advice.proposal)
    told = advice_lines(advice, standing.facts.context_size)
    await place.say("\n".join([*lines, *told, *notes, *needs]), **extras)
