"""Templates and tokenizer to propose for a model."""

from dataclasses import dataclass
from enum import StrEnum

from core.detect.families import family_of, template_of
from core.presets import stock
from core.presets.preset import PresetKind


class ProposalSource(StrEnum):
    """What the proposal rests on."""

    SERVER = "server"
    """The chat template that the server itself uses."""
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Names of stock templates (empty = none) and a tokenizer's id (empty = the best match)."""

    instruct: str = ""
    context: str = ""
    tokenizer: str = ""
    source: ProposalSource = ProposalSource.NAME


def propose(model: str, chat_template: str = "") -> Proposal | None:
    """What fits a model: by its server's own template where that is told, else by its name."""
    told = stock.for_chat_template(chat_template) if chat_template else None
    instruct = told or template_of(model) or stock.for_model(model) or ""
    if not instruct:
        return None
    family = family_of(model)
    return Proposal(
        instruct=instruct,
        context=instruct if instruct in stock.names(PresetKind.CONTEXT) else "",
        tokenizer=family.tokenizer if family else "",
        source=ProposalSource.SERVER if told else ProposalSource.NAME,
    )
