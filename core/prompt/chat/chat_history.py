"""The chat as a chat prompt sends it: roles, names, and what is placed among the messages."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from core.macros.javascript import trim
from core.presets.templates import ChatNames
from core.prompt.chat.prompt_list import DEFAULT_ORDER, ListedPrompt
from core.prompt.context import HistoryMessage, NotePosition
from core.prompt.notes import ROLES, join, kind_of, source_of
from core.prompt.prompt import PartKind
from core.prompt.prompt_build import Injection, PromptBuild

MAX_DEPTH = 10_000
MAX_NAME = 64
_NOT_NAME = re.compile(r"[^A-Za-z0-9_]")


@dataclass(frozen=True, slots=True)
class ChatInjection:
    """A text placed among the messages: a note, lore, a prompt of the preset."""

    wire_role: str
    content: str
    kind: PartKind = PartKind.NOTE
    source: str = ""


Entry = HistoryMessage | ChatInjection


class ChatHistory:
    """Messages newest first. Macros in their texts are resolved when they are asked for."""

    def __init__(self, build: PromptBuild) -> None:
        self._build = build
        self._names = build.context.chat_preset.names_behavior
        self.entries: list[Entry] = [*reversed(build.sent)]

    def content(self, one: Entry, expanded: bool = True) -> str:
        """The text as it is sent. What people and models wrote is expanded only unguarded."""
        build = self._build
        if isinstance(one, ChatInjection):
            return build.expand(one.content)
        text = build.guard.words(one).replace("\r", "")
        if self._shows_name(one):
            text = f"{self._shown_name(one)}: {text}"
        if not expanded or (build.guard.active and not one.trusted):
            return text
        return build.expand(text)

    def _shown_name(self, message: HistoryMessage) -> str:
        return self._build.guard.reveal(self._build.guard.name(message.name))

    def _shows_name(self, message: HistoryMessage) -> bool:
        """Whether the text begins with the speaker's name."""
        context = self._build.context
        if self._names is ChatNames.CONTENT:
            return not message.narrator
        if self._names is not ChatNames.DEFAULT:
            return False
        if context.people_named and message.is_user:
            return True
        is_other = message.name != context.user_name
        if context.group is not None:
            return is_other
        return message.borrowed_name and is_other and not message.narrator

    def name(self, one: Entry) -> str | None:
        """The name field, in the characters that vendors allow."""
        if (
            self._names is not ChatNames.COMPLETION
            or isinstance(one, ChatInjection)
            or not one.name
        ):
            return None
        return api_name(self._shown_name(one))

    def kept(self) -> set[int]:
        """Indices of what is in the prompt whether it fits or not; see `Room`."""
        if self._build.context.room is None:
            return set()
        wanted = {id(one) for one in self._build.kept}
        return {
            index
            for index, one in enumerate(self.entries)
            if isinstance(one, ChatInjection) or id(one) in wanted
        }

    def inject(self, prompts: Iterable[ListedPrompt]) -> None:
        """Places the in-chat prompts and notes, depth by depth from the newest message.

        Of a depth's texts those of high order come first in this reversed list, so that they
        stand further down in the prompt.
        """
        by_depth: dict[int, list[ListedPrompt]] = defaultdict(list)
        for prompt in prompts:
            if prompt.depth is not None and prompt.content:
                by_depth[prompt.depth].append(prompt)
        notes = [
            one
            for one in self._build.injections
            if one.position is NotePosition.IN_CHAT and one.text
        ]
        inserted = 0
        for depth in sorted({*by_depth, *(one.depth for one in notes)}):
            if 0 <= depth <= MAX_DEPTH:
                own = [one for one in notes if one.depth == depth]
                block = list(self._block(by_depth[depth], own))
                self.entries[depth + inserted : depth + inserted] = block
                inserted += len(block)

    def _block(
        self, prompts: list[ListedPrompt], notes: list[Injection]
    ) -> Iterator[ChatInjection]:
        """The texts of one depth, by order and role; notes have the usual order."""
        expand = self._build.macros.expand
        orders = {DEFAULT_ORDER, *(prompt.order for prompt in prompts)}
        for order, role in product(sorted(orders, reverse=True), ROLES):
            own = [one for one in prompts if one.order == order and one.role == role.wire]
            beside = [one for one in notes if order == DEFAULT_ORDER and one.role is role]
            texts = ("\n".join(one.content for one in own), join(beside, expand))
            content = "\n".join(trim(text) for text in texts if text)
            if content:
                parts = [one.part for one in own]
                parts += [(kind_of(one.id), source_of(one.id)) for one in beside]
                kinds = {kind for kind, _ in parts}
                kind = kinds.pop() if len(kinds) == 1 else PartKind.NOTE
                yield ChatInjection(role.wire, content, kind, ", ".join(one for _, one in parts))


def api_name(name: str) -> str:
    units = "".join("__" if letter > "\uffff" else letter for letter in name)
    return _NOT_NAME.sub("_", units)[:MAX_NAME]
