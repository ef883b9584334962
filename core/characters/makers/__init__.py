"""Files of other makers, told by what stands in them and turned into cards and world info.

A maker is a module and a row here; the first row that fits counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.characters.fields import Problem, Remark
from core.characters.makers import (
    agnai,
    ai_dungeon,
    backyard,
    character_ai,
    janitor,
    koboldai,
    novelai,
    risu,
    textgen,
)


@dataclass(frozen=True, slots=True)
class Maker:
    """How one kind of file of one maker is recognised and turned into ours."""

    name: str
    fits: Callable[[Any], bool]
    turn: Callable[[Any, list[Remark]], dict[str, Any]]


MAKERS = (
    Maker("NovelAI", novelai.is_book, novelai.book),
    Maker("NovelAI", novelai.is_scenario, novelai.scenario),
    Maker("RisuAI", risu.is_book, risu.book),
    Maker("AI Dungeon", ai_dungeon.is_book, ai_dungeon.book),
    Maker("JanitorAI", janitor.is_book, janitor.book),
    Maker("Agnai", agnai.is_book, agnai.book),
    Maker("KoboldAI", koboldai.is_story, koboldai.character),
    Maker("Backyard", backyard.is_character, backyard.character),
    Maker("Agnai", agnai.is_character, agnai.character),
    Maker("JanitorAI / Chub", janitor.is_character, janitor.character),
    Maker("character.ai", character_ai.is_character, character_ai.character),
    Maker("text-generation-webui", textgen.is_character, textgen.character),
)
_SPECS = ("chara_card", "lorebook_v3")


def translated(document: Any, remarks: list[Remark]) -> Any:
    """The document of another maker as ours; one of ours, or of nobody known, as it is."""
    spec = document.get("spec") if isinstance(document, dict) else None
    if isinstance(spec, str) and spec.startswith(_SPECS):
        return document
    for maker in MAKERS:
        if maker.fits(document):
            remarks.append(Remark("", Problem.OTHER_MAKER, maker.name))
            return maker.turn(document, remarks)
    return document
