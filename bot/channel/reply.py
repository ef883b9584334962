"""What a stream of a reply shows, and where: a reply that is being written or a stored message."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.channel.buttons import Row
from bot.channel.message_diff import ShownMessage
from bot.limits.request_scheduler import RequestScheduler
from bot.outgoing.senders import Sender
from core.chat.message import Message, State
from core.errors import TavernError
from core.reply.reply_run import Phase, ReplyRun, Snapshot, Speaker


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A message as it is stored, shown like a reply that has just ended."""

    message_id: int
    swipe: int
    swipes: int
    speaker: Speaker
    discord_ids: tuple[int, ...]
    snapshot: Snapshot
    error: TavernError | None = None

    @classmethod
    def of(cls, message: Message, speaker: Speaker) -> "StoredReply":
        phase = Phase.CUT if message.state is State.CUT else Phase.DONE
        snapshot = Snapshot(message.text, phase)
        ids, swipes = message.discord_ids, len(message.swipes)
        return cls(message.id, message.active, swipes, speaker, ids, snapshot)

    async def __aiter__(self) -> AsyncGenerator[Snapshot, None]:
        yield self.snapshot


Reply: TypeAlias = ReplyRun | StoredReply


class Output(Protocol):
    """Where a reply is shown: one channel, as far as a stream needs to know it."""

    most_messages: int
    """How many Discord messages one reply may take."""
    scheduler: RequestScheduler

    async def sender(self, speaker: Speaker) -> Sender:
        """Who posts for this speaker: its webhook, or the bot."""

    def own_sender(self, speaker: Speaker | None = None) -> Sender:
        """The bot itself, with the speaker's name in bold or for itself."""

    def lost(self, sender: Sender) -> None:
        """The sender's webhook is gone."""

    async def edit(self, message: ShownMessage, text: str | None, row: Row | None) -> None:
        """Changes what is given."""

    async def delete(self, message: ShownMessage) -> None:
        """Takes back one message of a story's message that goes on in others."""

    async def sweep(self, ids: Sequence[int]) -> None:
        """Takes back messages that can no longer be edited, where the bot may delete at all."""

    def newest(self) -> int:
        """The newest message in the channel; posts of ours come after it."""

    def link(self, message_id: int) -> str:
        """The address of one of the channel's messages."""

    def posted(self, message_id: int, sender: Sender) -> None:
        """A message of ours appeared: the buttons above it go."""

    async def shown(self, reply: Reply, ids: Sequence[int], lengths: Sequence[int]) -> None:
        """Stores which Discord messages show the reply."""

    def typing_off(self) -> None: ...
