"""When characters answer here: `/chat start`, `stop` and `mode`."""

from typing import Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.wording.errors import explain, refusal
from core.chat.message import Message
from core.options.table import CHAT_MODE

Mode = Literal["every", "mention"]


@command()
@app_commands.autocomplete(character=characters)
async def start(
    context: CommandContext,
    character: str | None = None,
    mode: Mode | None = None,
) -> None:
    """Start chatting with a character in this channel.

    Parameters
    ----------
    character: str
        Which character; leave empty for the last one
    mode: Literal
        Answer every message, or only when mentioned or replied to
    """
    found = await context.services.characters.find(context.place, character) if character else None
    note = await open_chat(context, [found.id] if found else None, mode)
    await context.say(note or _("The chat is on."))


@command()
async def stop(context: CommandContext) -> None:
    """Stop characters from answering here."""
    was_on = (await context.engine.scene(context.place)).is_active
    await context.engine.stop_chat(context.place, context.actor)
    await context.channel.stop()
    await context.say(
        _("The chat is off. The story is saved, so you can pick it up again with `/chat start`.")
        if was_on
        else _("The chat is already off. Turn it on with `/chat start`.")
    )


@command()
async def mode(context: CommandContext, answer: Mode) -> None:
    """Choose when characters answer in this channel.

    Parameters
    ----------
    answer: Literal
        Every message, or only when mentioned or replied to
    """
    await begin_reading(context)
    await context.services.options.switch_chat(context.actor, context.place, answer)
    if not (await context.engine.scene(context.place)).members:
        await context.say(_("There's no character here yet. Bring one in with `/chat start`."))
    elif answer == "every":
        await context.say(_("Characters now answer every message in this channel."))
    else:
        await context.say(_("Characters now only answer when mentioned or replied to."))


async def open_chat(
    context: CommandContext, character_ids: list[int] | None, mode: Mode | None
) -> str:
    """Switches the chat on, shows the greeting, and says what to expect."""
    engine, place = context.engine, context.place
    before = await begin_reading(context)
    wished = mode or before
    greeting = await engine.start(place, context.actor, character_ids, wished)
    names = ", ".join(f"**{name}**" for name in (await engine.scene(place)).names)
    lines = [
        _("{names} will answer every message here.", names=names)
        if wished == "every"
        else _("{names} will answer when mentioned or replied to.", names=names)
    ]
    if greeting is not None and (refused := await _show_greeting(context, greeting)):
        lines.append(refused)
    if not context.channel.runtime.content_intent:
        lines.append(
            _(
                "I can't read messages here until the bot's owner turns on “Message Content "
                "Intent”. For now, mention me or use `/chat say`."
            )
        )
    if await engine.models.connection(place) is None:
        lines.append(_("There's no model yet. Choose one with `/connect use`."))
    return "\n".join(lines)


async def _show_greeting(context: CommandContext, greeting: Message) -> str | None:
    """What Discord refused it with; the chat goes on without it."""
    try:
        await context.channel.show_message(greeting)
    except discord.HTTPException as error:
        return refusal(error, greeting.name) or explain(error)
    return None


async def begin_reading(context: CommandContext) -> str:
    """Notes where reading begins if the chat was off. Returns the mode it has, or had best have.

    After a restart what was missed is read back; what was said while the chat was off is not.
    """
    options = await context.services.options.resolve(context.place)
    if options[CHAT_MODE] != "off":
        return options[CHAT_MODE]
    await context.engine.mark_seen(context.place, context.interaction.id)
    return "every" if context.channel.runtime.content_intent else "mention"
