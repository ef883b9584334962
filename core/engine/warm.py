"""What the very first reply would otherwise wait for."""

from core.presets import stock
from core.presets.detect import for_model
from core.presets.kinds import PresetKind
from core.prompt.story.skeleton import read_story
from core.prompt.templates import ContextTemplate

_ANY = "Default"


def warm_up() -> None:
    """Builds the template grammar and reads the stock presets: half a second, for a thread."""
    for_model("")
    template = stock.preset(PresetKind.CONTEXT, _ANY)
    assert isinstance(template, ContextTemplate)
    read_story(template.story_string).render({}, lambda name: "")
