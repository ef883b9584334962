"""The two shapes of a request."""

from enum import StrEnum


class Kind(StrEnum):
    """The shape of a request: one string to continue, or a list of messages."""

    TEXT = "text"
    CHAT = "chat"
