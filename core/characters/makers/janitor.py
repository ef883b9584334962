"""Lorebooks and characters of JanitorAI, and what Chub's own interface gives out.

The lorebook is a list at the root: Nyxxaa/janitor-lorebook-manager, lorebooks/janitor_upload.
Characters: the form of Whitzzscott/Whitz-jai-character-importer, extension/type.js. Chub's
`definition` has the same names, as SillyTavern 1.19.0 reads it in src/endpoints/content-manager.js.
"""

from collections.abc import Mapping
from typing import Any

from core.characters.fields import Remark
from core.characters.makers.sheet import MakerEntry, MakerReader, card, read_lore, world_info

_ENTRY_PASSIVE: Mapping[str, object] = {
    "id": ...,
    "keysRaw": ...,
    "keysecondaryRaw": ...,
    "keywordsRaw": ...,
    "useProbability": ...,
    "selective": ...,
    "priority": ...,
    "category": ...,
    "tags": ...,
    "placement": ...,
    "inclusionGroup": ...,
    "extensions": ...,
    "keyMatchPriority": ...,
    "activationMode": "standard",
    "minMessages": 0,
}
_CHARACTER_PASSIVE: Mapping[str, object] = dict.fromkeys(
    (
        "id",
        "avatar",
        "avatar_url",
        "max_res_url",
        "created_at",
        "updated_at",
        "creator_id",
        "showdefinition",
        "showDefinition",
        "is_public",
        "is_force_remove",
        "stats",
        "total_chat",
        "total_message",
        "tag_ids",
        "allow_proxy",
        "full_path",
        "project_uuid",
        "bound_preset",
        "voice",
    ),
    ...,
)
_OWN = {"first_message", "first_messages", "example_dialogs", "tavern_personality"}
_POSITIONS = {"before_char": 0, "after_char": 1}


_ENTRY_OWN = {"activationMode", "inclusionGroupRaw", "keysRaw", "keysecondaryRaw"}


def is_book(document: Any) -> bool:
    listed = _listed(document)
    if isinstance(document, dict):
        # World info keeps these fields, too, once it was made of such a file.
        return any(not _ENTRY_OWN.isdisjoint(one) and "disable" not in one for one in listed)
    return any("content" in entry and ("key" in entry or "keys" in entry) for entry in listed)


def is_character(document: Any) -> bool:
    if not isinstance(document, dict):
        return False
    inner = _definition(document)
    return not _OWN.isdisjoint(inner) and ("personality" in inner or "name" in inner)


def book(document: Any, remarks: list[Remark]) -> dict[str, Any]:
    head = MakerReader(document if isinstance(document, dict) else {}, "", remarks)
    entries = read_lore(_listed(document), "entries", remarks, _entry, _ENTRY_PASSIVE)
    return world_info(head.text("name"), head.text("description"), entries)


def _listed(document: Any) -> list[dict[str, Any]]:
    """The entries: the whole file, or what it holds under a name of its own."""
    listed = document
    if isinstance(document, dict):
        listed = document.get("entries")
        listed = list(listed.values()) if isinstance(listed, dict) else listed
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def character(document: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    outer = _node(document)
    definition = _definition(document)
    fields = MakerReader(definition, "definition" if definition is not document else "", remarks)
    around = MakerReader(outer if outer is not definition else {}, "node", remarks)
    greetings = [*fields.texts("first_messages"), fields.text("first_message")]
    greetings = list(dict.fromkeys(text for text in greetings if text))
    name = fields.text("name") or around.text("name")
    known = {
        "name": name,
        "nickname": _nickname(fields.text("chat_name"), name),
        "description": fields.text("personality"),
        "personality": fields.text("tavern_personality"),
        "scenario": fields.text("scenario"),
        "first_mes": next(iter(greetings), ""),
        "alternate_greetings": [*greetings[1:], *fields.texts("alternate_greetings")],
        "mes_example": fields.text("example_dialogs"),
        "system_prompt": fields.text("system_prompt"),
        "post_history_instructions": fields.text("post_history_instructions"),
        "creator_notes": fields.text("description") or around.text("tagline"),
        "creator": fields.text("creator_name") or around.text("fullPath").partition("/")[0],
        "tags": [*_tags(fields, "tags"), *_tags(fields, "custom_tags"), *_tags(around, "topics")],
        "adult": fields.flag("is_nsfw", default=False) or around.flag("nsfw_image", default=False),
        "extensions": fields.object("extensions"),
    }
    lore = fields.object("embedded_lorebook")
    written = card(known, "janitor", fields.note_spare(_CHARACTER_PASSIVE))
    if lore:
        written["data"]["character_book"] = lore
    return written


def _node(document: dict[str, Any]) -> dict[str, Any]:
    node = document.get("node")
    return node if isinstance(node, dict) else document


def _definition(document: dict[str, Any]) -> dict[str, Any]:
    definition = _node(document).get("definition")
    return definition if isinstance(definition, dict) else _node(document)


def _nickname(said: str, name: str) -> str:
    return said if said.strip() and said != name else ""


def _tags(fields: MakerReader, name: str) -> list[str]:
    """Tags as words, or as objects with a name."""
    listed = fields.find(name)[1]
    words = [
        tag.get("name") or tag.get("slug") if isinstance(tag, dict) else tag
        for tag in (listed if isinstance(listed, list) else [])
    ]
    return [word for word in words if isinstance(word, str) and word]


def _title(name: str, comment: str) -> str:
    """A name, with the note that its author made on it."""
    return " — ".join(dict.fromkeys(text for text in (name.strip(), comment.strip()) if text))


def _entry(fields: MakerReader) -> MakerEntry:
    position = fields.find("position", "placementPosition")[1]
    group = fields.text("inclusionGroupRaw", "group")
    return MakerEntry(
        keys=fields.keys("key", "keys", "keysRaw"),
        secondary=fields.keys("keysecondary", "secondary_keys"),
        logic=fields.integer("selectiveLogic", low=0, high=3),
        content=fields.text("content"),
        title=_title(fields.text("name"), fields.text("comment")),
        enabled=fields.flag("enabled", default=True),
        constant=fields.flag("constant", default=False),
        order=fields.integer("insertion_order", "order", default=100),
        position=_POSITIONS.get(position, 0) if isinstance(position, str) else 0,
        more={
            "probability": fields.integer("probability", default=100, low=0, high=100),
            "caseSensitive": fields.flag("case_sensitive", default=False),
            "matchWholeWords": fields.flag("matchWholeWords", default=None),
            "group": group,
            "groupWeight": fields.integer("groupWeight", default=100, low=0),
            "groupOverride": fields.flag("prioritizeInclusion", default=False),
        },
    )
