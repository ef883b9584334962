"""A model's name taken apart. Names are not to be trusted: everything here is a hint."""

import re
from dataclasses import dataclass

from core.detect.families import Family, family_of
from core.detect.quantisation import Quantisation, quantisation_of

_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,2})?)(b|m)(?![a-z0-9])")
_CONTEXT = re.compile(r"(?<![a-z0-9_.])(\d{1,4})([km])(?![a-z0-9_])")
_SHARED = 0.85
"""Experts share some of their weights: 8x7B has 47 billion, not 56."""


@dataclass(frozen=True, slots=True)
class ModelName:
    """`size` as written ("7B", "8x7B"), `billions` of weights in all, `context` in tokens."""

    name: str
    family: Family | None = None
    size: str = ""
    billions: float | None = None
    quantisation: Quantisation | None = None
    context: int | None = None
    """What the name itself promises (`-16k`)."""

    @property
    def gigabytes(self) -> float | None:
        """What the weights alone take in memory."""
        bits = self.quantisation.bits if self.quantisation else None
        if self.billions is None or bits is None:
            return None
        return self.billions * bits / 8

    @property
    def real_context(self) -> int | None:
        """The context up to which the model is known to be good; None = nothing known."""
        if self.context is not None:
            return self.context
        return self.family.real_context if self.family else None


def read_name(name: str) -> ModelName:
    """The parts of a model's name: a file, a repository, a tag or a vendor's id."""
    text = name.lower()
    size, billions = _size_of(text)
    return ModelName(
        name=name,
        family=family_of(name),
        size=size,
        billions=billions,
        quantisation=quantisation_of(name),
        context=_context_of(text),
    )


def _size_of(text: str) -> tuple[str, float | None]:
    found = _SIZE.search(text)
    if found is None:
        return "", None
    experts, number, unit = found[1], float(found[2]), found[3]
    billions = number if unit == "b" else number / 1000
    if experts:
        return f"{experts}x{found[2]}{unit.upper()}", int(experts) * billions * _SHARED
    return f"{found[2]}{unit.upper()}", billions


def _context_of(text: str) -> int | None:
    for found in _CONTEXT.finditer(text):
        number = int(found[1])
        if found[2] == "m" and number <= 10:
            return number * 1024 * 1024
        if found[2] == "k" and 2 <= number <= 1024:
            return number * 1024
    return None
