"""The chat as a text prompt sends it: messages and injections, formatted when asked for."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from core.prompt.context import Line, NoteRole, Purpose
from core.prompt.draft import Draft
from core.prompt.inject import Injected, in_chat
from core.prompt.text.instruct import Instruct, Speech, Variant
from core.prompt.text.system_prompt import instructions


@dataclass(frozen=True, slots=True)
class Instructions:
    """Post-history instructions: a person's turn without a name."""

    text: str


Entry = Line | Injected | Instructions


class TextLines:
    """Messages newest first. What was formatted once is remembered for this prompt."""

    def __init__(self, draft: Draft, instruct: Instruct | None) -> None:
        self._draft = draft
        self._instruct = instruct
        self._texts: dict[int, str] = {}
        self._names: dict[str, str] = {}
        # In sequences, {{name}} of a line without a name is the character's, unless it is a
        # person's line, where it is "System". Without instruct mode nothing shows.
        self._nameless = draft.char if instruct else ""
        self.injected: list[int] = []
        self.entries = self._entries()
        self._offset = 0
        self._last_user = self._newest_user()

    def _entries(self) -> list[Entry]:
        """Injections among the messages, then the instructions at the end."""
        entries: list[Entry] = [*reversed(self._draft.core)]
        placed = in_chat(self._draft.injections, self._draft.expand)
        continues = self._draft.continues
        start = 0
        while start < len(placed):
            depth = placed[start].depth
            same = [one for one in placed if one.depth == depth]
            # The message that is continued stays the last one.
            wanted = (1 if continues and depth == 0 else depth) + start
            entries[wanted:wanted] = same
            start += len(same)
        order = {id(one): index for index, one in enumerate(placed)}
        found = [
            (order[id(entry)], index) for index, entry in enumerate(entries) if id(entry) in order
        ]
        self.injected = [index for _, index in sorted(found)]
        # Their macros see what those of the injections have set.
        if said := instructions(self._draft):
            entries.insert(1 if continues and entries else 0, Instructions(said))
            if not continues:
                # Where a message is continued, SillyTavern does not correct the places, so that
                # the wrong messages come first when the budget is short.
                self.injected = [index + 1 for index in self.injected]
        return entries

    def _newest_user(self) -> int:
        """The turn that takes the last input sequence; -1 = none."""
        if self._instruct is None or self._draft.context.purpose is Purpose.IMPERSONATE:
            return -1
        users = (index for index, entry in enumerate(self.entries) if is_user(entry))
        return next(users, -1)

    def take_newest(self) -> str:
        """Takes out the message that is continued and gives its text up to where it goes on."""
        text = self.text(0)
        self._offset = 1
        self.injected = [index - 1 for index in self.injected if index > 0]
        return text

    def __len__(self) -> int:
        # An empty chat still has one empty message, to which the reply's opening is added.
        return max(len(self.entries), 1) - self._offset

    def entry(self, index: int) -> Entry | None:
        """What is formatted at `index`; None for the empty message of an empty chat."""
        return self.entries[index + self._offset] if self.entries else None

    def is_user(self, index: int) -> bool:
        """Whether it is formatted as a person's turn."""
        entry = self.entry(index)
        return entry is not None and is_user(entry)

    @cached_property
    def frame(self) -> Hashable | None:
        """What the format of usual messages depends on, beside the messages themselves.

        None where that is not all, or where a message is continued: the places are shifted then.
        """
        frames = self._instruct.frames if self._instruct else ()
        draft = self._draft
        if frames is None or draft.continues:
            return None
        speakers = (draft.user, draft.char, draft.context.people_named)
        return (*frames, *speakers, draft.guard.frame)

    @cached_property
    def peculiar(self) -> list[int]:
        """Indices of messages that are not formatted as usual for their place, ascending."""
        last = len(self.entries) - 1
        found = {*self.injected, 0, last, self._last_user}
        return sorted(index for index in found if 0 <= index <= last)

    def lines(self, start: int, end: int) -> list[Line]:
        """The usual messages from `start` to before `end`; none of them may be peculiar."""
        return cast(list[Line], self.entries[start:end])

    def text(self, index: int) -> str:
        """The formatted message."""
        index += self._offset
        if index not in self._texts:
            self._texts[index] = self._formatted(index) if self.entries else ""
        return self._texts[index]

    def _formatted(self, index: int) -> str:
        speech = self._speech(self.entries[index])
        continued = index == 0 and self._draft.continues
        if self._instruct is None:
            text = _plain(speech)
            return _until(text, speech.text) if continued else text
        if continued:
            return self._instruct.message_until_text(speech)
        if index == self._last_user:
            return self._instruct.message(speech, Variant.LAST)
        is_oldest = index == len(self.entries) - 1
        return self._instruct.message(speech, Variant.FIRST if is_oldest else Variant.NORMAL)

    def _speech(self, entry: Entry) -> Speech:
        draft = self._draft
        if isinstance(entry, Instructions):
            return Speech("", entry.text, is_user=True)
        if isinstance(entry, Injected):
            if entry.role is NoteRole.SYSTEM:
                return Speech(self._nameless, entry.text, narrator=True)
            person = entry.role is NoteRole.USER
            return Speech(draft.user if person else draft.char, entry.text, is_user=person)
        return Speech(
            self._name(entry.name) or ("" if entry.is_user else self._nameless),
            draft.guard.message(entry),
            entry.is_user,
            entry.narrator,
            entry.borrowed_name,
            draft.context.people_named,
        )

    def _name(self, name: str) -> str:
        if name not in self._names:
            guard = self._draft.guard
            self._names[name] = guard.reveal(guard.name(name))
        return self._names[name]


def is_user(entry: Entry) -> bool:
    """Whether an entry is formatted as a person's turn."""
    if isinstance(entry, Line):
        return entry.is_user
    return isinstance(entry, Instructions) or entry.role is NoteRole.USER


def sources(entries: Sequence[Entry]) -> list[str]:
    """Where entries come from, for the person who looks at the prompt."""
    return [_source(entry) for entry in entries]


def _source(entry: Entry) -> str:
    if isinstance(entry, Injected):
        return ", ".join(entry.sources)
    return entry.name if isinstance(entry, Line) else "post-history instructions"


def _plain(speech: Speech) -> str:
    if speech.name and not speech.narrator:
        return f"{speech.name}: {speech.text}\n"
    return f"{speech.text}\n"


def _until(text: str, end: str) -> str:
    """`text` cut behind the last occurrence of `end`."""
    return text[: text.rindex(end) + len(end)]
