"""What a model's name tells: family, size, quantisation, context, templates, tokenizer."""

from core.detect.families import Proposal, ProposalSource, propose
from core.detect.model_name import (
    Format,
    Loss,
    ModelFile,
    ModelName,
    Quantisation,
    identify,
    read_name,
    shown_name,
)
from core.detect.sight import sees_by_name

__all__ = [
    "Format",
    "Loss",
    "ModelFile",
    "ModelName",
    "Proposal",
    "ProposalSource",
    "Quantisation",
    "identify",
    "propose",
    "read_name",
    "sees_by_name",
    "shown_name",
]
