"""A character card as its author wrote it; every unknown field survives a round trip."""

from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr

from core.characters.fields import Remark
from core.characters.names import display_name, is_blank, stored_name
from core.characters.normalise import MIRRORED, normalise_data, split_document

OPTIONAL = ("character_book", "nickname", "group_only_greetings")
"""Fields that a card written by hand leaves out when it has none."""


@dataclass(frozen=True, slots=True)
class DepthPrompt:
    """A note of the card that is inserted `depth` messages above the end of the chat."""

    text: str = ""
    depth: int = 4
    role: str = "system"
    """system, user or assistant"""


class Character(BaseModel):
    """A card of version 1, 2 or 3. Attributes are the fields of `data` in the V2 and V3 formats.

    Fields that the formats do not know are kept, inside and outside `data`.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    first_mes: str = ""
    mes_example: str = ""
    creator_notes: str = ""
    system_prompt: str = ""
    post_history_instructions: str = ""
    alternate_greetings: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    creator: str = ""
    character_version: str = ""
    extensions: dict[str, Any] = {}
    character_book: dict[str, Any] | None = None
    nickname: str = ""
    group_only_greetings: tuple[str, ...] = ()

    _root: dict[str, Any] = PrivateAttr(default_factory=dict)
    _version: int = PrivateAttr(default=2)
    _file_name: str = PrivateAttr(default="")

    @classmethod
    def read(cls, document: object, fallback_name: str = "") -> tuple[Self, list[Remark]]:
        """A character out of a parsed card of any version, and what had to be changed.

        Raises `InvalidCard` when the document is no card.
        """
        remarks: list[Remark] = []
        version, root, data = split_document(document, remarks)
        fields = normalise_data(data, remarks, fallback_name)
        character = cls.model_validate(fields)
        character._root = root
        character._version = version
        return character, remarks

    @classmethod
    def from_document(cls, document: object) -> Self:
        """As `read`, for documents of our own storage where the findings are known."""
        return cls.read(document)[0]

    @property
    def version(self) -> int:
        """Which version of the format the card came in: 1, 2 or 3."""
        return self._version

    @property
    def root(self) -> dict[str, Any]:
        """What stands beside `data` in the file."""
        return self._root

    @property
    def greetings(self) -> tuple[str, ...]:
        """The first message and its alternates, blank ones left out."""
        return tuple(text for text in (self.first_mes, *self.alternate_greetings) if text.strip())

    @property
    def display_name(self) -> str:
        return display_name(self.name)

    @property
    def file_name(self) -> str:
        """The name by which lorebooks know a character: the card's, never a nickname."""
        return self._file_name or self.name

    @property
    def depth_prompt(self) -> DepthPrompt:
        """The character's note, from `extensions.depth_prompt`; empty text where it has none."""
        note = self.extensions.get("depth_prompt") or {}
        return DepthPrompt(note.get("prompt", ""), note.get("depth", 4), note.get("role", "system"))

    @property
    def talkativeness(self) -> float:
        """How readily the character speaks in a group, 0 to 1; half where the card says nothing."""
        try:
            return min(max(float(self.extensions.get("talkativeness", 0.5)), 0.0), 1.0)
        except (TypeError, ValueError):
            return 0.5

    def under_nickname(self) -> Self:
        """The character as it is called by its nickname; itself where it has none."""
        name = stored_name(self.nickname)
        if is_blank(name):
            return self
        called = self.model_copy(update={"name": name})
        called._file_name = self.name
        return called

    def edited(self, **changes: object) -> Self:
        """A copy with other values of `data` fields, brought to their types and limits."""
        document = self.to_document()
        document["data"] |= changes
        copy = type(self).from_document(document)
        copy._version = self._version
        return copy

    def to_document(self) -> dict[str, Any]:
        """The card in its own version; one of version 1 is written as version 2."""
        return self.to_v3() if self._version == 3 else self.to_v2()

    def to_v2(self) -> dict[str, Any]:
        """The card as version 2; what only version 3 knows is kept as unknown fields."""
        return self._document("chara_card_v2", "2.0")

    def to_v3(self) -> dict[str, Any]:
        document = self._document("chara_card_v3", "3.0")
        document["data"].setdefault("group_only_greetings", [])
        return document

    def _document(self, spec: str, spec_version: str) -> dict[str, Any]:
        dumped = self.model_dump(mode="json")
        written = self.model_fields_set
        data = {
            key: value for key, value in dumped.items() if key not in OPTIONAL or key in written
        }
        # Programs of the first version read the root; a mirror that contradicts helps nobody.
        mirrors = {
            key: data[field]
            for key, field in MIRRORED.items()
            if key in self._root and field in data
        }
        # Minor versions such as 3.1 are kept as they came.
        came = self._root.get("spec_version") if self._root.get("spec") == spec else ""
        kept = came if isinstance(came, str) and came else spec_version
        own = {"spec": spec, "spec_version": kept}
        return own | self._root | mirrors | own | {"data": data}
