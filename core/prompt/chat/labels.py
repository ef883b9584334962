"""What the prompts of a chat preset are, for the person who looks at the finished prompt."""

from core.prompt.prompt import PartKind

_KNOWN = {
    "main": (PartKind.SYSTEM, "main prompt"),
    "nsfw": (PartKind.SYSTEM, "auxiliary prompt"),
    "jailbreak": (PartKind.INSTRUCTIONS, "post-history instructions"),
    "enhanceDefinitions": (PartKind.UTILITY, "enhance definitions"),
    "worldInfoBefore": (PartKind.LORE, "lore before the character"),
    "worldInfoAfter": (PartKind.LORE, "lore after the character"),
    "charDescription": (PartKind.CARD, "description"),
    "charPersonality": (PartKind.CARD, "personality"),
    "scenario": (PartKind.CARD, "scenario"),
    "personaDescription": (PartKind.PERSONA, "persona"),
    "authorsNote": (PartKind.NOTE, "author's note"),
    "impersonate": (PartKind.UTILITY, "impersonation prompt"),
    "quietPrompt": (PartKind.UTILITY, "quiet prompt"),
    "groupNudge": (PartKind.UTILITY, "group nudge"),
    "bias": (PartKind.REPLY_START, "start of the reply"),
}


def label(id_: str, name: str = "") -> tuple[PartKind, str]:
    """Kind and source of a prompt; `name` is what its author calls it."""
    return _KNOWN.get(id_, (PartKind.SYSTEM, name or id_))
