"""Replies under way: at most one in a place, each from its reply_input to its row in the store."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from core.backends.types import Note, NoteCode, Wait, WaitReason
from core.chat.history import History
from core.chat.message import Message, Role
from core.chat.place import Actor
from core.engine.images import shows
from core.engine.prompter import Built, build, shrunk, weighed
from core.engine.reply_input import ReplyInput, context_of
from core.engine.reply_input_loader import ReplyInputLoader
from core.engine.requests import batches_of, request_of, rules_of
from core.engine.slow_model_hint import SlowModelHint
from core.engine.token_cache import Page, TokenCache
from core.errors import BackendError, Busy, PromptTooLong, StorageError
from core.models_in_use.backend_pool import BackendPool
from core.options.table import CONTEXT_SIZE, REASONING_SHOWN, TOKEN_PADDING
from core.prompt.context import Context, Purpose
from core.prompt.prompt import Prompt
from core.reply.generation import Generation, Prepared, Speaker
from core.reply.turn_writer import TurnWriter
from core.storage.characters import StoredCharacter
from core.storage.messages import Counts, MessageStore
from core.storage.story import Story
from core.tokenizers.download import Progress

log = logging.getLogger(__name__)
prompt_log = logging.getLogger("tavern.prompts")
prompt_log.setLevel(logging.INFO)  # switched on by `log.prompts`, whatever `log.level` says


@dataclass(frozen=True, slots=True)
class Order:
    """One reply that was asked for. `target` is the turn to be told anew or continued."""

    story: Story
    history: History
    character: StoredCharacter
    purpose: Purpose = Purpose.NORMAL
    target: Message | None = None
    actor: Actor | None = None
    typed: str = ""
    """A line that is only tried out."""

    @property
    def turns(self) -> Sequence[Message]:
        """What the model may see."""
        if self.target is None:
            return list(self.history)
        return self.history.until(self.target.id, included=True)

    @property
    def keeps(self) -> str:
        """The words that stay in front of the new ones."""
        continues = self.target is not None and self.purpose is Purpose.CONTINUE
        return self.target.text if self.target is not None and continues else ""


@dataclass(slots=True)
class Replies:
    """Makes generations and knows which are on their way."""

    messages: MessageStore
    input_loader: ReplyInputLoader
    backend_pool: BackendPool
    print_prompts: bool = False
    slow: SlowModelHint = field(default_factory=SlowModelHint)
    _running: dict[int, Generation] = field(default_factory=dict)
    _token_cache: TokenCache = field(default_factory=TokenCache)
    _built: dict[str, tuple[ReplyInput, Built]] = field(default_factory=dict)
    _tried: dict[str, set[str]] = field(default_factory=dict)
    """Per reply, the connections of its chain that were asked."""

    def running(self, place_id: int) -> Generation | None:
        """The reply on its way in this place."""
        generation = self._running.get(place_id)
        return None if generation is None or generation.is_stale else generation

    async def stop_all(self) -> None:
        """Asks every reply to end with what it has."""
        for generation in tuple(self._running.values()):
            await generation.stop()

    async def begin(self, order: Order) -> Generation:
        """Opens the turn in the store; its text comes when the generation is iterated.

        Raises Busy while another reply is on its way, Conflict when the turn has changed.
        """
        place = order.story.place
        if self.running(place.id) is not None:
            raise Busy("a reply is on its way here")
        turn = await self._open(order)
        character = order.character

        async def prepare(generation: Generation) -> Prepared:
            return await self._prepare(generation, order)

        generation = Generation(
            id=secrets.token_hex(4),
            place=place,
            speaker=Speaker(character.character.name, character.id, character.avatar),
            message_id=turn.id,
            swipe=turn.active,
            swipes=len(turn.swipes),
            prepare=prepare,
            store=TurnWriter(self.messages, order.history, order.target, self._over, self._learn),
            keeps=order.keeps,
            discord_ids=turn.discord_ids,
        )
        self._running[place.id] = generation
        return generation

    async def preview(self, order: Order) -> tuple[ReplyInput, Prompt]:
        """What the reply would send; nothing is written."""
        reply_input = await self.input_loader.read(
            order.story,
            order.turns,
            order.purpose,
            order.character.id,
            order.actor,
            order.typed,
        )
        page = self._page(reply_input, order.history)
        built = await build(
            self._context(reply_input),
            reply_input.counted,
            reply_input.options[TOKEN_PADDING],
            page,
        )
        await self._keep(built)
        return reply_input, await weighed(built.prompt, reply_input.counted)

    async def _open(self, order: Order) -> Message:
        if order.target is None:
            name = order.character.character.name
            return await self.messages.begin(order.story, name, order.character.id)
        if order.purpose is Purpose.CONTINUE:
            return await self.messages.begin_continue(order.target)
        return await self.messages.begin_swipe(order.target)

    async def _prepare(self, generation: Generation, order: Order) -> Prepared:
        def watch(progress: Progress) -> None:
            generation.tell(
                Wait(WaitReason.TOKENIZER, tokenizer=progress.name, percent=progress.percent)
            )

        turns = order.turns
        asked = (turn.discord_ids[-1:] for turn in turns if turn.role is Role.USER)
        generation.heard = max((id_ for ids in asked for id_ in ids), default=0)
        reply_input = await self.input_loader.read(
            order.story, turns, order.purpose, order.character.id, order.actor, watch=watch
        )
        return await self._build(generation, reply_input, self._context(reply_input), order)

    async def _build(
        self, generation: Generation, reply_input: ReplyInput, context: Context, order: Order
    ) -> Prepared:
        page, keeps = self._page(reply_input, order.history), order.keeps
        built = await build(context, reply_input.counted, reply_input.options[TOKEN_PADDING], page)
        prompt = built.prompt
        self._built[generation.id] = (reply_input, built)
        if self.print_prompts:
            prompt_log.info("prompt of reply %s:\n%s", generation.id, prompt.as_sent())

        async def shrink(error: PromptTooLong) -> Prepared:
            smaller = shrunk(context, error)
            again = await self._build(generation, reply_input, smaller, order)
            return replace(again, shrink=None)

        async def instead(error: BackendError) -> Prepared:
            return await self._instead(generation, reply_input, order, error)

        return Prepared(
            prompt=prompt,
            backend=self.backend_pool.queued(
                reply_input.connection,
                reply_input.facts,
                party_of(reply_input),
                batches_of(reply_input),
            ),
            request=request_of(reply_input, context, prompt),
            rules=rules_of(reply_input, context, prompt, keeps),
            backend_name=reply_input.spec.name,
            shrink=shrink,
            instead=instead if reply_input.connection.fallback else None,
            notes=notes_of(reply_input),
            shows_thoughts=reply_input.options[REASONING_SHOWN],
            hint=partial(self._hint, reply_input) if reply_input.spec.local else None,
        )

    async def _instead(
        self, generation: Generation, reply_input: ReplyInput, order: Order, error: BackendError
    ) -> Prepared:
        """The same reply by the next connection of the chain; raises the fault at its end."""
        connection = await self.input_loader.next_in_chain(reply_input)
        tried = self._tried.setdefault(generation.id, {reply_input.connection.name.casefold()})
        if connection is None or connection.name.casefold() in tried:
            raise error
        tried.add(connection.name.casefold())
        moved = await self.input_loader.moved(reply_input, connection)
        log.info("reply %s goes on with %s: %s", generation.id, connection.name, error.code)
        prepared = await self._build(generation, moved, self._context(moved), order)
        fallback = Note(NoteCode.FALLBACK, connection.name)
        return replace(prepared, notes=(fallback, *prepared.notes))

    def _context(self, reply_input: ReplyInput) -> Context:
        return context_of(reply_input, self._token_cache.lines(reply_input.story.id))

    def _page(self, reply_input: ReplyInput, history: History) -> Page:
        return self._token_cache.page(
            history, reply_input.story.id, reply_input.speaker.id, reply_input.counted
        )

    async def _learn(self, generation: Generation) -> None:
        """Counts stay with their messages, a server's own figures mend estimates."""
        if generation.id not in self._built:
            return
        reply_input, built = self._built[generation.id]
        await self._keep(built)
        if generation.usage is not None and generation.usage.prompt_tokens:
            reported = generation.usage.prompt_tokens
            self.backend_pool.learn(
                reply_input.connection, reply_input.facts.model, built.prompt, reported
            )

    async def _keep(self, built: Built) -> None:
        if built.counts and built.key:
            try:
                await self.messages.save_counts(Counts(built.key, built.counts))
            except StorageError as error:
                log.warning("token counts were not stored: %s", error)

    def _hint(self, reply_input: ReplyInput, rate: float) -> Note | None:
        key = (reply_input.connection.url, reply_input.facts.model, reply_input.place.owner)
        return Note(NoteCode.SLOW) if self.slow.note(key, rate) else None

    def _over(self, generation: Generation) -> None:
        self._tried.pop(generation.id, None)
        self._built.pop(generation.id, None)
        if self._running.get(generation.place.id) is generation:
            del self._running[generation.place.id]


def notes_of(reply_input: ReplyInput) -> tuple[Note, ...]:
    """What is to be said under the reply before anything of it is known.

    Pictures just sent that the model could not see, and context that volunteers do not have.
    """
    notes = []
    asked = next((turn for turn in reversed(reply_input.turns) if turn.author_id), None)
    if asked is not None and shows(asked) and not reply_input.pictures:
        notes.append(Note(NoteCode.IMAGES))
    wish, served = reply_input.options[CONTEXT_SIZE], reply_input.facts.context_size
    if reply_input.spec.models.context == "workers" and wish and served and wish > served:
        notes.append(Note(NoteCode.WORKER_CONTEXT, str(served)))
    return tuple(notes)


def party_of(reply_input: ReplyInput) -> str:
    """Whose turn a reply counts as at a busy server: that of the one who asked."""
    asked = next((turn.author_id for turn in reversed(reply_input.turns) if turn.author_id), None)
    return f"person:{asked}" if asked else f"place:{reply_input.place.id}"
