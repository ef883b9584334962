"""`/character import`"""

import discord
from discord import app_commands

from bot.cogs._context import Interaction, here
from bot.i18n import _
from bot.views.cards import arrived, character_embed
from core.errors import InvalidCard
from core.untrusted.size import beyond


@app_commands.command()
async def import_(interaction: Interaction, file: discord.Attachment) -> None:
    """Add a character from a card (PNG, JSON, CHARX or WebP).

    Parameters
    ----------
    file: discord.Attachment
        The card
    """
    place = await here(interaction)
    limit = place.engine.settings.limits.card_bytes
    if file.size > limit:
        raise InvalidCard(beyond(limit), file=file.filename)
    data = await file.read()
    stored, remarks = await place.services.characters.import_file(
        place.actor, place.place, data, file.filename
    )
    text = arrived(stored.character)
    if remarks:
        text += "\n" + _("Found while reading the card:")
        text += "".join(f"\n- {remark}" for remark in remarks[:10])
    embed, files = await character_embed(place.services, stored)
    await place.say(text, embed=embed, files=files)
