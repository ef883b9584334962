"""What people should see of a reply: its words cut into messages, small print and buttons."""

from collections.abc import Sequence

from bot.channel.buttons import BARE, Row, RowKind
from bot.channel.footer import note_lines
from bot.channel.message_diff import MessageDiff, Wanted
from bot.channel.placeholder import waiting_line
from bot.channel.reply import Reply
from bot.discord_text.open_markup import OpenMarkup, closed
from bot.discord_text.splitter import LIMIT, cut, is_blank
from bot.i18n import _
from bot.wording.errors import explain, tell
from core.reply.reply_run import Phase, Snapshot
from core.untrusted.surrogates import join_surrogates, utf16_length


class ReplyComposer:
    """`before`: the buttons to bring back when nothing new comes; `running`: those meanwhile."""

    def __init__(self, reply: Reply, most_messages: int, before: Row, running: Row) -> None:
        self._reply = reply
        self._most_messages = most_messages
        self._before = before
        self._running = running
        self.snapshot = Snapshot("", Phase.QUEUED)
        self.over = False
        self.heading = ""
        """Stands above the words: the way to an older message that can no longer be edited."""
        self.lengths: list[int] = []
        """Characters of the reply's text in each message."""
        self._final_row: Row | None = None
        self._error_told: str | None = None

    @property
    def is_blank(self) -> bool:
        return is_blank(self.snapshot.text)

    @property
    def is_error(self) -> bool:
        """Whether the bot has to say that nothing came."""
        failed = self.snapshot.phase is Phase.FAILED and self._reply.error is not None
        return self.over and self.is_blank and failed

    def wanted(self, diff: MessageDiff, prefix: str) -> Wanted:
        """What should stand in the channel, given what does; `prefix` begins the first message."""
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
        whole = cut(front + join_surrogates(self.snapshot.text))
        kept = whole[: self._most_messages]
        self.lengths = [len(part.body) for part in kept]
        self.lengths[0] = max(0, self.lengths[0] - len(front))
        notes = self._notes() if self.over else []
        if len(whole) > len(kept):
            notes.append(_("The rest is too long for Discord, but it's saved in the story."))
        *texts, last = _with_notes([part.shown for part in kept], notes)
        return [*((text, BARE) for text in texts), (last, self._last_row())]

    def _without_reply(self, diff: MessageDiff) -> Wanted:
        if diff.adopted:
            return _untouched(diff, self._before)
        if not self.is_error:
            return []
        if self._error_told is None:
            assert self._reply.error is not None
            self._error_told = tell(self._reply.error, "reply")
        return [(f"⚠ {self._error_told}", self._last_row())]

    def _last_row(self) -> Row:
        if not self.over:
            return self._running
        if self._final_row is None:
            self._final_row = self._row_of_reply()
        return self._final_row

    def _row_of_reply(self) -> Row:
        reply = self._reply
        if self.is_blank:
            return Row(RowKind.FAILED)
        if reply.speaker.character_id is None:
            # A person's own words, or those of somebody who is gone: nothing to tell anew.
            return BARE
        early = self.snapshot.phase is not Phase.DONE
        swipes = max(reply.swipes, reply.swipe + 1)
        return Row(RowKind.REPLY, reply.message_id, reply.swipe, swipes, early)

    def _notes(self) -> list[str]:
        snapshot, error = self.snapshot, self._reply.error
        notes = note_lines(snapshot.notes, snapshot.citations, snapshot.thoughts)
        if snapshot.phase is Phase.CUT:
            told = explain(error) if error is not None else None
            cut_off = _("This reply was cut off. Press Continue to get the rest.")
            notes.append(f"✂ {told or cut_off}")
        return notes


def _untouched(diff: MessageDiff, row: Row) -> Wanted:
    """The words that stand there, with other buttons."""
    return [(None, BARE)] * (len(diff.messages) - 1) + [(None, row)]


def _with_notes(parts: list[str], notes: Sequence[str]) -> list[str]:
    """Small print under the last part, or in a message of its own where there is no room."""
    if not notes:
        return parts
    small = "\n".join(f"-# {note}" for note in notes)
    last = parts[-1] + closed(OpenMarkup().after(parts[-1]).open) + "\n" + small
    return [*parts[:-1], last] if utf16_length(last) <= LIMIT else [*parts, small]
