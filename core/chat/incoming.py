"""A line somebody wrote, as the bot hands it to the engine."""

from dataclasses import dataclass

from core.chat.message import Attachment
from core.chat.place import Place


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a person. `text` is cleaned for the prompt, not Discord's raw markup."""

    discord_id: int
    place: Place
    author_id: int
    author_name: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: int | None = None
    """Discord id of the message this one replies to."""
    addressed: bool = False
    """Mentions the bot, or replies to it or to one of its characters."""
    created: int = 0
    """UTC milliseconds."""
    fresh: bool = True
    """False for messages read back at start that are too old to be answered."""
