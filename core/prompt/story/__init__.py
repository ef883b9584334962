"""Story strings: Handlebars templates whose text never reaches a compiler."""

from core.prompt.story.lower import VARIABLES
from core.prompt.story.skeleton import Story, read_story

__all__ = ["VARIABLES", "Story", "read_story"]
