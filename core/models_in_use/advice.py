"""Advice on a model: what its name tells, measured against what is in use."""

from dataclasses import dataclass

from core.chat.place import Actor, Place
from core.detect import ModelName, Proposal, propose, read_name
from core.kind import Kind
from core.models_in_use.active_model import ActiveModel
from core.options.table import CONTEXT_SIZE, CONTEXT_TEMPLATE, INSTRUCT_TEMPLATE, TOKENIZER
from core.presets.preset import PresetKind, Templates
from core.services.options import OptionService


@dataclass(frozen=True, slots=True)
class Advice:
    """What to say about the model that answers. Empty parts need no words."""

    model: ModelName
    proposal: Proposal | None = None
    """Only where it differs from what is in use."""
    beyond: int | None = None
    """The context up to which the model is good, where more is in use."""
    wished: int | None = None
    """The context asked for, where the server gives less."""


def advice_of(active_model: ActiveModel, templates: Templates) -> Advice:
    """Compares the model with templates and sizes in use."""
    name = read_name(active_model.model)
    real = name.real_context if active_model.spec.local else None
    wish = active_model.options[CONTEXT_SIZE]
    served = active_model.facts.context_size
    return Advice(
        model=name,
        proposal=_proposal(active_model, templates),
        beyond=real if real is not None and active_model.context_size > real else None,
        wished=wish if wish is not None and served is not None and wish > served else None,
    )


def _proposal(active_model: ActiveModel, templates: Templates) -> Proposal | None:
    if active_model.kind is not Kind.TEXT:
        return None
    found = propose(active_model.model, active_model.facts.probe.chat_template)
    if found is None or found.instruct == templates.chosen[PresetKind.INSTRUCT.value]:
        return None
    counts_itself = bool(active_model.spec.models.count) or bool(active_model.options[TOKENIZER])
    return found if not counts_itself else Proposal(found.instruct, found.context, "", found.source)


async def use_proposal(
    options: OptionService, actor: Actor, place: Place, proposal: Proposal
) -> None:
    """Uses the proposed templates and tokenizer here. Raises NotAllowed."""
    await options.set(actor, place, INSTRUCT_TEMPLATE, proposal.instruct)
    if proposal.context:
        await options.set(actor, place, CONTEXT_TEMPLATE, proposal.context)
    if proposal.tokenizer:
        await options.set(actor, place, TOKENIZER, proposal.tokenizer)
