"""Who a person is in the story."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from core.characters.fields import FieldReader, Remark
from core.characters.names import display_name, stored_name
from core.characters.normalise import MAX_DEPTH, ROLES

IN_PROMPT, TOP_OF_NOTE, BOTTOM_OF_NOTE, AT_DEPTH, NOWHERE = 0, 2, 3, 4, 9
POSITIONS = (IN_PROMPT, TOP_OF_NOTE, BOTTOM_OF_NOTE, AT_DEPTH, NOWHERE)


class Persona(BaseModel):
    """A person's face in the story. Positions and roles are SillyTavern's numbers and words."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = ""
    description: str = ""
    avatar: str = ""
    """Hash of the stored picture; empty without one."""
    position: int = IN_PROMPT
    depth: int = 2
    role: str = "system"
    """system, user or assistant; used at depth only"""
    lorebook: str = ""

    @classmethod
    def read(cls, document: dict[str, Any]) -> tuple[Self, list[Remark]]:
        """A persona out of a parsed document, and what had to be changed."""
        remarks: list[Remark] = []
        fields = FieldReader(document, "", remarks)
        position = fields.integer("position", low=IN_PROMPT, high=NOWHERE)
        known = {
            "name": stored_name(fields.text("name")),
            "description": fields.text("description"),
            "avatar": fields.text("avatar"),
            "position": position if position in POSITIONS else IN_PROMPT,
            "depth": fields.integer("depth", default=2, low=0, high=MAX_DEPTH),
            "role": fields.one_of("role", ROLES, "system"),
            "lorebook": fields.text("lorebook"),
        }
        return cls.model_validate(document | known), remarks

    @property
    def display_name(self) -> str:
        return display_name(self.name)
