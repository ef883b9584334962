"""The chat as a chat prompt sends it: roles, names, and what is placed among the messages."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from core.macros.javascript import trim
from core.prompt.chat.prompt_list import DEFAULT_ORDER, ROLE_NAMES, Listed
from core.prompt.context import Line, NoteRole, Place
from core.prompt.draft import Draft
from core.prompt.inject import LORE_ID, ROLES, join
from core.prompt.prompt import PartKind
from core.prompt.templates import ChatNames

MAX_DEPTH = 10_000
MAX_NAME = 64
_NOT_NAME = re.compile(r"[^A-Za-z0-9_]")


@dataclass(frozen=True, slots=True)
class Placed:
    """A text placed among the messages: a note, lore, a prompt of the preset."""

    role: str
    content: str
    kind: PartKind = PartKind.NOTE
    source: str = ""


Entry = Line | Placed


class ChatHistory:
    """Messages newest first. Macros in their texts are resolved when they are asked for."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._names = draft.context.chat_preset.names_behavior
        self.entries: list[Entry] = [*reversed(draft.core)]

    def content(self, one: Entry, expanded: bool = True) -> str:
        """The text as it is sent. What people and models wrote is expanded only unguarded."""
        draft = self._draft
        if isinstance(one, Placed):
            return draft.expand(one.content)
        text = one.text.replace("\r", "")
        if self._shows_name(one):
            text = f"{self._shown_name(one)}: {text}"
        if not expanded or (draft.guard.active and not one.trusted):
            return text
        return draft.expand(text)

    def _shown_name(self, line: Line) -> str:
        return self._draft.guard.reveal(self._draft.guard.name(line.name))

    def _shows_name(self, line: Line) -> bool:
        """Whether the text begins with the speaker's name."""
        context = self._draft.context
        if self._names is ChatNames.CONTENT:
            return not line.narrator
        if self._names is not ChatNames.DEFAULT:
            return False
        if context.people_named and line.is_user:
            return True
        is_other = line.name != context.user_name
        if context.group is not None:
            return is_other
        return line.borrowed_name and is_other and not line.narrator

    def name(self, one: Entry) -> str | None:
        """The name field, in the characters that vendors allow."""
        if self._names is not ChatNames.COMPLETION or isinstance(one, Placed) or not one.name:
            return None
        return api_name(self._shown_name(one))

    def inject(self, prompts: Iterable[Listed]) -> None:
        """Places the in-chat prompts and notes, depth by depth from the newest message.

        Of a depth's texts those of high order come first in this reversed list, so that they
        stand lowest in the chat; the system's before the user's and the assistant's.
        """
        by_depth: defaultdict[int, list[Listed]] = defaultdict(list)
        for prompt in prompts:
            if prompt.depth is not None and prompt.content:
                by_depth[prompt.depth].append(prompt)
        notes = [one for one in self._draft.injections if one.place is Place.IN_CHAT and one.text]
        inserted = 0
        for depth in sorted({*by_depth, *(one.depth for one in notes)}):
            if 0 <= depth <= MAX_DEPTH:
                block = self._block(depth, by_depth[depth])
                self.entries[depth + inserted : depth + inserted] = block
                inserted += len(block)

    def _block(self, depth: int, prompts: list[Listed]) -> list[Placed]:
        block: list[Placed] = []
        for order in sorted({DEFAULT_ORDER, *(prompt.order for prompt in prompts)}, reverse=True):
            for role in ROLES:
                own = [p for p in prompts if p.order == order and p.role == ROLE_NAMES[role]]
                placed = self._joined(depth, order, role, own)
                if placed.content:
                    block.append(placed)
        return block

    def _joined(self, depth: int, order: int, role: NoteRole, own: list[Listed]) -> Placed:
        notes = [
            one
            for one in self._draft.injections
            if order == DEFAULT_ORDER
            and one.place is Place.IN_CHAT
            and one.depth == depth
            and one.role is role
        ]
        texts = ["\n".join(prompt.content for prompt in own)]
        texts.append(join(notes, self._draft.macros.expand))
        sources = [*(prompt.id for prompt in own), *(note.id for note in notes if note.text)]
        is_lore = bool(sources) and all(source.startswith(LORE_ID) for source in sources)
        return Placed(
            ROLE_NAMES[role],
            "\n".join(trim(text) for text in texts if text),
            kind=PartKind.LORE if is_lore else PartKind.NOTE,
            source=", ".join(sources),
        )


def role_of(one: Entry) -> str:
    """The role it is sent under."""
    if isinstance(one, Placed):
        return one.role
    return "system" if one.narrator else "user" if one.is_user else "assistant"


def api_name(name: str) -> str:
    """A name as the `name` field takes it."""
    units = "".join("__" if letter > "\uffff" else letter for letter in name)
    return _NOT_NAME.sub("_", units)[:MAX_NAME]
