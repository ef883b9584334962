"""The working state of one build: the chat, the card's fields, the macros, the injections."""

from dataclasses import dataclass, field, replace
from typing import Any

from core.macros.engine import Macros
from core.prompt.card import Fields
from core.prompt.context import Context, Line, Purpose
from core.prompt.guard import Guard
from core.prompt.inject import Injection


@dataclass(slots=True)
class Draft:
    """What the steps of a build share. `chat` is the whole chat, `core` what may be sent of it."""

    context: Context
    guard: Guard
    macros: Macros
    fields: Fields = field(default_factory=Fields)
    chat: list[Line] = field(default_factory=list)
    core: list[Line] = field(default_factory=list)
    injections: list[Injection] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    quiet: str = ""
    """The quiet prompt with its macros resolved; what is shielded in it is not yet revealed."""
    reply_start: str = ""
    """What the reply shall begin with, likewise; resolved before anything new is said."""

    @property
    def user(self) -> str:
        """The person's name as the prompt shows it."""
        return self.guard.reveal(self.macros.environment.names.user)

    @property
    def char(self) -> str:
        """The name of the one who answers."""
        return self.context.character.name

    @property
    def continues(self) -> bool:
        """Whether the last message is to be continued."""
        return self.context.purpose is Purpose.CONTINUE

    def learn(self, **known: Any) -> None:
        """Gives the macros values that were not known when the build began."""
        self.macros.environment = replace(self.macros.environment, **known)

    def said(self, line: Line) -> str:
        """A message's text for a chat prompt; macros work in it only where they may."""
        text = self.guard.said(line)
        return text if self.guard.active and not line.trusted else self.expand(text)

    def expand(self, text: str) -> str:
        """Finished text: macros resolved, shielded characters as they were."""
        return self.guard.reveal(self.macros.expand(text))
