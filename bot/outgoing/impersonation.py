"""Names that a character must not pass for: a server's moderators and the bot itself."""

from collections import defaultdict

import discord
from cachetools import LRUCache

from bot.outgoing.senders import Room

_MOST_MODERATORS = 200


class Impersonation:
    """Learns of moderators as they speak: the list of members needs a privileged intent."""

    def __init__(self, user: discord.ClientUser) -> None:
        self.user = user
        self._moderators: defaultdict[int, LRUCache[int, str]] = defaultdict(
            lambda: LRUCache(_MOST_MODERATORS)
        )

    def note(self, person: discord.abc.User) -> None:
        """Remembers a member who may manage the server or its messages."""
        if isinstance(person, discord.Member) and _moderates(person):
            self._moderators[person.guild.id][person.id] = person.display_name

    def names(self, room: Room) -> set[str]:
        """Names that are taken where this is written."""
        guild = getattr(room, "guild", None)
        if guild is None:
            return {self.user.name, self.user.display_name}
        names = {guild.me.name, guild.me.global_name or guild.me.name}
        names.update(self._moderators[guild.id].values())
        names.update(person.display_name for person in guild.members if _moderates(person))
        return names


def _moderates(person: discord.Member) -> bool:
    rights = person.guild_permissions
    return person.bot is False and (rights.manage_guild or rights.manage_messages)
