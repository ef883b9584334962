"""Discord's channels and members told as places and people of the core."""

import discord

from core.chat.place import Actor, Place


def place_of(channel: object, person_id: int | None = None) -> Place | None:
    """The conversation's place; None for channels nobody talks in.

    `person_id` is the human of a direct message, for channels known by id only.
    """
    if isinstance(channel, discord.Thread):
        parent = channel.parent
        return Place(
            channel_id=channel.parent_id,
            guild_id=channel.guild.id,
            category_id=parent.category_id if parent is not None else None,
            thread_id=channel.id,
            adult=_is_adult(parent),
        )
    if isinstance(channel, discord.abc.GuildChannel):
        if not isinstance(channel, discord.abc.Messageable):
            return None
        return Place(
            channel_id=channel.id,
            guild_id=channel.guild.id,
            category_id=channel.category_id,
            adult=_is_adult(channel),
        )
    if isinstance(channel, discord.DMChannel):
        recipient = channel.recipient.id if channel.recipient is not None else person_id
        return Place(channel_id=channel.id, person_id=recipient)
    if isinstance(channel, discord.PartialMessageable) and channel.guild_id is None:
        return Place(channel_id=channel.id, person_id=person_id)
    return None


def actor_of(user: discord.abc.User, place: Place, owners: frozenset[int] = frozenset()) -> Actor:
    """Who acts. Managers are those who may manage the server; in a DM everyone is."""
    manages = isinstance(user, discord.Member) and user.guild_permissions.manage_guild
    return Actor(
        id=user.id,
        name=user.display_name,
        manager=manages or place.guild_id is None,
        owner=user.id in owners,
    )


def _is_adult(channel: object) -> bool:
    """A server marked as age-restricted as a whole counts for all its channels."""
    guild = getattr(channel, "guild", None)
    level = getattr(guild, "nsfw_level", discord.NSFWLevel.default)
    restricted = (discord.NSFWLevel.explicit, discord.NSFWLevel.age_restricted)
    return bool(getattr(channel, "nsfw", False)) or level in restricted
