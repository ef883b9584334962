"""Decides how much of the chat a chat prompt keeps."""

from collections.abc import Iterator
from typing import Protocol


class ChatWindowPolicy(Protocol):
    """A rule for what leaves the window. Nothing else depends on which one works."""

    def keep(self, costs: Iterator[int], room: int) -> int:
        """How many of the newest messages stay. `costs` come newest first, when asked for."""
        ...


class ExactChatWindow:
    """SillyTavern's: from the newest on, up to the first message that does not fit."""

    def keep(self, costs: Iterator[int], room: int) -> int:
        """The number of messages that fit."""
        kept = 0
        for cost in costs:
            if cost > room:
                break
            room -= cost
            kept += 1
        return kept
