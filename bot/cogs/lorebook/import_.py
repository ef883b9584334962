import discord

from bot.cogs._command import command
from bot.cogs.lorebook.new import put_to_use
from bot.command_context import CommandContext
from bot.i18n import _, ngettext
from bot.wording.remarks import remark_lines
from core.errors import InvalidLorebook
from core.reasons import Reason


@command()
async def import_(context: CommandContext, file: discord.Attachment, use: bool = True) -> None:
    """Add a lorebook from a World Info file, another program's JSON or a card.

    Parameters
    ----------
    file: discord.Attachment
        The file
    use: bool
        Use it in this channel right away
    """
    limit = context.engine.settings.limits.card_bytes
    if file.size > limit:
        raise InvalidLorebook(Reason.TOO_LARGE, largest=limit, file=file.filename)
    stored, remarks = await context.services.lorebooks.import_file(
        context.actor, context.place, await file.read(), file.filename
    )
    name, number = stored.book.name, len(stored.book.entries)
    text = ngettext(
        "Added **{name}** with {number} entry.",
        "Added **{name}** with {number} entries.",
        number,
        name=name,
    )
    if use:
        text += " " + await put_to_use(context, name)
    await context.say(text + remark_lines(_("Some things to know about this file:"), remarks))
