"""Notes and lore placed inside the chat, and those before and after the story."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.macros.javascript import WHITE, trim
from core.prompt.context import NoteRole, Place

NOTE_ID = "2_floating_prompt"
DEPTH_PROMPT_ID = "DEPTH_PROMPT"
PERSONA_ID = "PERSONA_DESCRIPTION"
STORY_ID = "__STORY_STRING__"
LORE_ID = "customDepthWI"
QUIET_ID = "QUIET_PROMPT"

ROLES = (NoteRole.SYSTEM, NoteRole.USER, NoteRole.ASSISTANT)
"""The order in which roles of one depth are inserted: system ends up nearest to the end."""


@dataclass(frozen=True, slots=True)
class Injection:
    """A text with its place. Ids decide the order where several share a place."""

    id: str
    text: str
    place: Place = Place.IN_CHAT
    depth: int = 0
    role: NoteRole = NoteRole.SYSTEM
    scanned: bool = False
    """Whether lore keys are looked for in it."""


@dataclass(frozen=True, slots=True)
class Injected:
    """The texts of one depth and role, joined; `sources` are their ids."""

    depth: int
    role: NoteRole
    text: str
    sources: tuple[str, ...]


def in_chat(injections: Iterable[Injection], expand: Callable[[str], str]) -> list[Injected]:
    """Joined injections of the chat in the order of insertion: depth 0 first, then by role."""
    placed = [one for one in injections if one.place is Place.IN_CHAT and one.text]
    joined: list[Injected] = []
    for depth in sorted({one.depth for one in placed if one.depth >= 0}):
        for role in ROLES:
            same = [one for one in placed if one.depth == depth and one.role is role]
            text = join(same, expand).lstrip(WHITE)
            if text:
                sources = tuple(sorted(one.id for one in same))
                joined.append(Injected(depth, role, text, sources))
    return joined


def anchor(injections: Iterable[Injection], place: Place, expand: Callable[[str], str]) -> str:
    """Injections before or after the story, as the story string's anchors show them."""

    def between_lines(text: str) -> str:
        # Line ends around it, while its macros are resolved: {{trim}} and {{pick}} notice.
        text = text if text.startswith("\n") else f"\n{text}"
        return expand(text if text.endswith("\n") else f"{text}\n")

    return trim(join([one for one in injections if one.place is place], between_lines))


def join(injections: Iterable[Injection], expand: Callable[[str], str]) -> str:
    """Texts in the order of their ids, one a line, with macros resolved."""
    ordered = sorted((one for one in injections if one.text), key=lambda one: one.id)
    text = "\n".join(trim(one.text) for one in ordered)
    return expand(text) if text else ""
