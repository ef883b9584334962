"""What the very first reply would otherwise wait for."""

from core.presets import stock
from core.presets.preset import PresetKind
from core.presets.stock import for_model

_ANY = "Default"


def warm_up() -> None:
    """Reads the stock presets: a quarter of a second, for a thread."""
    for_model("")
    stock.preset(PresetKind.CONTEXT, _ANY)
