"""Stop strings: which are set, which are sent, and which are cut here."""

import json
from collections.abc import Sequence

from bot.command_context import CommandContext
from bot.i18n import _
from core.engine.requests import sent_stops, stops_of
from core.errors import NotAllowed, NotConfigured
from core.options.table import CUSTOM_STOP
from core.prompt.stop_strings import read_stops

SHOWN = 900
"""Characters of one list."""


def listed(stops: Sequence[str]) -> str:
    """The strings as JSON, so that line breaks can be seen."""
    text = json.dumps(list(stops), ensure_ascii=False).replace("`", "ˋ")
    return f"`{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}`"


def custom_line(stops: Sequence[str]) -> str:
    """Those that were set here."""
    if not stops:
        return _("This channel has no extra stop strings.")
    return _("Extra stop strings in this channel: {stops}", stops=listed(stops))


async def set_stops(context: CommandContext, strings: str) -> str:
    """Further stop strings, written as a JSON list."""
    stops = read_stops(strings)
    await context.set(CUSTOM_STOP, stops)
    return custom_line(stops) + "\n" + _("-# See where they apply with `/connect stop show`.")


async def stop_lines(context: CommandContext) -> list[str]:
    """All stop strings of the next reply. Where no reply is possible yet, the set ones."""
    options = await context.services.options.resolve(context.place)
    own: list[str] = options[CUSTOM_STOP]
    lines = [custom_line(own)]
    try:
        reply_input, prompt = await context.engine.inspect(context.place, context.actor)
    except (NotConfigured, NotAllowed):
        return lines
    stops = stops_of(reply_input, prompt)
    sent = sent_stops(reply_input, stops)
    kept = [stop for stop in stops if stop not in sent]
    if sent:
        lines.append(_("Sent to {name}: {stops}", name=reply_input.spec.name, stops=listed(sent)))
    else:
        lines.append(_("None are sent to {name}.", name=reply_input.spec.name))
    if kept:
        lines.append(_("Handled by the bot: {stops}", stops=listed(kept)))
    lines.append(_("-# The bot ends a reply at any of them, whatever the server does."))
    return lines
