"""Replies under way: at most one in a place, each from what it starts from to its row."""

import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cachetools import LRUCache, TTLCache

from core.backends.backend import Backend
from core.backends.messages import Conversation, arrange
from core.backends.shown_body import shown_body
from core.backends.types import Note, NoteCode, Request, Wait, WaitReason
from core.chat.history import History
from core.chat.message import Message, Role, State, Swipe
from core.chat.place import Actor
from core.engine.images import shows
from core.engine.lost_openings import LostOpenings
from core.engine.prompt_context import context_of
from core.engine.prompter import Built, CountCache, SpeakerCounts, build, digest, shrunk, weighed
from core.engine.reply_input import ReplyInput, ReplyInputLoader
from core.engine.requests import batches_of, counted_as_sent, request_of, rules_of
from core.engine.room import LeftOut, causes_of, left_out, misfit_of
from core.engine.scene import Scene
from core.engine.story_scripts import ReplyScripts, StoppedScripts, depth_of
from core.errors import BackendError, BudgetExceeded, Busy, PromptTooLong, StorageError
from core.kind import Kind
from core.models_in_use.backend_pool import BackendPool
from core.options.table import (
    CONTEXT_SIZE,
    CONVERT_HTML,
    REASONING_SHOWN,
    REPLY_LENGTH,
    TOKEN_PADDING,
)
from core.prompt.context import Context, Purpose
from core.prompt.prompt import Prompt
from core.reply.reply_run import Attempt, ReplyRun, Shown, Snapshot, Speaker
from core.secret import Secret
from core.storage.characters import StoredCharacter
from core.storage.message_rows import PAGE
from core.storage.messages import Counts, MessageStore
from core.storage.stories import Effects, StoryStore
from core.tokenizers.store import Progress

SLOW = 2.0
"""Tokens a second: below this the graphics card's memory has mostly spilled over."""
TIMES = 3
QUIET_SECONDS = 86_400.0
REMEMBERED = 1000


class SlowModelHint:
    """Counts slow replies in a row, per server and model."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._in_a_row: LRUCache[Hashable, int] = LRUCache(REMEMBERED)
        self._told: TTLCache[Hashable, None] = TTLCache(REMEMBERED, QUIET_SECONDS, clock)

    def note(self, key: Hashable, rate: float) -> bool:
        """Takes one reply's tokens a second; True where the hint is due."""
        times = self._in_a_row.pop(key, 0) + 1
        if rate < SLOW and times < TIMES:
            self._in_a_row[key] = times
        if rate >= SLOW or times < TIMES or key in self._told:
            return False
        self._told[key] = None
        return True


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReplyOrder:
    """One reply that was asked for. `target` is the message to be told anew or continued."""

    scene: Scene
    history: History
    character: StoredCharacter
    purpose: Purpose = Purpose.NORMAL
    target: Message | None = None
    actor: Actor | None = None
    typed: str = ""
    """A line that is only tried out."""

    @property
    def messages(self) -> Sequence[Message]:
        """What the model may see."""
        if self.target is None:
            return list(self.history)
        return self.history.until(self.target.id)

    @property
    def turn(self) -> str:
        """A name of this reply: the same for a preview and for what is then sent."""
        messages = self.messages
        newest = self.typed or (messages[-1].text if messages else "")
        swipes = 0 if self.target is None else len(self.target.swipes)
        count = len(messages) + bool(self.typed)
        return f"{self.scene.story.id} {count} {self.purpose} {swipes} {digest(newest)}"

    @property
    def keeps(self) -> str:
        """The words that stay in front of the new ones."""
        continues = self.purpose is Purpose.CONTINUE
        return self.target.text if self.target is not None and continues else ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What the next reply sends, and what it is made of."""

    reply_input: ReplyInput
    prompt: Prompt
    request: Request
    body: Mapping[str, Any]
    """As the sender makes it; see `Backend.sent`."""
    secrets: tuple[Secret, ...] = ()
    misfit: BudgetExceeded | None = None
    """Why it is not sent after all."""

    @property
    def conversation(self) -> Conversation | None:
        """In chat kind the messages as the server takes them."""
        if self.reply_input.kind is not Kind.CHAT:
            return None
        spec = self.reply_input.spec
        return arrange(self.request, spec, spec.traits(self.request.model))

    @property
    def text(self) -> str:
        """The body as it is posted, with keys masked and pictures named."""
        return shown_body(self.body, self.secrets)


@dataclass(slots=True)
class Replies:
    """Makes replies and knows which are on their way."""

    messages: MessageStore
    stories: StoryStore
    input_loader: ReplyInputLoader
    backend_pool: BackendPool
    stopped_scripts: StoppedScripts
    slow_models: SlowModelHint = field(default_factory=SlowModelHint)
    lost_openings: LostOpenings = field(default_factory=LostOpenings)
    counts: CountCache = field(default_factory=CountCache)
    under_way: dict[int, ReplyRun] = field(default_factory=dict)
    """By place."""

    def running(self, place_id: int) -> ReplyRun | None:
        run = self.under_way.get(place_id)
        return None if run is None or run.is_stale else run

    async def stop_all(self) -> None:
        """Asks every reply to end with what it has."""
        for run in tuple(self.under_way.values()):
            await run.stop()

    async def begin(self, order: ReplyOrder) -> ReplyRun:
        """Opens the message in the store; its text comes when the reply is iterated.

        Raises Busy while another reply is on its way, Conflict when the message has changed.
        """
        place = order.scene.place
        if self.running(place.id) is not None:
            raise Busy()
        run = self.under_way[place.id] = StoryReply(self, order, await self._open(order))
        return run

    async def _open(self, order: ReplyOrder) -> Message:
        if order.target is None:
            character = order.character
            name = character.character.name
            return await self.messages.begin(order.scene.story, name, character.id)
        if order.purpose is Purpose.CONTINUE:
            return await self.messages.begin_continue(order.target)
        return await self.messages.begin_swipe(order.target)

    async def preview(self, order: ReplyOrder) -> "Preview":
        """What the reply would send; nothing is written."""
        reply_input = await self.input_loader.read(
            order.scene,
            order.messages,
            order.purpose,
            order.character,
            order.actor,
            order.typed,
            turn=order.turn,
        )
        context = self.context(reply_input)
        built = await self.build(reply_input, context, order.history)
        await self.keep_counts(built.counts)
        prompt = await weighed(built.prompt, reply_input.token_counter)
        backend = self.backend_of(reply_input)
        request = backend.as_taken(request_of(reply_input, context, prompt, order.turn))
        body = await backend.sent(request)
        misfit = misfit_of(reply_input, context, prompt) if prompt.report.misfit else None
        return Preview(reply_input, prompt, request, body, backend.api.secrets, misfit)

    def backend_of(self, reply_input: ReplyInput) -> Backend:
        """The model's server, behind everyone else's requests where it does few at once."""
        return self.backend_pool.queued(
            reply_input.connection,
            reply_input.facts,
            party_of(reply_input),
            batches_of(reply_input),
        )

    def context(self, reply_input: ReplyInput) -> Context:
        """The prompt builder's input, with the lines that are known from the reply before."""
        context = context_of(reply_input, self.counts.lines(reply_input.story.id))
        refusals = self.backend_of(reply_input).refusals(reply_input.facts.model)
        return counted_as_sent(reply_input, context, refusals.applied)

    async def build(self, reply_input: ReplyInput, context: Context, history: History) -> Built:
        counter = reply_input.token_counter
        known: SpeakerCounts = self.counts.of(
            history, reply_input.story.id, reply_input.speaker.id, counter.key
        )
        return await build(context, counter, reply_input.options[TOKEN_PADDING], known)

    async def left_out(self, reply_input: ReplyInput, prompt: Prompt) -> LeftOut:
        """What had no room and was not told yet in this story; the store is asked only then."""
        causes = causes_of(reply_input, prompt)
        if not causes:
            return LeftOut()
        told = await self.stories.told(reply_input.story)
        return left_out(reply_input.asked, causes, told)

    async def keep_counts(self, counts: Counts) -> None:
        """Counts stay with their messages; without them they are made again."""
        try:
            await self.messages.save_counts(counts)
        except StorageError as error:
            log.warning("token counts were not stored: %s", error)


class StoryReply(ReplyRun):
    def __init__(self, replies: Replies, order: ReplyOrder, message: Message) -> None:
        character = order.character
        speaker = Speaker(character.character.name, character.id, character.avatar)
        super().__init__(order.scene.place, speaker, message, order.keeps)
        self._replies = replies
        self._order = order
        self._input: ReplyInput | None = None
        self._context: Context | None = None
        self._built: Built | None = None
        self._left_out = LeftOut()
        self._shrunk = False
        self._turn = ""
        self._tried: set[str] = set()
        """The connections of its chain that were asked."""
        self._scripts: ReplyScripts | None = None

    async def prepare(self) -> Attempt:
        order = self._order
        self._turn = order.turn
        asked = (one.discord_ids[-1:] for one in order.messages if one.role is Role.USER)
        self.heard = max((id_ for ids in asked for id_ in ids), default=0)
        reply_input = await self._replies.input_loader.read(
            order.scene,
            order.messages,
            order.purpose,
            order.character,
            order.actor,
            watch=self._tell_progress,
            turn=self._turn,
        )
        return await self._attempt(reply_input, self._replies.context(reply_input))

    async def shrink(self, error: PromptTooLong) -> Attempt | None:
        """A shorter prompt, once for each connection."""
        if self._shrunk or self._input is None or self._context is None:
            return None
        attempt = await self._attempt(self._input, shrunk(self._context, error))
        self._shrunk = True
        return attempt

    async def next_connection(self, error: BackendError) -> Attempt | None:
        """The same reply by the next connection of the chain; raises the fault at its end."""
        before = self._input
        if before is None or not before.connection.fallback:
            return None
        loader = self._replies.input_loader
        self._tried.add(before.connection.name.casefold())
        connection = await loader.next_in_chain(before)
        if connection is None or connection.name.casefold() in self._tried:
            raise error
        moved = await loader.moved(before, connection)
        log.info("reply %s goes on with %s: %s", self.id, connection.name, error.code)
        attempt = await self._attempt(moved, self._replies.context(moved))
        fallback = Note(NoteCode.FALLBACK, connection.name)
        return replace(attempt, notes=(fallback, *attempt.notes))

    async def kept(self, text: str, *, last: bool = False) -> str:
        if self._scripts is None:
            return text
        writes = self._built.prompt.effects if self._built is not None else ()
        return await self._scripts.kept(text, last=last, writes=writes)

    async def kept_thoughts(self, text: str) -> str:
        return await self._scripts.kept_thoughts(text) if self._scripts else text

    async def shown(self, snapshot: Snapshot) -> Shown:
        return await self._scripts.shown(snapshot) if self._scripts else Shown(snapshot.text)

    async def shown_thoughts(self, text: str) -> str:
        return await self._scripts.shown_thoughts(text) if self._scripts else text

    async def draft(self, text: str) -> None:
        await self._replies.messages.draft(self.message_id, self.swipe, text)

    async def finish(self, swipe: Swipe, state: State) -> None:
        """Text, macro effects, lore timers and token counts, all or nothing."""
        built, effects = self._built, None
        if built is not None and state is State.DONE:
            by_scripts = self._scripts.effects if self._scripts else ()
            writes, timed = (*built.prompt.effects, *by_scripts), built.prompt.timed_after
            effects = Effects(writes, timed, self._left_out.told)
        elif self._left_out.told:
            effects = Effects(told=self._left_out.told)
        self._tell_slow()
        self._tell_stopped_scripts()
        if self._input is not None:
            self._replies.lost_openings.learn(self._input, self.answer.unopened)
        first, rest = (built.counts if built is not None else Counts()).parted(PAGE)
        try:
            stored = await self._replies.messages.finish(
                self.message_id, self.swipe, swipe, state, effects, first
            )
            self._order.history.put(stored)
            self._correct_estimates()
            await self._replies.keep_counts(rest)
        finally:
            self._leave()

    async def discard(self) -> None:
        """The message is as it was before: gone, or without the new swipe."""
        messages, history, before = self._replies.messages, self._order.history, self._order.target
        try:
            if before is None:
                await messages.discard(self.message_id)
                history.drop([self.message_id])
            elif self.swipe == before.active:
                shown = before.swipes[before.active]
                history.put(await messages.finish(self.message_id, self.swipe, shown, before.state))
            else:
                dropped = await messages.drop_swipe(self.message_id, self.swipe)
                history.put(await messages.activate_swipe(dropped, before.active))
        finally:
            self._leave()

    async def _attempt(self, reply_input: ReplyInput, context: Context) -> Attempt:
        replies = self._replies
        self._input, self._context, self._shrunk = reply_input, context, False
        self._scripts = self._scripts_of(reply_input, context)
        self._built = await replies.build(reply_input, context, self._order.history)
        prompt = self._built.prompt
        if prompt.report.misfit is not None:
            raise misfit_of(reply_input, context, prompt)
        self._left_out = await replies.left_out(reply_input, prompt)
        backend = replies.backend_of(reply_input)
        request = backend.as_taken(request_of(reply_input, context, prompt, self._turn))
        return Attempt(
            prompt=prompt,
            backend=backend,
            request=request,
            rules=replace(
                rules_of(reply_input, context, prompt, self._order.keeps, request),
                presumed=replies.lost_openings.expects(reply_input),
            ),
            backend_name=reply_input.spec.name,
            notes=(*notes_of(reply_input), *self._left_out.notes),
            shows_thoughts=reply_input.options[REASONING_SHOWN],
        )

    def _scripts_of(self, reply_input: ReplyInput, context: Context) -> ReplyScripts:
        target, history = self._order.target, self._order.history
        return ReplyScripts(
            reply_input.scripts,
            context,
            depth_of(history, target.id) if target is not None else 0,
            self.speaker.name,
            reply_input.options[CONVERT_HTML],
        )

    def _tell_progress(self, progress: Progress) -> None:
        self.tell(Wait(WaitReason.TOKENIZER, tokenizer=progress.name, percent=progress.percent))

    def _tell_slow(self) -> None:
        if self._input is not None and self._input.spec.local:
            connection, facts, place = self._input.connection, self._input.facts, self.place
            key = (connection.url, facts.model, place.owner)
            if self._replies.slow_models.note(key, self.answer.rate):
                self.answer.note(Note(NoteCode.SLOW))

    def _tell_stopped_scripts(self) -> None:
        stopped = self._replies.stopped_scripts
        for script in self._input.scripts.scripts if self._input is not None else ():
            if script in stopped and stopped.tell(self.place, script):
                self.answer.note(Note(NoteCode.SCRIPT_STOPPED, script.name))

    def _correct_estimates(self) -> None:
        reported = self.answer.usage.prompt_tokens if self.answer.usage else None
        if reported and self._input is not None and self._built is not None:
            self._replies.backend_pool.correct_estimates(
                self._input.connection, self._input.facts.model, self._built.prompt, reported
            )

    def _leave(self) -> None:
        """Nothing more will be written."""
        under_way = self._replies.under_way
        if under_way.get(self.place.id) is self:
            del under_way[self.place.id]


def notes_of(reply_input: ReplyInput) -> tuple[Note, ...]:
    """What is to be said under the reply before anything of it is known.

    Pictures just sent that the model could not see, and context that volunteers do not have.
    """
    notes = []
    asked = reply_input.asked
    if asked is not None and shows(asked) and not reply_input.pictures:
        notes.append(Note(NoteCode.IMAGES))
    wish, served = reply_input.options[CONTEXT_SIZE], reply_input.facts.context_size
    if reply_input.spec.models.context == "workers":
        if wish and served and wish > served:
            notes.append(Note(NoteCode.WORKER_CONTEXT, str(served)))
        longest = reply_input.longest_reply
        if longest and reply_input.options[REPLY_LENGTH] > longest:
            notes.append(Note(NoteCode.WORKER_REPLY, str(longest)))
    return tuple(notes)


def party_of(reply_input: ReplyInput) -> str:
    """Whose turn a reply counts as at a busy server: that of the one who asked."""
    asked = next((one.author_id for one in reversed(reply_input.messages) if one.author_id), None)
    return f"person:{asked}" if asked else f"place:{reply_input.place.id}"
