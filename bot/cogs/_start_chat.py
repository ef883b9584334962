"""How a chat begins: the characters are set, the greeting appears in the channel."""

from typing import Literal

from bot.command_context import CommandContext
from bot.i18n import _
from core.options.table import CHAT_MODE

Mode = Literal["every", "mention"]


async def open_chat(
    context: CommandContext, character_ids: list[int] | None, mode: Mode | None
) -> str:
    """Switches the chat on, shows the greeting, and says what to expect."""
    engine, place = context.engine, context.place
    present = await begin_reading(context)
    wished = mode or present
    greeting = await engine.start(place, context.actor, character_ids, wished)
    if greeting is not None:
        await context.channel.show_message(greeting)
    cast = (await engine.scene(place)).names
    lines = [
        _("{names} will answer every message here.", names=names(cast))
        if wished == "every"
        else _("{names} will answer when mentioned or replied to.", names=names(cast))
    ]
    if not context.runtime.content_intent:
        lines.append(
            _(
                "I can't read messages here until the bot's owner turns on “Message Content "
                "Intent”. For now, mention me or use `/chat say`."
            )
        )
    if await engine.models.connection(place) is None:
        lines.append(_("There's no model yet. Choose one with `/connect use`."))
    return "\n".join(lines)


async def begin_reading(context: CommandContext) -> str:
    """Notes where reading begins if the chat was off. Returns the mode it has, or had best have.

    After a restart what was missed is read back; what was said while the chat was off is not.
    """
    options = await context.services.options.resolve(context.place)
    if options[CHAT_MODE] != "off":
        return options[CHAT_MODE]
    await context.engine.mark_seen(context.place, context.interaction.id)
    return "every" if context.runtime.content_intent else "mention"


def names(cast: list[str]) -> str:
    """The characters' names as a list."""
    return ", ".join(f"**{name}**" for name in cast)
