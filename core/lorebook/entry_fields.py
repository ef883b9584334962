"""Fields of an entry in somebody's file brought to their type."""

from enum import IntEnum
from typing import TypeVar

from core.characters.fields import FieldReader, Problem, shape_of
from core.lorebook.lorebook import MAX_KEY, MAX_KEYS

Choice = TypeVar("Choice", bound=IntEnum)


class EntryReader(FieldReader):
    """Reads the fields that only entries have."""

    def maybe_integer(self, *names: str, low: int = 0) -> int | None:
        """A whole number, or not said."""
        return None if self.find(*names)[1] is None else self.integer(*names, low=low)

    def level(self, *names: str) -> bool | int:
        """Yes, no, or a number."""
        value = self.find(*names)[1]
        return value if isinstance(value, bool) else self.integer(*names, low=0)

    def choice(self, *names: str, default: Choice) -> Choice:
        """One of a list of numbers; its name counts too."""
        name, value = self.find(*names)
        if value is None:
            return default
        kind = type(default)
        if isinstance(value, str) and value.strip().upper() in kind.__members__:
            return kind[value.strip().upper()]
        try:
            return kind(int(value))
        except (TypeError, ValueError, OverflowError):
            self.note(name, Problem.DEFAULTED, found=shape_of(value), expected=default.name.lower())
            return default

    def keys(self, *names: str) -> tuple[str, ...]:
        """Keys: a list, or one text with commas. Too long ones are left out: cut, they would
        match what their author did not mean."""
        name, value = self.find(*names)
        if isinstance(value, str):
            split = [part.strip() for part in value.split(",")]
            texts = [part for part in split if part][:MAX_KEYS]
        else:
            texts = self.texts(name, limit=MAX_KEYS)
        for text in texts:
            if len(text) > MAX_KEY:
                self.note(name, Problem.KEY_TOO_LONG, limit=MAX_KEY)
        return tuple(text for text in texts if len(text) <= MAX_KEY)
