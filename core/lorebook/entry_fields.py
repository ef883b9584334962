"""Fields of an entry in somebody's file brought to their type."""

from enum import IntEnum
from typing import Any, TypeVar

from core.characters.fields import Fields
from core.characters.remarks import Problem, Remark, kind_of
from core.lorebook.lorebook import FAR, MAX_KEY, MAX_KEYS

Choice = TypeVar("Choice", bound=IntEnum)


class EntryFields(Fields):
    """Reads one entry; remembers which names were asked for, so that the rest can be kept."""

    def __init__(self, document: dict[str, Any], path: str, remarks: list[Remark]) -> None:
        super().__init__(document, path, remarks)
        self.known: set[str] = set()

    def find(self, *names: str) -> str:
        """The first of several spellings that the file uses; otherwise the first one."""
        self.known.update(names)
        if len(names) == 1:
            return names[0]
        return next((name for name in names if self.document.get(name) is not None), names[0])

    @property
    def rest(self) -> dict[str, Any]:
        """Fields nobody asked for."""
        return {name: value for name, value in self.document.items() if name not in self.known}

    def yes(self, default: bool, *names: str) -> bool:
        """Yes or no."""
        value = self.flag(self.find(*names), default)
        return default if value is None else value

    def maybe(self, *names: str) -> bool | None:
        """Yes, no, or not said."""
        return self.flag(self.find(*names), None)

    def number(self, default: int, *names: str, low: int = -FAR, high: int = FAR) -> int:
        """A whole number."""
        return self.integer(self.find(*names), default, low, high)

    def maybe_number(self, *names: str, low: int = 0) -> int | None:
        """A whole number, or not said."""
        name = self.find(*names)
        return None if self.document.get(name) is None else self.integer(name, 0, low, FAR)

    def level(self, *names: str) -> bool | int:
        """Yes, no, or a number."""
        name = self.find(*names)
        value = self.document.get(name)
        return value if isinstance(value, bool) else self.integer(name, 0, 0, FAR)

    def choice(self, default: Choice, *names: str) -> Choice:
        """One of a list of numbers; its name counts too."""
        name = self.find(*names)
        value = self.document.get(name)
        if value is None:
            return default
        kind = type(default)
        if isinstance(value, str) and value.strip().upper() in kind.__members__:
            return kind[value.strip().upper()]
        try:
            return kind(int(value))
        except (TypeError, ValueError, OverflowError):
            self.note(name, Problem.DROPPED, found=kind_of(value), expected=default.name.lower())
            return default

    def words(self, limit: int, *names: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self.texts(self.find(*names), limit))

    def keys(self, *names: str) -> tuple[str, ...]:
        """Keys: a list, or one text with commas. Too long ones are left out: cut, they would
        match what their author did not mean."""
        name = self.find(*names)
        value = self.document.get(name)
        if isinstance(value, str):
            split = [part.strip() for part in value.split(",")]
            texts = [part for part in split if part][:MAX_KEYS]
        else:
            texts = self.texts(name, MAX_KEYS)
        for text in texts:
            if len(text) > MAX_KEY:
                self.note(name, Problem.IGNORED, found=f"a key over {MAX_KEY} characters")
        return tuple(text for text in texts if len(text) <= MAX_KEY)
