"""What a take can show: a reply that is being written, or a turn as it is stored."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from core.chat.message import Message, State
from core.errors import TavernError
from core.reply.generation import Phase, Snapshot, Speaker


class Reply(Protocol):
    """What a take shows: a running `Generation`, or a `Still`."""

    @property
    def message_id(self) -> int:
        """Our id of the turn."""

    @property
    def swipe(self) -> int:
        """Which alternative it is, from 0."""

    @property
    def swipes(self) -> int:
        """How many alternatives there are."""

    @property
    def speaker(self) -> Speaker:
        """Who speaks."""

    @property
    def discord_ids(self) -> tuple[int, ...]:
        """The messages that show the turn already."""

    @property
    def error(self) -> TavernError | None:
        """Why it ended early."""

    def __aiter__(self) -> AsyncIterator[Snapshot]: ...


@dataclass(frozen=True, slots=True)
class Still:
    """A turn as it is stored, shown like a reply that has just ended."""

    message: Message
    speaker: Speaker
    error: TavernError | None = None

    @property
    def message_id(self) -> int:
        """Our id of the turn."""
        return self.message.id

    @property
    def swipe(self) -> int:
        """The active alternative."""
        return self.message.active

    @property
    def swipes(self) -> int:
        """How many alternatives there are."""
        return len(self.message.swipes)

    @property
    def discord_ids(self) -> tuple[int, ...]:
        """The messages that show the turn already."""
        return self.message.discord_ids

    def __aiter__(self) -> AsyncIterator[Snapshot]:
        return self._once()

    async def _once(self) -> AsyncGenerator[Snapshot, None]:
        phase = Phase.CUT if self.message.state is State.CUT else Phase.DONE
        yield Snapshot(self.message.text, phase)
