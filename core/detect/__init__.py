"""What a model's name tells: family, size, quantisation, context, templates, tokenizer."""

from core.detect.families import Family, family_of
from core.detect.files import Format, Verdict, identify
from core.detect.model import ModelName, read_name
from core.detect.proposal import Proposal, propose
from core.detect.quantisation import Quantisation

__all__ = [
    "Family",
    "Format",
    "ModelName",
    "Proposal",
    "Quantisation",
    "Verdict",
    "family_of",
    "identify",
    "propose",
    "read_name",
]
