"""Characters of character.ai, as people dumped them: definitions, and info with the histories.

Fields: 0x000011b/characterai-dumper, characterai-dumper.user.js, and the answers of
`/chat/character/` that it saves.
"""

import re
from collections.abc import Mapping
from typing import Any

from core.characters.fields import Problem, Remark
from core.characters.makers.sheet import MakerReader, card, paragraphs

_OWN = {
    "external_id",
    "identifier",
    "participant__name",
    "participant__user__username",
    "user__username",
    "avatar_file_name",
    "participant__num_interactions",
    "img_gen_enabled",
    "definition",
}
_PASSIVE: Mapping[str, object] = dict.fromkeys(
    (
        *(_OWN - {"definition"}),
        "visibility",
        "copyable",
        "base_img_prompt",
        "img_prompt_regex",
        "strip_img_prompt_from_msg",
        "default_voice_id",
        "starter_prompts",
        "comments_enabled",
        "user__id",
        "is_licensed",
        "num_interactions",
        "priority",
        "translations",
        "songs",
        "usage",
        "upvotes",
    ),
    ...,
)
_TALK = re.compile(r"^\s*(?:\{\{[^}\n]{1,40}\}\}|[^\s:][^:\n]{0,40}):", re.MULTILINE)
_OTHERS = re.compile(r"\{\{random_user_\d+\}\}", re.IGNORECASE)
_END = re.compile(r"^\s*END_OF_DIALOG\s*$", re.MULTILINE)


def is_character(document: Any) -> bool:
    return _inner(document) is not None


def character(document: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    fields = MakerReader(_inner(document) or {}, "character", remarks)
    text, talk = _definition(fields.text("definition"))
    name = fields.text("name", "participant__name")
    known = {
        "name": name,
        "description": paragraphs(fields.text("description"), text),
        "first_mes": fields.text("greeting"),
        "mes_example": talk,
        "creator_notes": fields.text("title"),
        "creator": fields.text("user__username", "author_username"),
        "tags": _tags(fields),
    }
    if told := _told(document):
        remarks.append(Remark("histories", Problem.NO_STORY, limit=told))
    return card(known, "character.ai", fields.note_spare(_PASSIVE))


def _inner(document: Any) -> dict[str, Any] | None:
    """The character in a document, however it was dumped."""
    if not isinstance(document, dict):
        return None
    info = document.get("info")
    outer = info if isinstance(info, dict) else document
    inner = outer.get("character", outer)
    if isinstance(inner, dict) and "greeting" in inner and not _OWN.isdisjoint(inner):
        return inner
    return None


def _definition(text: str) -> tuple[str, str]:
    """What is said about the character, and example dialogues: they stand in one field there."""
    told: list[str] = []
    talks: list[str] = []
    for block in _END.split(_OTHERS.sub("{{user}}", text)):
        lines = block.strip()
        is_talk = len(_TALK.findall(lines)) * 2 > len(lines.splitlines())
        if lines:
            (talks if is_talk else told).append(lines)
    return paragraphs(*told), "".join(f"<START>\n{talk}\n" for talk in talks).strip()


def _tags(fields: MakerReader) -> list[str]:
    """The categories' names."""
    listed = fields.find("categories")[1]
    names = [
        item.get("description") or item.get("name") if isinstance(item, dict) else item
        for item in (listed if isinstance(listed, list) else [])
    ]
    return [name for name in names if isinstance(name, str) and name]


def _told(document: dict[str, Any]) -> int:
    """How many chats come with the character."""
    found = document.get("histories")
    chats = found.get("histories") if isinstance(found, dict) else found
    return len(chats) if isinstance(chats, list) else 0
