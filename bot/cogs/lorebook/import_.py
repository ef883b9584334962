"""`/lorebook import`"""

import discord
from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.i18n import _
from core.chat.place import Scope
from core.errors import LimitReached


@app_commands.command()
async def import_(interaction: Interaction, file: discord.Attachment, use: bool = True) -> None:
    """Add a lorebook file (World Info and other makers' JSON).

    Parameters
    ----------
    file: discord.Attachment
        The file
    use: bool
        Use it in this channel at once
    """
    place = await here(interaction)
    limit = place.engine.settings.limits.card_bytes
    if file.size > limit:
        raise LimitReached("the file is too large", what="bytes", limit=limit)
    stored, remarks = await place.services.lorebooks.import_file(
        place.actor, place.place, await file.read(), file.filename
    )
    name, number = stored.book.name, len(stored.book.entries)
    text = _("**{name}** with {number} entries is added.", name=name, number=number)
    if use:
        await place.services.lorebooks.bind(place.actor, place.place, name, Scope.CHANNEL)
        text += " " + _("It is in use in this channel.")
    if remarks:
        text += "\n" + _("Found while reading the file:")
        text += "".join(f"\n- {remark}" for remark in remarks[:10])
    await place.say(text)
