"""What is remembered of a story's token counts from reply to reply, and with its messages."""

import zlib
from dataclasses import dataclass, field

from cachetools import LRUCache

from core.chat.history import History
from core.chat.message import Message
from core.engine.reply_input import LineCache
from core.prompt.budget.running_window import RunningSums
from core.prompt.context import HistoryMessage
from core.storage.messages import Counts

STORIES = 64


@dataclass(slots=True)
class SpeakerCounts:
    """A speaker's counts in one story by one tokenizer. `key` names it, empty for an estimate."""

    key: str
    history: History
    sums: RunningSums = field(default_factory=RunningSums)

    def stored(self) -> "StoredCounts | None":
        """For one build of a prompt: what the messages already know. None for an estimate."""
        return StoredCounts(self.key, self.history) if self.key else None


class StoredCounts:
    """Counts that are stored with messages, valid for the very text they were made of."""

    def __init__(self, key: str, history: History) -> None:
        self._key = key
        self._of = f"{key}.text"
        self._history = history
        self._fresh: dict[int, tuple[str, int]] = {}

    def get(self, line: HistoryMessage, text: str) -> int | None:
        message = None if line.id is None else self._history.find(line.id)
        if message is None or message.counts.get(self._of) != digest(text):
            return None
        return message.counts.get(self._key)

    def put(self, line: HistoryMessage, text: str, count: int) -> None:
        """Keeps a count until it is stored."""
        if line.id is not None:
            self._fresh[line.id] = (text, count)

    def take(self) -> Counts:
        """Those that are not yet stored."""
        taken: list[tuple[Message, int]] = []
        for id_, (text, count) in self._fresh.items():
            message = self._history.find(id_)
            if message is not None:
                # A memory of the message's, not a part of what it is.
                message.counts.update({self._key: count, self._of: digest(text)})
                taken.append((message, count))
        self._fresh.clear()
        return Counts(self._key, taken)


class CountCache:
    """Counts and lines of the stories that were told last."""

    def __init__(self) -> None:
        self._speakers: LRUCache[tuple[int, int, str], SpeakerCounts] = LRUCache(STORIES)
        self._lines: LRUCache[int, LineCache] = LRUCache(STORIES)

    def lines(self, story_id: int) -> LineCache:
        return self._lines.setdefault(story_id, LineCache())

    def of(self, history: History, story_id: int, speaker_id: int, key: str) -> SpeakerCounts:
        """What is known of a speaker's counts; nothing where history or tokenizer is another."""
        place = (story_id, speaker_id, key)
        known = self._speakers.get(place)
        if known is None or known.history is not history:
            known = self._speakers[place] = SpeakerCounts(key, history)
        return known


def digest(text: str) -> int:
    """A number that changes with the text."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
