"""Who may manage: told by Discord, never assumed in a server."""

from types import SimpleNamespace
from typing import Any

from bot.incoming.identity import actor_of
from core.chat.place import Place


def test_an_author_without_membership_manages_no_server() -> None:
    person: Any = SimpleNamespace(id=5, display_name="Ben")
    assert not actor_of(person, Place(channel_id=1, guild_id=2)).manager
    assert actor_of(person, Place(channel_id=1, person_id=5)).manager
