"""Notes and lore placed inside the chat, and those before and after the story."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.macros.javascript import trim
from core.patterns.characters import WHITE
from core.presets.templates import PromptRole
from core.prompt.context import NotePosition

NOTE_ID = "2_floating_prompt"
DEPTH_PROMPT_ID = "DEPTH_PROMPT"
PERSONA_ID = "PERSONA_DESCRIPTION"
STORY_ID = "__STORY_STRING__"
LORE_ID = "customDepthWI"
QUIET_ID = "QUIET_PROMPT"

ROLES = (PromptRole.SYSTEM, PromptRole.USER, PromptRole.ASSISTANT)
"""The order in which roles of one depth are inserted: system ends up nearest to the end."""


@dataclass(frozen=True, slots=True)
class Injection:
    """A text with its place. Ids decide the order where several share a place."""

    id: str
    text: str
    position: NotePosition = NotePosition.IN_CHAT
    depth: int = 0
    role: PromptRole = PromptRole.SYSTEM
    scanned: bool = False
    """Whether lore keys are looked for in it."""


@dataclass(frozen=True, slots=True)
class JoinedInjection:
    """The texts of one depth and role, joined; `sources` are their ids."""

    depth: int
    role: PromptRole
    text: str
    sources: tuple[str, ...]

    @property
    def is_user(self) -> bool:
        """Whether it is formatted as a person's turn."""
        return self.role is PromptRole.USER

    @property
    def is_lore(self) -> bool:
        """Whether all of it comes from lorebooks."""
        return all(source.startswith(LORE_ID) for source in self.sources)


def in_chat(injections: Iterable[Injection], expand: Callable[[str], str]) -> list[JoinedInjection]:
    """Joined injections of the chat in the order of insertion: depth 0 first, then by role."""
    placed = [one for one in injections if one.position is NotePosition.IN_CHAT and one.text]
    joined: list[JoinedInjection] = []
    for depth in sorted({one.depth for one in placed if one.depth >= 0}):
        for role in ROLES:
            same = [one for one in placed if one.depth == depth and one.role is role]
            text = join(same, expand).lstrip(WHITE)
            if text:
                sources = tuple(sorted(one.id for one in same))
                joined.append(JoinedInjection(depth, role, text, sources))
    return joined


def anchor(
    injections: Iterable[Injection], position: NotePosition, expand: Callable[[str], str]
) -> str:
    """Injections before or after the story, as the story string's anchors show them."""

    def between_lines(text: str) -> str:
        # Line ends around it, while its macros are resolved: {{trim}} and {{pick}} notice.
        text = text if text.startswith("\n") else f"\n{text}"
        return expand(text if text.endswith("\n") else f"{text}\n")

    return trim(join([one for one in injections if one.position is position], between_lines))


def join(injections: Iterable[Injection], expand: Callable[[str], str]) -> str:
    """Texts in the order of their ids, one a line, with macros resolved."""
    ordered = sorted((one for one in injections if one.text), key=lambda one: one.id)
    text = "\n".join(trim(one.text) for one in ordered)
    return expand(text) if text else ""
