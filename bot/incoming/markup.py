"""Turns Discord's markup into words a model can read."""

from datetime import datetime, tzinfo

import discord
import regex

_markup = regex.compile(
    r"<@!?(?P<person>\d+)>|<@&(?P<role>\d+)>|<#(?P<channel>\d+)>"
    r"|<a?:(?P<emoji>\w{1,64}):\d+>|<t:(?P<time>-?\d{1,17})(?::(?P<style>[tTdDfFRsS]))?>"
    r"|</(?P<command>[^:>\n]{1,100}):\d+>|<id:(?P<guide>[\w-]+)(?::\d+)?>"
)
_spoiler = regex.compile(r"\|\|(.+?)\|\|", regex.DOTALL)
_aside = regex.compile(
    r"^[^\S\n]*//.*(?:\n|\Z)"
    r"|^[^\S\n]*\(\((?:(?!\)\)).)*+\)\)[^\S\n]*(?:\n|\Z)"
    r"|^\s*+\(\((?:(?!\)\))[\s\S])*+\)\)\s*+\Z",
    regex.MULTILINE,
)

_STYLES = {
    "t": "%H:%M",
    "T": "%H:%M:%S",
    "d": "%d %B %Y",
    "D": "%d %B %Y",
    "F": "%A, %d %B %Y %H:%M",
}


def plain(text: str, message: discord.Message, self_id: int, zone: tzinfo) -> str:
    """The text with names for mentions, readable times, `:emoji:`, and no spoiler bars.

    `message` is where the text stands; the bot's own mention, `self_id`, is only an address.
    """
    text = regex.sub(rf"\A\s*<@!?{self_id}>[,:]?\s*|\s*<@!?{self_id}>\s*\Z", "", text)
    text = _markup.sub(lambda found: _word(found, message, zone), text)
    return _spoiler.sub(r"\1", text)


def without_asides(text: str) -> str:
    """What is left without lines that begin with `//` or stand wholly in `((…))`."""
    return _aside.sub("", text)


def _word(found: "regex.Match[str]", message: discord.Message, zone: tzinfo) -> str:
    match found.lastgroup:
        case "person":
            person = discord.utils.get(message.mentions, id=int(found["person"]))
            return person.display_name if person is not None else "someone"
        case "role":
            role = discord.utils.get(message.role_mentions, id=int(found["role"]))
            return role.name if role is not None else "a group"
        case "channel":
            guild = message.guild
            channel = guild.get_channel_or_thread(int(found["channel"])) if guild else None
            return f"#{channel.name if channel is not None else 'another-channel'}"
        case "emoji":
            return f":{found['emoji']}:"
        case "command":
            return f"/{found['command']}"
        case "guide":
            return f"#{found['guide']}"
        case _:
            return _time(int(found["time"]), found["style"] or "f", zone)


def _time(seconds: int, style: str, zone: tzinfo) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, zone)
    except (ValueError, OverflowError, OSError):
        return "some time"
    return moment.strftime(_STYLES.get(style, "%d %B %Y %H:%M")).lstrip("0")
