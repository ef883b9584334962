"""Turns Discord's markup into words a model can read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

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


@dataclass(frozen=True, slots=True)
class MentionNames:
    """What the ids in a text are called. `self_id` is the bot, whose mention is only an address."""

    people: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[int, str] = field(default_factory=dict)
    channels: Callable[[int], str | None] = lambda channel_id: None
    zone: tzinfo = UTC
    self_id: int = 0


def plain(text: str, names: MentionNames) -> str:
    """The text with names for mentions, readable times, `:emoji:`, and no spoiler bars."""
    if names.self_id:
        text = regex.sub(
            rf"\A\s*<@!?{names.self_id}>[,:]?\s*|\s*<@!?{names.self_id}>\s*\Z", "", text
        )
    text = _markup.sub(lambda found: _word(found, names), text)
    return _spoiler.sub(r"\1", text)


def without_asides(text: str) -> str:
    """What is left without lines that begin with `//` or stand wholly in `((…))`."""
    return _aside.sub("", text)


def _word(found: "regex.Match[str]", names: MentionNames) -> str:
    if found["person"]:
        return names.people.get(int(found["person"]), "someone")
    if found["role"]:
        return names.roles.get(int(found["role"]), "a group")
    if found["channel"]:
        return "#" + (names.channels(int(found["channel"])) or "another-channel")
    if found["emoji"]:
        return f":{found['emoji']}:"
    if found["command"]:
        return f"/{found['command']}"
    if found["guide"]:
        return f"#{found['guide']}"
    return _time(int(found["time"]), found["style"] or "f", names.zone)


def _time(seconds: int, style: str, zone: tzinfo) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, zone)
    except (ValueError, OverflowError, OSError):
        return "some time"
    return moment.strftime(_STYLES.get(style, "%d %B %Y %H:%M")).lstrip("0")
