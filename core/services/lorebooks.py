"""Lorebooks as commands use them, and which of them are active for a reply."""

from core.lorebook import Sources
from core.storage.library import StoredCharacter
from core.storage.personas import StoredPersona
from core.storage.session import Session


class Lorebooks:
    """The lorebooks in reach of a place."""

    async def active(
        self, session: Session, speaker: StoredCharacter, persona: StoredPersona | None
    ) -> Sources:
        """The books that are scanned for a reply of this speaker."""
        return Sources()
