"""A character's card as an embed."""

import io

import discord

from bot.discord_text.display_names import shortened
from bot.i18n import _
from core.characters.character import Character
from core.services import Services
from core.services.characters import StoredCharacter

# Discord takes more; a phone shows about this much at once. `/character export` has all of it.
DESCRIPTION = 700
FIELD = 500
TYPED = 40
"""Names longer than this nobody types; they are chosen from the suggestions."""


def arrived(card: Character) -> str:
    """The news, with a next step that can be typed."""
    name = card.display_name
    typed = f"character:{name}" if len(name) <= TYPED and name == card.name else "character:"
    return _(
        "**{name}** is here. Start chatting with `/chat start {option}`.",
        name=name,
        option=typed,
    )


async def character_embed(
    services: Services, stored: StoredCharacter
) -> tuple[discord.Embed, list[discord.File]]:
    """The card's main fields, and its picture as the file that the embed shows."""
    card = stored.character
    embed = discord.Embed(
        title=shortened(card.display_name, 256),
        description=shortened(card.description, DESCRIPTION) or None,
    )
    for label, text in (
        (_("Personality"), card.personality),
        (_("Scenario"), card.scenario),
        (_("Greeting"), card.first_mes),
        (_("Creator's notes"), card.creator_notes),
    ):
        if text.strip():
            embed.add_field(name=label, value=shortened(text, FIELD), inline=False)
    facts = [
        _("{number} greetings", number=len(card.greetings)) if len(card.greetings) > 1 else "",
        _("with a lorebook") if card.character_book else "",
        _("by {name}", name=card.creator) if card.creator else "",
        ", ".join(card.tags[:8]),
    ]
    footer = " · ".join(fact for fact in facts if fact)
    if footer:
        embed.set_footer(text=shortened(footer, 2048))
    picture = await services.characters.avatar(stored.id)
    if picture is None:
        return embed, []
    embed.set_thumbnail(url="attachment://picture.png")
    return embed, [discord.File(io.BytesIO(picture), "picture.png")]
