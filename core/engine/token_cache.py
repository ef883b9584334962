"""What is remembered of a story's token counts from reply to reply, and with its messages."""

import zlib
from collections import OrderedDict
from dataclasses import dataclass, field

from core.chat.history import History
from core.chat.message import Message
from core.engine.reply_input import Lines
from core.models_in_use.counted import Counted
from core.prompt.budget.running_sums import RunningSums
from core.prompt.context import HistoryMessage

STORIES = 64


@dataclass(slots=True)
class Page:
    """One story's counts by one tokenizer. `key` names the tokenizer, empty for an estimate."""

    key: str
    history: History
    sums: RunningSums = field(default_factory=RunningSums)

    def counts(self) -> "StoredCounts | None":
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
        """Tokens of the formatted message."""
        turn = self._turn(line)
        if turn is None or turn.counts.get(self._of) != digest(text):
            return None
        return turn.counts.get(self._key)

    def put(self, line: HistoryMessage, text: str, count: int) -> None:
        """Keeps a count until it is stored."""
        if line.id is not None:
            self._fresh[line.id] = (text, count)

    def take(self) -> list[tuple[Message, int]]:
        """Messages with counts that are not yet stored."""
        taken = []
        for id_, (text, count) in self._fresh.items():
            turn = self._history.find(id_)
            if turn is not None:
                # A memory of the message's, not a part of what it is.
                turn.counts.update({self._key: count, self._of: digest(text)})
                taken.append((turn, count))
        self._fresh.clear()
        return taken

    def _turn(self, line: HistoryMessage) -> Message | None:
        return None if line.id is None else self._history.find(line.id)


class TokenCache:
    """Pages and lines of the stories that were told last."""

    def __init__(self) -> None:
        self._pages: OrderedDict[tuple[int, int, str], Page] = OrderedDict()
        self._lines: OrderedDict[int, Lines] = OrderedDict()

    def lines(self, story_id: int) -> Lines:
        """What a story's turns look like to the prompt builder."""
        lines = self._lines.setdefault(story_id, Lines())
        self._lines.move_to_end(story_id)
        while len(self._lines) > STORIES:
            self._lines.popitem(last=False)
        return lines

    def page(self, history: History, story_id: int, speaker_id: int, counted: Counted) -> Page:
        """The page of a story's speaker; a new one where history or tokenizer is another."""
        key = counted.key
        place = (story_id, speaker_id, key)
        page = self._pages.get(place)
        if page is None or page.history is not history:
            page = self._pages[place] = Page(key, history)
        self._pages.move_to_end(place)
        while len(self._pages) > STORIES:
            self._pages.popitem(last=False)
        return page


def digest(text: str) -> int:
    """A number that changes with the text."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
