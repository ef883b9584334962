"""The chat as a text prompt sends it: messages and injections, formatted when asked for."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from core.presets.templates import PromptRole
from core.prompt.context import HistoryMessage, Purpose
from core.prompt.notes import JoinedInjection, in_chat
from core.prompt.prompt_build import PromptBuild
from core.prompt.text.instruct import Instruct, InstructMessage, SequenceVariant
from core.prompt.text.story_string import instructions


@dataclass(frozen=True, slots=True)
class Instructions:
    """Post-history instructions: a person's turn without a name."""

    text: str
    is_user: bool = True


Entry = HistoryMessage | JoinedInjection | Instructions


class TextHistory:
    """Messages newest first. What was formatted once is remembered for this prompt."""

    def __init__(self, build: PromptBuild, instruct: Instruct | None) -> None:
        self._build = build
        self._instruct = instruct
        self._texts: dict[int, str] = {}
        self._names: dict[str, str] = {}
        self.char = build.char
        # In sequences, {{name}} of a message without a name is the character's, unless it is a
        # person's, where it is "System". Without instruct mode nothing shows.
        self._nameless = build.char if instruct else ""
        self.injected: list[int] = []
        self._placed: list[JoinedInjection] = []
        self.entries = self._entries()
        self._offset = 0
        self._last_user = self._newest_user()

    def _entries(self) -> list[Entry]:
        """Injections among the messages, then the instructions at the end."""
        entries: list[Entry] = [*reversed(self._build.sent)]
        placed = self._placed = in_chat(self._build.injections, self._build.expand)
        continues = self._build.continues
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
        if said := instructions(self._build):
            entries.insert(1 if continues and entries else 0, Instructions(said))
            if not continues:
                # Where a message is continued, SillyTavern does not correct the places, so that
                # the wrong messages come first when the budget is short.
                self.injected = [index + 1 for index in self.injected]
        return entries

    def _newest_user(self) -> int:
        """The turn that takes the last input sequence; -1 = none."""
        if self._instruct is None or self._build.context.purpose is Purpose.IMPERSONATE:
            return -1
        return next((index for index, entry in enumerate(self.entries) if entry.is_user), -1)

    def take_newest(self) -> str:
        """Takes out the message that is continued and gives its text up to where it goes on."""
        text = self.text(0)
        self._offset = 1
        self.injected = [index - 1 for index in self.injected if index > 0]
        return text

    @cached_property
    def kept(self) -> list[int]:
        """Indices of what is in the prompt whether it fits or not; see `Room`."""
        build = self._build
        if build.context.room is None:
            return []
        if not self.entries:
            return [0]
        entries, taken = self.entries[self._offset :], self.entries[: self._offset]
        missing = {id(one) for one in (*build.kept, *self._placed) if one not in taken}
        found: list[int] = []
        for index, entry in enumerate(entries):
            # The instructions stand before all but the newest message.
            if not missing and index > 1:
                break
            if isinstance(entry, Instructions) or id(entry) in missing:
                found.append(index)
                missing.discard(id(entry))
        return found

    def __len__(self) -> int:
        # An empty chat still has one empty message, to which the reply's opening is added.
        return max(len(self.entries), 1) - self._offset

    def entry(self, index: int) -> Entry | None:
        """What is formatted at `index`; None for the empty message of an empty chat."""
        return self.entries[index + self._offset] if self.entries else None

    def is_user(self, index: int) -> bool:
        entry = self.entry(index)
        return entry is not None and entry.is_user

    @cached_property
    def format_key(self) -> Hashable | None:
        """What the format of usual messages depends on, beside the messages themselves.

        None where that is not all, or where a message is continued: the places are shifted then.
        """
        around = self._instruct.format_key if self._instruct else ()
        build = self._build
        if around is None or build.continues:
            return None
        speakers = (build.user, build.char, build.context.people_named)
        return (*around, *speakers, build.guard.format_key)

    @cached_property
    def unusual(self) -> list[int]:
        """Indices of messages that are not formatted as usual for their place, ascending."""
        last = len(self.entries) - 1
        found = {*self.injected, 0, last, self._last_user}
        return sorted(index for index in found if 0 <= index <= last)

    def usual(self, start: int, end: int) -> list[HistoryMessage]:
        """The usual messages from `start` to before `end`; none of them may be unusual."""
        return cast(list[HistoryMessage], self.entries[start:end])

    def text(self, index: int) -> str:
        index += self._offset
        if index not in self._texts:
            self._texts[index] = self._formatted(index) if self.entries else ""
        return self._texts[index]

    def _formatted(self, index: int) -> str:
        message = self._message(self.entries[index])
        continued = index == 0 and self._build.continues
        if self._instruct is None:
            text = _plain(message)
            return text[: text.rindex(message.text) + len(message.text)] if continued else text
        if continued:
            return self._instruct.message_until_text(message)
        if index == self._last_user:
            return self._instruct.message(message, SequenceVariant.LAST)
        is_oldest = index == len(self.entries) - 1
        return self._instruct.message(
            message, SequenceVariant.FIRST if is_oldest else SequenceVariant.NORMAL
        )

    def _message(self, entry: Entry) -> InstructMessage:
        build = self._build
        if isinstance(entry, Instructions):
            return InstructMessage("", entry.text, is_user=True)
        if isinstance(entry, JoinedInjection):
            if entry.role is PromptRole.SYSTEM:
                return InstructMessage(self._nameless, entry.text, narrator=True)
            person = entry.role is PromptRole.USER
            return InstructMessage(build.user if person else build.char, entry.text, is_user=person)
        return InstructMessage(
            self._name(entry.name) or ("" if entry.is_user else self._nameless),
            build.guard.message(entry),
            entry.is_user,
            entry.narrator,
            entry.borrowed_name,
            build.context.people_named,
        )

    def _name(self, name: str) -> str:
        if name not in self._names:
            guard = self._build.guard
            self._names[name] = guard.reveal(guard.name(name))
        return self._names[name]


def _plain(message: InstructMessage) -> str:
    if message.name and not message.narrator:
        return f"{message.name}: {message.text}\n"
    return f"{message.text}\n"
