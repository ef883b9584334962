"""What a model's name tells: family, size, quantisation, context, templates, tokenizer."""

from core.detect.files import Format, ModelFile, identify
from core.detect.model_name import Loss, ModelName, Quantisation, read_name
from core.detect.proposal import Proposal, ProposalSource, propose

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
]
