import discord

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.cards import arrived, character_embed
from bot.wording.remarks import remark_lines
from core.errors import InvalidCard
from core.reasons import Reason


@command()
async def import_(context: CommandContext, file: discord.Attachment) -> None:
    """Add a character from a card (PNG, JSON, CHARX or WebP).

    Parameters
    ----------
    file: discord.Attachment
        The card
    """
    limit = context.engine.settings.limits.card_bytes
    if file.size > limit:
        raise InvalidCard(Reason.TOO_LARGE, largest=limit, file=file.filename)
    stored, remarks = await context.services.characters.import_file(
        context.actor, context.place, await file.read(), file.filename
    )
    remarks_text = remark_lines(_("Some things to know about this card:"), remarks)
    embed, files = await character_embed(context.services, stored)
    await context.say(arrived(stored.character) + remarks_text, embed=embed, files=files)
