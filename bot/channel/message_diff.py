"""The Discord messages that show one reply, and the next request that brings them up to date."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from bot.channel.buttons import Row
from bot.outgoing.senders import Sender

Wanted: TypeAlias = Sequence[tuple[str | None, Row]]
"""Text and buttons of each message; text None: leave it as it is."""


class Act(StrEnum):
    """What a step does."""

    POST = "post"
    EDIT = "edit"
    DELETE = "delete"


@dataclass(slots=True)
class ShownMessage:
    """One message as Discord has it now; None: not known."""

    id: int
    sender: Sender
    text: str | None = None
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One request. An edit carries what differs only."""

    act: Act
    index: int
    text: str | None = None
    row: Row | None = None


@dataclass(slots=True)
class MessageDiff:
    """All Discord messages of a reply, in order."""

    messages: list[ShownMessage] = field(default_factory=list)
    adopted: bool = False
    """Whether they stood there before the reply began."""

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(message.id for message in self.messages)

    def step(self, wanted: Wanted) -> Step | None:
        """The first thing to do so that people see `wanted`; None when they do.

        Earlier messages are brought up to date before later ones are posted, so that at no moment
        a sentence stands in two of them.
        """
        for index, (text, row) in enumerate(wanted):
            if index == len(self.messages):
                return Step(Act.POST, index, text or "", row)
            message = self.messages[index]
            new_text = text if text is not None and text != message.text else None
            new_row = row if row != message.row else None
            if new_text is not None or new_row is not None:
                return Step(Act.EDIT, index, new_text, new_row)
        if len(self.messages) > len(wanted):
            return Step(Act.DELETE, len(self.messages) - 1)
        return None

    # What Discord has taken

    def posted(self, step: Step, message_id: int, sender: Sender) -> None:
        self.messages.append(ShownMessage(message_id, sender, step.text, step.row))

    def edited(self, step: Step) -> None:
        message = self.messages[step.index]
        message.text = message.text if step.text is None else step.text
        message.row = message.row if step.row is None else step.row

    def deleted(self, step: Step) -> None:
        del self.messages[step.index]
