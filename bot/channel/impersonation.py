"""Names that a character must not pass for: a server's moderators and the bot itself."""

from collections import OrderedDict

import discord

_KEPT = 200


class Impersonation:
    """Learns of moderators as they speak: the list of members needs a privileged intent."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._seen: dict[int, OrderedDict[int, str]] = {}

    def note(self, person: discord.abc.User) -> None:
        """Remembers a member who may manage the server or its messages."""
        if not isinstance(person, discord.Member) or not _moderates(person):
            return
        seen = self._seen.setdefault(person.guild.id, OrderedDict())
        seen[person.id] = person.display_name
        seen.move_to_end(person.id)
        while len(seen) > _KEPT:
            seen.popitem(last=False)

    def names(self, guild: discord.Guild | None) -> set[str]:
        """Names that are taken in this server."""
        user = self._client.user
        names = {user.name, user.display_name} if user is not None else set()
        if guild is not None:
            names |= set(self._seen.get(guild.id, {}).values())
            names |= {person.display_name for person in guild.members if _moderates(person)}
        return names


def _moderates(person: discord.Member) -> bool:
    rights = person.guild_permissions
    return person.bot is False and (rights.manage_guild or rights.manage_messages)
