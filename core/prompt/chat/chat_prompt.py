"""The chat prompt: an ordered list of prompts, examples and history as one list of messages.

Its places are filled in the order that decides what the budget is spent on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from core.backends.types import WireMessage
from core.kind import Kind
from core.lorebook import ScanResult
from core.macros.javascript import trim
from core.prompt.budget.window import Count
from core.prompt.chat.chat_history import ChatHistory, ChatInjection, Entry
from core.prompt.chat.messages import (
    REQUEST_TOKENS,
    ChatMessage,
    ChatSections,
    MessageCounter,
    Overflow,
)
from core.prompt.chat.prompt_list import EXAMPLES, HISTORY, MAIN, ListedPrompt, PromptList
from core.prompt.context import HistoryMessage, Purpose
from core.prompt.examples import HEADING, example_blocks, example_messages, speakers
from core.prompt.prompt import MAX_DROPPED_SHOWN, BudgetReport, PartKind, Prompt, PromptPart
from core.prompt.prompt_build import PromptBuild
from core.prompt.stop_strings import custom_stops

MAX_STOPS = 4
"""More are not sent in chat kind; the reply is cut at the others when it arrives."""
CHAT_START = "chat start"
PREFILL = "start of the answer"
"""The source of words that a preset puts into the model's mouth."""

_FIRST = (
    *("worldInfoBefore", MAIN, "worldInfoAfter", "charDescription", "charPersonality"),
    *("scenario", "personaDescription"),
)


def chat_prompt(build: PromptBuild, lore: ScanResult, count: Count) -> Prompt:
    """The messages for a model to answer. Raises NeedCounts."""
    assembly = ChatAssembly(build, lore, count)
    assembly.run()
    preset = build.context.chat_preset
    everything = list(assembly.sections.messages())
    placed = [message for message in everything if message.content]
    messages = list(_squashed(everything)) if preset.squash_system_messages else placed
    ends = placed[-1:] != [] and placed[-1].kind is PartKind.REPLY_START
    begun = placed[-1].content if ends and placed[-1].source != PREFILL else ""
    own = tuple(custom_stops(build))
    return Prompt(
        Kind.CHAT,
        parts=tuple(_parts(placed, assembly)),
        messages=tuple(
            WireMessage(one.role, one.content, one.name, one.images) for one in messages
        ),
        stop=own[:MAX_STOPS],
        own_stop=own,
        reply_start=begun,
        report=_report(build, assembly, placed),
        unseen_start=assembly.unseen_start,
        prefill=(ends or (build.continues and preset.continue_prefill))
        and messages[-1:] != []
        and messages[-1].role == "assistant",
    )


def lore_count(build: PromptBuild, count: Count) -> Count:
    """How lore is counted in this kind of prompt."""
    if build.context.kind is Kind.TEXT:
        return count
    return MessageCounter(build.context.chat_counting, count).lore


class ChatAssembly:
    """One chat prompt in the making."""

    def __init__(self, build: PromptBuild, lore: ScanResult, count: Count) -> None:
        self._build = build
        self._lore = lore
        self._preset = build.context.chat_preset
        self._counter = MessageCounter(build.context.chat_counting, count)
        self._prompts = PromptList(build, lore)
        self._absolute = [prompt for prompt in self._prompts.items if prompt.in_chat]
        self._control: list[ChatMessage] = []
        self.history = ChatHistory(build)
        self.unseen_start = ""
        self.sections = ChatSections(build.budget, is_bound=build.context.room is None)
        self.overflow = False
        self.left_out: dict[str, list[ChatMessage]] = {HISTORY: [], EXAMPLES: []}
        """The first messages without room, in prompt order; the numbers below count all."""
        self.dropped_messages = 0
        self.kept_messages = 0
        self.dropped_examples = 0
        self.optional = 0
        """Messages and example blocks that would leave if there were less room."""

    def run(self) -> None:
        """Places everything; where something that must be there does not fit, it ends early."""
        try:
            self._place_fixed()
            self._place_notes()
            self._take_prefill()
            self._place_unseen_start()
            self.history.inject(self._absolute)
            if self._build.context.formatting.pin_examples:
                self._place_examples()
                self._place_history()
            else:
                self._place_history()
                self._place_examples()
            self.sections.room += sum(message.tokens for message in self._control)
            if self._control:
                self.sections.add("control", self._control)
        except Overflow:
            self.overflow = True

    def _made(
        self,
        role: str,
        content: str,
        kind: PartKind,
        source: str,
        name: str | None = None,
        separate: bool = False,
    ) -> ChatMessage:
        tokens = self._counter.message(role, content, name)
        return ChatMessage(role, content, kind, source, name, tokens, separate)

    def _message(self, prompt: ListedPrompt, separate: bool = False) -> ChatMessage:
        kind, source = prompt.part
        content = self._build.guard.reveal(prompt.content)
        return self._made(prompt.role or "system", content, kind, source, separate=separate)

    def _place(self, id_: str) -> None:
        """Puts a relative prompt into its place, if it is in the list and not switched off."""
        place = self._prompts.index(id_)
        if place < 0 or self._prompts.is_disabled(id_) or self._prompts.items[place].in_chat:
            return
        self.sections.add(id_, [self._message(self._prompts.items[place])], place)

    def _place_fixed(self) -> None:
        self.sections.room -= REQUEST_TOKENS
        for id_ in _FIRST:
            self._place(id_)
        impersonation = self._prompts.get("impersonate")
        quiet = self._prompts.get("quietPrompt")
        if impersonation and self._build.context.purpose is Purpose.IMPERSONATE:
            self._control.append(self._message(impersonation))
        if quiet and quiet.content:
            self._control.append(self._message(quiet))
        self.sections.room -= sum(message.tokens for message in self._control)
        own = [one.id for one in self._prompts.items if one.is_own and not one.in_chat]
        for id_ in ("nsfw", "jailbreak", *own, "enhanceDefinitions"):
            self._place(id_)
        bias = self._prompts.get("bias")
        if bias is not None and trim(bias.content):
            self._place("bias")

    def _place_notes(self) -> None:
        """Notes around main's text; where main stands in the chat they stand beside it there."""
        for prompt in self._prompts.items:
            if prompt.beside_main is None:
                continue
            if self.sections.has(MAIN):
                self.sections.insert(MAIN, self._message(prompt), at_start=prompt.beside_main)
                continue
            places = [at for at, one in enumerate(self._absolute) if one.id == MAIN]
            if places:
                copy = replace(self._absolute[places[0]], id=prompt.id, content=prompt.content)
                self._absolute.insert(places[0] + (not prompt.beside_main), copy)

    def _take_prefill(self) -> None:
        """The message that the model is to continue becomes the last of all."""
        if not self._control_is_continued or not self.history.entries:
            return
        one = self.history.entries.pop(0)
        content = self.history.content(one, expanded=False)
        start = self._build.expand(self._build.context.formatting.prefill)
        if start.strip() and one.wire_role == "assistant":
            self.unseen_start = f"{start}\n\n"
        message = self._spoken(one, self.unseen_start + content, named=True)
        self._control.append(message)
        self.sections.room -= message.tokens

    def _place_unseen_start(self) -> None:
        """The preset's own beginning of the answer, unless the reply begins otherwise."""
        start = self._build.expand(self._build.context.formatting.prefill)
        if not start.strip() or self._control_is_continued or self._build.reply_start.strip():
            return
        message = self._made("assistant", start, PartKind.REPLY_START, PREFILL)
        self._control.append(message)
        self.sections.room -= message.tokens
        self.unseen_start = start

    @property
    def _control_is_continued(self) -> bool:
        return self._build.continues and self._preset.continue_prefill

    def _spoken(self, one: Entry, content: str, named: bool) -> ChatMessage:
        name = self.history.name(one) if named else None
        if isinstance(one, ChatInjection):
            return self._made(one.wire_role, content, one.kind, one.source, name)
        message = self._made(one.wire_role, content, PartKind.HISTORY, one.name, name)
        return replace(message, message_id=one.id, images=one.images)

    def _place_history(self) -> None:
        place = self._prompts.index(HISTORY)
        if place < 0 and self._build.context.room is None:
            return
        if place < 0:
            # A preset without a place for the chat: what was said stands at the end.
            place = len(self._prompts.items)
        self.sections.add(HISTORY, [], place)
        preset, context = self._preset, self._build.context
        text = preset.new_group_chat_prompt if context.group else preset.new_chat_prompt
        start = self._made(
            "system", self._build.expand(text), PartKind.SEPARATOR, CHAT_START, separate=True
        )
        self.sections.room -= start.tokens
        group_nudge, nudge = self._prompts.get("groupNudge"), None
        if context.group and context.purpose is not Purpose.IMPERSONATE and group_nudge:
            nudge = self._message(group_nudge, separate=True)
            self.sections.room -= nudge.tokens
        continued = self._take_continued()
        self.sections.room -= sum(message.tokens for message in continued)
        self._place_empty_reply()
        self._fill_history()
        self.sections.room += start.tokens
        self.sections.insert(HISTORY, start, at_start=True)
        if nudge is not None:
            self.sections.room += nudge.tokens
            self.sections.insert(HISTORY, nudge)
        if continued:
            self.sections.room += sum(message.tokens for message in continued)
            # Right behind what is placed so far; what is placed there later would take its place.
            end = None if self._build.context.room is None else len(self._prompts.items) + 1
            self.sections.add("continueNudge", continued, end)

    def _take_continued(self) -> list[ChatMessage]:
        """The message to continue, taken out of the chat, and the nudge behind it."""
        build = self._build
        if not build.continues or self._preset.continue_prefill:
            return []
        taken: list[ChatMessage] = []
        for place, one in enumerate(self.history.entries):
            if not isinstance(one, ChatInjection):
                del self.history.entries[place]
                taken.append(self._spoken(one, self.history.content(one), named=False))
                break
        said = build.guard.words(build.sent[-1]) if build.sent else ""
        last = build.guard.shield(trim(said))
        nudge = build.macros.expand(
            self._preset.continue_nudge_prompt, extra={"lastchatmessage": last}
        )
        nudge = build.expand(nudge)
        return [*taken, self._made("system", nudge, PartKind.UTILITY, "continue nudge")]

    def _place_empty_reply(self) -> None:
        """A message in the person's place, behind a chat that ends with the character's."""
        text, entries = self._preset.send_if_empty, self.history.entries
        if not text or not entries or entries[0].wire_role != "assistant":
            return
        message = self._made("user", text, PartKind.UTILITY, "line sent for an empty input")
        if message.tokens <= self.sections.room:
            self.optional += 1
            self.sections.insert(HISTORY, message)

    def _fill_history(self) -> None:
        """The newest messages that fit, to the first one that does not; and those kept anyway."""
        entries, kept = self.history.entries, self.history.kept()
        taken = {index: self._said(entries[index]) for index in sorted(kept)}
        room = self.sections.room - sum(map(_cost, taken.values()))
        for index, one in enumerate(entries):
            if index not in kept:
                message = self._said(one)
                room -= _cost(message)
                if room < 0:
                    break
                taken[index] = message
        for index in sorted(taken):
            self.sections.insert(HISTORY, taken[index], at_start=True)
        self.optional += len(taken) - len(kept)
        self.kept_messages = sum(isinstance(entries[index], HistoryMessage) for index in taken)
        everyone = sum(isinstance(one, HistoryMessage) for one in entries)
        self.dropped_messages = everyone - self.kept_messages
        left = (one for index, one in enumerate(entries) if index not in taken)
        for one in reversed([*islice(left, MAX_DROPPED_SHOWN)]):
            text = self.history.content(one, expanded=False)
            kind, source = (
                (one.kind, one.source)
                if isinstance(one, ChatInjection)
                else (PartKind.HISTORY, one.name)
            )
            self.left_out[HISTORY].append(ChatMessage(one.wire_role, text, kind, source))

    def _said(self, one: Entry) -> ChatMessage:
        return self._spoken(one, self.history.content(one), named=True)

    def _place_examples(self) -> None:
        place = self._prompts.index(EXAMPLES)
        if place < 0:
            return
        self.sections.add(EXAMPLES, [], place)
        if self._build.context.formatting.strip_examples:
            return
        blocks = example_blocks(self._build, self._lore, HEADING)
        text = self._build.expand(self._preset.new_example_chat_prompt) if blocks else ""
        start = self._made("system", text, PartKind.SEPARATOR, "example start", separate=True)
        is_pinned = self._build.context.formatting.pin_examples
        is_kept = is_pinned and self._build.context.room is not None
        for number, block in enumerate(blocks):
            messages = [start, *self._example(block)]
            self.optional += not is_kept
            if not is_kept and sum(map(_tokens, messages)) > self.sections.room:
                self.optional -= 1
                self.dropped_examples = len(blocks) - number
                self.left_out[EXAMPLES] = messages
                return
            for message in messages:
                self.sections.insert(EXAMPLES, message)

    def _example(self, block: str) -> list[ChatMessage]:
        reveal = self._build.guard.reveal
        return [
            self._made(
                "system",
                reveal(said.text),
                PartKind.EXAMPLE,
                "dialogue examples",
                "example_user" if said.is_user else "example_assistant",
            )
            for said in example_messages(block.replace("\r", ""), speakers(self._build), named=True)
        ]


def _cost(message: ChatMessage) -> int:
    """A message without text is not sent, so that its name costs nothing either."""
    return message.tokens if message.content else 0


def _tokens(message: ChatMessage) -> int:
    return message.tokens


def _squashed(messages: Iterable[ChatMessage]) -> Iterator[ChatMessage]:
    """Neighbouring nameless system messages as one; separators and the nudge stay apart.

    An empty message of another role is not sent but keeps its neighbours apart.
    """
    last: ChatMessage | None = None
    for message in messages:
        if message.role == "system" and not message.content:
            continue
        is_plain = message.role == "system" and message.name is None and not message.separate
        if is_plain and last is not None:
            last = replace(last, content=f"{last.content}\n{message.content}")
            continue
        if last is not None:
            yield last
        last = message if is_plain else None
        if not is_plain and message.content:
            yield message
    if last is not None:
        yield last


def _parts(placed: Sequence[ChatMessage], assembly: ChatAssembly) -> Iterator[PromptPart]:
    """The prompt as it reads, with what was left out where it would have stood."""
    examples, history = assembly.left_out[EXAMPLES], assembly.left_out[HISTORY]
    kinds = [one.kind is PartKind.HISTORY or one.source == CHAT_START for one in placed]
    start = kinds.index(True) if True in kinds else len(placed)
    behind = start + (start < len(placed) and placed[start].source == CHAT_START)
    yield from map(_part, placed[:start])
    yield from (_part(one, dropped=True) for one in examples)
    yield from map(_part, placed[start:behind])
    yield from (_part(one, dropped=True) for one in history)
    yield from map(_part, placed[behind:])


def _part(one: ChatMessage, dropped: bool = False) -> PromptPart:
    # What was left out unseen is not counted either.
    tokens = one.tokens or None if dropped else one.tokens
    return PromptPart(one.kind, one.role, one.content, one.source, tokens, dropped, one.message_id)


def _report(build: PromptBuild, assembly: ChatAssembly, placed: list[ChatMessage]) -> BudgetReport:
    sizes = build.context.sizes
    shown = sum(one.role != "system" for one in placed)
    return BudgetReport(
        sizes.context,
        sizes.reply,
        used=sum(message.tokens for message in placed),
        messages_kept=assembly.kept_messages,
        messages_dropped=assembly.dropped_messages,
        examples_dropped=assembly.dropped_examples,
        first_included=build.first_included(shown),
        optional=assembly.optional,
        overflow=assembly.overflow,
    )
