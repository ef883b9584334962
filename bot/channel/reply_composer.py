"""What people should see of a reply, what Discord shows, and the next request between the two."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from bot.channel.buttons import BARE, Row, RowKind
from bot.channel.small_print import note_lines, waiting_line
from bot.discord_text.html import readable, without_unfinished
from bot.discord_text.splitter import LIMIT, OpenMarkup, cut, is_blank
from bot.i18n import _
from bot.webhooks import Sender
from bot.wording.errors import explain, tell
from core.chat.message import Message, State
from core.errors import BudgetExceeded, TavernError
from core.reply.adverts import without_links
from core.reply.reply_run import Phase, ReplyRun, Shown, Snapshot, Speaker
from core.untrusted.surrogates import join_surrogates, utf16_length

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
    body: str | None = None
    """The part of the reply's text in it; None where it stands as it did before the reply."""


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


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A message as it is stored, shown like a reply that has just ended."""

    message_id: int
    swipe: int
    swipes: int
    speaker: Speaker
    discord_ids: tuple[int, ...]
    snapshot: Snapshot
    text: Shown
    error: TavernError | None = None

    @classmethod
    def of(cls, message: Message, speaker: Speaker, text: Shown) -> "StoredReply":
        """`text`: what people see of the message's."""
        return cls(
            message_id=message.id,
            swipe=message.active,
            swipes=len(message.swipes),
            speaker=speaker,
            discord_ids=message.discord_ids,
            snapshot=Snapshot(
                message.text, Phase.CUT if message.state is State.CUT else Phase.DONE
            ),
            text=text,
        )

    async def __aiter__(self) -> AsyncGenerator[Snapshot, None]:
        yield self.snapshot

    async def shown(self, snapshot: Snapshot) -> Shown:
        return self.text


Reply: TypeAlias = ReplyRun | StoredReply


class ReplyComposer:
    """`before`: the buttons to bring back when nothing new comes; `running`: those meanwhile."""

    def __init__(self, reply: Reply, most_messages: int, before: Row, running: Row) -> None:
        self._reply = reply
        self._most_messages = most_messages
        self._before = before
        self._running = running
        self.snapshot = Snapshot("", Phase.QUEUED)
        self._shown = ""
        """The snapshot's text as people are to see it."""
        self.over = False
        self.heading = ""
        """Stands above the words: the way to an older message that can no longer be edited."""
        self.bodies: list[str] = []
        """The part of the reply's text in each message."""
        self.breaks_links = False
        """Discord refused a link: none of them can be followed."""
        self.frozen = False
        """Discord takes no more of this text: what stands there stays, with its last buttons."""

    def show(self, shown: Shown, *, last: bool) -> None:
        """Takes over what people are to see of the snapshot; `last`: no more will come."""
        text = shown.text
        if shown.plain_html:
            text = readable(text if last else without_unfinished(text))
        if last and is_blank(text) and not is_blank(self.snapshot.text):
            by_scripts = is_blank(shown.text)
            told = (
                _("Regex scripts hide all of this reply.")
                if by_scripts
                else _("The model answered nothing that can be shown.")
            )
            text = f"-# {told}"
        self._shown = text

    @property
    def is_blank(self) -> bool:
        return is_blank(self._shown)

    @property
    def text(self) -> str:
        """The words that have come, as they may be shown."""
        return self._written(self._shown)

    @property
    def stored_text(self) -> str:
        """The words as they are stored where Discord took them."""
        return self._written(self.snapshot.text)

    def _written(self, text: str) -> str:
        text = join_surrogates(text)
        return without_links(text) if self.breaks_links else text

    @property
    def is_error(self) -> bool:
        """Whether the bot has to say that nothing came."""
        failed = self.snapshot.phase is Phase.FAILED and self._reply.error is not None
        return self.over and self.is_blank and failed

    def wanted(self, diff: MessageDiff, prefix: str) -> Wanted:
        """What should stand in the channel, given what does; `prefix` begins the first message."""
        if self.frozen:
            return _untouched(diff, self._frozen_row(diff)) if diff.messages else []
        if (self.snapshot.phase is Phase.STREAMING or self.over) and not self.is_blank:
            return self._with_words(self.heading + prefix)
        if self.over:
            return self._without_reply(diff)
        if diff.adopted:
            return _untouched(diff, self._running)
        if self.snapshot.wait is not None:
            return [(waiting_line(self.snapshot.wait), self._running)]
        return [(None, self._running)] if diff.messages else []

    def _with_words(self, front: str) -> Wanted:
        whole = cut(front + self.text)
        kept = whole[: self._most_messages]
        self.bodies = [part.body for part in kept]
        self.bodies[0] = self.bodies[0][len(front) :]
        notes = self._notes() if self.over else []
        if self.over and self.breaks_links:
            notes.append(_("Discord refused a link in this reply, so its links can't be opened."))
        if len(whole) > len(kept):
            notes.append(_("The rest is too long for Discord, but it's saved in the story."))
        *texts, last = _with_notes([part.shown for part in kept], notes)
        return [*((text, BARE) for text in texts), (last, self._last_row())]

    def _without_reply(self, diff: MessageDiff) -> Wanted:
        if diff.adopted:
            return _untouched(diff, self._before)
        if not self.is_error:
            return []
        return [(f"⚠ {self._error_told}", self._last_row())]

    def _frozen_row(self, diff: MessageDiff) -> Row:
        if not self.over:
            return self._running
        if all(message.body is None for message in diff.messages):
            return self._before
        return replace(self._final_row, cut=True)

    def _last_row(self) -> Row:
        return self._final_row if self.over else self._running

    # Both once only: telling logs, and a row has a version of its own.

    @cached_property
    def _error_told(self) -> str:
        assert self._reply.error is not None
        return tell(self._reply.error, "reply")

    @cached_property
    def _final_row(self) -> Row:
        reply = self._reply
        if self.is_blank:
            has_room = not isinstance(reply.error, BudgetExceeded)
            return Row(RowKind.FAILED if has_room else RowKind.NO_ROOM)
        if reply.speaker.character_id is None:
            # A person's own words, or those of somebody who is gone: nothing to tell anew.
            return BARE
        return Row(
            RowKind.REPLY,
            reply.message_id,
            reply.swipe,
            swipes=max(reply.swipes, reply.swipe + 1),
            cut=self.snapshot.phase is not Phase.DONE,
        )

    def _notes(self) -> list[str]:
        snapshot, error = self.snapshot, self._reply.error
        notes = note_lines(snapshot.notes, snapshot.citations, snapshot.thoughts)
        if snapshot.phase is Phase.CUT:
            told = explain(error) if error is not None else None
            told = told or _("This reply was cut off.")
            notes.append(f"✂ {told}")
        return notes


def _untouched(diff: MessageDiff, row: Row) -> Wanted:
    """The words that stand there, with other buttons."""
    return [(None, BARE)] * (len(diff.messages) - 1) + [(None, row)]


def _with_notes(parts: list[str], notes: Sequence[str]) -> list[str]:
    """Small print under the last part, or in a message of its own where there is no room."""
    if not notes:
        return parts
    small = "\n".join(f"-# {note}" for note in notes)
    last = parts[-1] + OpenMarkup().after(parts[-1]).closing + "\n" + small
    return [*parts[:-1], last] if utf16_length(last) <= LIMIT else [*parts, small]
