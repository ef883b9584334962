"""The few verbs the bot may call; everything else in core is reached through them."""

import asyncio
import random
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.types import Model
from core.chat.history import History
from core.chat.incoming import Incoming
from core.chat.message import Message, Role
from core.chat.place import Actor, Owner, OwnerKind, Place
from core.chat.speakers import CastMember, choose
from core.doctor import Doctor
from core.engine.connection_test import ConnectionTest, check_up
from core.engine.greetings import greetings_of
from core.engine.history_cache import HistoryCache
from core.engine.images import Pictures
from core.engine.limits import http_limits
from core.engine.replies import Order, Replies
from core.engine.reply_input import ReplyInput
from core.engine.reply_input_loader import ReplyInputLoader
from core.engine.warm import warm_up
from core.errors import NotConfigured, NotFound
from core.models_in_use.active_model import ActiveModel, active_model_of
from core.models_in_use.advice import Advice, advice_of
from core.models_in_use.backend_pool import BackendPool, ModelFacts
from core.options.table import CHAT_MODE, KIND
from core.patterns.matcher import SafeMatcher
from core.policy.content_rating import demand_safe
from core.policy.permissions import Action, demand
from core.presets.preset import PresetKind, Templates
from core.prompt.context import Purpose
from core.prompt.prompt import Prompt
from core.reply.generation import Generation
from core.services import Services
from core.settings import Settings
from core.storage.characters import StoredCharacter
from core.storage.connections import Connection
from core.storage.story import Story, StoryMember
from core.tokenizers.store import TokenizerStore


class Engine:
    """One per process. Open it with `async with Engine.open(settings) as engine`."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        backend_pool: BackendPool,
        matcher: SafeMatcher,
    ) -> None:
        self.settings = settings
        self.services = services
        self.backend_pool = backend_pool
        self.storage = services.storage
        self.doctor = Doctor(backend_pool)
        pictures = Pictures(backend_pool.http, settings.discord.cdn_url)
        adult_dms = settings.discord.adult_dms
        self.input_loader = ReplyInputLoader(
            services, backend_pool, matcher, pictures, adult_dms=adult_dms
        )
        self.replies = Replies(
            services.storage.messages,
            self.input_loader,
            backend_pool,
            print_prompts=settings.log.prompts,
        )
        self._stories = HistoryCache(services.storage.stories, services.storage.messages)
        self._dice = random.Random()

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncGenerator["Engine", None]:
        """Opens database, HTTP and tokenizers, and closes them in the end."""
        async with AsyncExitStack() as stack:
            warming = asyncio.create_task(asyncio.to_thread(warm_up))
            stack.push_async_callback(asyncio.wait, [warming])
            catalog = Catalog.load(settings.data_dir / "backends")
            services = await stack.enter_async_context(Services.open(settings, catalog))
            http = await stack.enter_async_context(Http(limits=http_limits(settings)))
            tokenizers = TokenizerStore(
                settings.data_dir / "_cache", downloads=settings.enable_downloadable_tokenizers
            )
            stack.push_async_callback(tokenizers.close)
            matcher = stack.enter_context(SafeMatcher())
            engine = cls(settings, services, BackendPool(http, catalog, tokenizers), matcher)
            stack.push_async_callback(engine.backend_pool.close)
            stack.push_async_callback(engine.replies.stop_all)
            yield engine

    # What people do

    async def receive(self, incoming: Incoming) -> bool:
        """Stores a person's message once. True where a reply is due."""
        story = await self.storage.stories.open(incoming.place)
        persona = await self.services.personas.current(incoming.place, incoming.author_id)
        turn = await self.storage.messages.append_person(
            story,
            discord_id=incoming.discord_id,
            author_id=incoming.author_id,
            name=persona.persona.name if persona else incoming.author_name,
            text=incoming.text,
            persona_id=persona.id if persona else None,
            attachments=incoming.attachments,
            created=incoming.created,
        )
        if turn is None:
            return False
        (await self._stories.history(story)).put(turn)
        return incoming.fresh and await self._answers(story, incoming.addressed)

    async def edit(self, discord_id: int, text: str) -> None:
        """A message was edited in Discord."""
        turn = await self.storage.messages.edit_by_discord(discord_id, text)
        if turn is not None:
            self._stories.changed(turn)

    async def delete(self, discord_ids: Collection[int]) -> None:
        """Messages were deleted in Discord."""
        gone = await self.storage.messages.hide_by_discord(discord_ids)
        self._stories.dropped(gone)

    # Replies

    async def reply(
        self, place: Place, *, actor: Actor | None = None
    ) -> AsyncGenerator[Generation, None]:
        """The next turns, one per speaker; each sees the ones before it."""
        story, history = await self._stories.open(place)
        for character_id in await self._speakers(story, history):
            character = await self.services.characters.get(place, character_id)
            yield await self.replies.begin(Order(story, history, character, actor=actor))

    async def regenerate(self, place: Place, message_id: int | None = None) -> Generation:
        """A new alternative of a turn (the newest of a character)."""
        return await self._again(place, message_id, Purpose.SWIPE)

    async def continue_(self, place: Place, message_id: int | None = None) -> Generation:
        """More of a turn."""
        return await self._again(place, message_id, Purpose.CONTINUE)

    async def swipe(self, place: Place, message_id: int, step: int) -> Message | Generation:
        """The stored alternative `step` further; past the last one a new one is made."""
        _, history, turn = await self._stories.turn(place, message_id)
        wanted = turn.active + step
        if wanted >= len(turn.swipes):
            return await self._again(place, message_id, Purpose.SWIPE)
        shown = await self.storage.messages.activate_swipe(turn, max(0, wanted))
        history.put(shown)
        return shown

    async def inspect(
        self, place: Place, actor: Actor, typed: str = ""
    ) -> tuple[ReplyInput, Prompt]:
        """Exactly what the next reply would send, and from what; changes nothing.

        `typed`: a line as if the person had just said it.
        """
        demand(actor, Action.SEE_PROMPT, place)
        story, history = await self._stories.open(place)
        speakers = await self._speakers(story, history)
        character = await self.services.characters.get(place, speakers[0])
        order = Order(story, history, character, actor=actor, typed=typed)
        return await self.replies.preview(order)

    # Chats

    async def start(
        self, place: Place, actor: Actor, character_ids: Sequence[int] | None, mode: str
    ) -> Message | None:
        """Switches the chat on with these characters (None: those of before).

        Returns the first one's greeting, stored with its alternates as swipes; None where the
        card has none or a story is under way. Raises NotAllowed, NotFound, NotConfigured.
        """
        demand(actor, Action.SWITCH_CHAT, place)
        story = await self.storage.stories.open(place)
        if character_ids is None:
            character_ids = [member.character_id for member in story.members]
        if not character_ids:
            raise NotConfigured("nobody to talk", what="character")
        characters = [await self.services.characters.get(place, id_) for id_ in character_ids]
        for found in characters:
            demand_safe(found.character, place, adult_dms=self.settings.discord.adult_dms)
        members = [
            StoryMember(found.id, ordinal, talkativeness=found.character.talkativeness)
            for ordinal, found in enumerate(characters)
        ]
        story = await self.storage.stories.set_members(story, members)
        await self.services.options.switch_chat(actor, place, mode)
        history = await self._stories.history(story)
        greeter = characters[0]
        if len(history) or not greeter.character.greetings:
            return None
        turn = await self.storage.messages.append(
            story,
            Role.CHARACTER,
            greeter.character.name,
            await self._greetings(story, greeter, actor),
            character_id=greeter.id,
        )
        history.put(turn)
        return turn

    async def say(self, place: Place, actor: Actor, text: str) -> Message:
        """A line of a person that was not a Discord message of their own."""
        demand(actor, Action.SPEAK, place)
        story = await self.storage.stories.open(place)
        persona = await self.services.personas.current(place, actor.id)
        turn = await self.storage.messages.append(
            story,
            Role.USER,
            persona.persona.name if persona else actor.name,
            [text],
            author_id=actor.id,
            persona_id=persona.id if persona else None,
        )
        (await self._stories.history(story)).put(turn)
        return turn

    async def cast(self, place: Place) -> list[str]:
        """The names of those who take part."""
        story = await self.storage.stories.open(place)
        return [entry.stored.character.name for entry in await self.input_loader.cast(story)]

    async def stop_chat(self, place: Place, actor: Actor) -> None:
        """Characters fall silent here; the story stays."""
        await self.services.options.switch_chat(actor, place, "off")

    async def clear(self, place: Place, actor: Actor) -> None:
        """Forgets from here: a new story with the same characters."""
        demand(actor, Action.CLEAR_CHAT, place)
        story = await self.storage.stories.open(place)
        self._stories.forget(story)
        await self.storage.stories.new(place)

    async def undo(self, place: Place, actor: Actor) -> list[int]:
        """Takes back the last exchange. Returns the Discord messages that showed it."""
        demand(actor, Action.STEER_REPLY, place)
        story = await self.storage.stories.open(place)
        discord_ids = await self.storage.messages.hide_last_exchange(story)
        self._stories.forget(story)
        return discord_ids

    async def active(self, place: Place) -> bool:
        """Whether characters answer here."""
        options = await self.services.options.resolve(place)
        return options[CHAT_MODE] != "off" or place.guild_id is None

    async def thoughts(self, place: Place, discord_id: int | None = None) -> Message:
        """The turn a Discord message shows (the newest of a character), with its thinking.

        Raises NotFound for a message that is no character's of this place.
        """
        if discord_id is None:
            _, _, turn = await self._stories.turn(place, None)
            return turn
        found = await self.storage.messages.find_by_discord(discord_id)
        if found is None or (await self.storage.messages.place_of(found.id)).id != place.id:
            raise NotFound("no such message in this story", what="message")
        return found

    # What Discord shows

    async def shown(
        self, message_id: int, swipe: int, discord_ids: Sequence[int], lengths: Sequence[int] = ()
    ) -> None:
        """The Discord messages that show a turn: the first at once, all at the end."""
        await self.storage.messages.shown(message_id, discord_ids, lengths)
        await self._stories.reread(message_id)

    async def shown_by(self, discord_id: int) -> Message | None:
        """The message that a Discord message shows or was made from."""
        return await self.storage.messages.find_by_discord(discord_id)

    async def message(self, place: Place, message_id: int) -> Message:
        """One message as it is stored. Raises NotFound."""
        return await self.storage.messages.get(place.id, message_id)

    async def newest(self, place: Place, limit: int) -> list[Message]:
        """The end of the story, oldest first."""
        return await self.storage.messages.history(await self.storage.stories.open(place), limit)

    async def watched(self) -> list[tuple[Place, int]]:
        """Where the bot reads along, with the newest Discord message it has seen there."""
        return await self.storage.stories.watched()

    async def mark_seen(self, place: Place, discord_id: int) -> None:
        """Up to this Discord message everything has been read, or is not to be."""
        await self.storage.stories.mark_seen(place, discord_id)

    async def forget_place(self, place_id: int) -> None:
        """A channel or thread is gone, and its stories with it."""
        await self.storage.forget.place(place_id)
        self._stories.forget()

    async def leave_server(self, guild_id: int) -> None:
        """The bot was removed from a server: its keys go at once (reliability K6)."""
        await self.storage.connections.delete_all(Owner(OwnerKind.SERVER, guild_id))

    async def unfinished(self) -> list[tuple[Place, Message]]:
        """Turns that were on their way when the process ended."""
        return await self.storage.messages.unfinished()

    async def settle(self, message_id: int, text: str | None) -> Message:
        """Marks a turn as cut, with this text or its draft."""
        turn = await self.storage.messages.settle(message_id, text)
        self._stories.changed(turn)
        return turn

    async def drop_swipe(self, message: Message) -> Message:
        """Removes the active swipe; the one before it stands again."""
        kept = await self.storage.messages.drop_swipe(message.id, message.active)
        self._stories.changed(kept)
        return kept

    async def discard(self, message_id: int) -> None:
        """Removes a turn that came to nothing."""
        await self.storage.messages.discard(message_id)
        self._stories.dropped([message_id])

    async def avatar(self, character_id: int) -> bytes | None:
        """The character's small picture."""
        return await self.services.characters.avatar(character_id)

    async def remembered(self, key: str) -> str | None:
        """What `remember` kept under a key, from a process before this too."""
        return await self.storage.meta.get(key)

    async def remember(self, key: str, value: str) -> None:
        """Keeps a word over restarts."""
        await self.storage.meta.set(key, value)

    # Connections

    async def connection(self, place: Place) -> Connection | None:
        """What answers here; None where nothing is chosen."""
        options = await self.services.options.resolve(place)
        try:
            return await self.services.connections.resolve(place, options)
        except NotConfigured:
            return None

    async def active_model(
        self, place: Place, character_id: int | None = None, *, patience: float | None = None
    ) -> ActiveModel:
        """What answers here (or for a character), and how. Raises NotConfigured.

        `patience`: seconds after which a server that does not tell counts as silent.
        """
        return await active_model_of(
            self.services, self.backend_pool, place, character_id, patience=patience
        )

    async def facts(self, place: Place) -> ModelFacts:
        """What is known about the model that answers here. Raises NotConfigured."""
        return (await self.active_model(place)).facts

    async def templates(self, place: Place) -> Templates:
        """The templates that hold here. Raises NotConfigured."""
        return await self.templates_of(await self.active_model(place))

    async def templates_of(self, active_model: ActiveModel) -> Templates:
        """The templates that hold there."""
        chat_template = active_model.facts.probe.chat_template
        return await self.services.presets.templates(
            active_model.place,
            active_model.options,
            active_model.kind,
            active_model.model,
            chat_template,
        )

    async def template_name(self, place: Place, kind: PresetKind) -> str:
        """The template in use of a kind; where instruct is off, the most usual one."""
        return (await self.templates(place)).chosen[kind.value] or "ChatML"

    async def advice(self, active_model: ActiveModel) -> Advice:
        """What to say about the model that answers there."""
        return advice_of(active_model, await self.templates_of(active_model))

    async def samplers(self, active_model: ActiveModel) -> dict[str, Any]:
        """The sampler values that hold there."""
        return await self.services.presets.samplers(
            active_model.place, active_model.options, active_model.kind
        )

    async def check_up(self, place: Place, actor: Actor, text: str) -> ConnectionTest:
        """Looks for faults, and asks for a few words where there are none.

        Raises NotConfigured.
        """
        connection = await self.connection(place)
        if connection is not None:
            self.backend_pool.forget(connection)
        found = await self.active_model(place)
        may_look = self.services.connections.may_look_around(actor)
        advice = await self.advice(found)
        return await check_up(
            self.backend_pool, self.doctor, found, advice, text, may_look=may_look
        )

    async def models(self, place: Place) -> Sequence[Model]:
        """The models of the server that answers here, those for pictures too.

        Raises Unsupported, BackendError.
        """
        connection = await self.connection(place)
        if connection is None:
            raise NotConfigured("no model is connected", what="model", command="connect use")
        options = await self.services.options.resolve(place)
        kind = self.backend_pool.kind(connection, options[KIND])
        return await self.backend_pool.listed(connection, kind)

    # Inside

    async def _greetings(self, story: Story, greeter: StoredCharacter, actor: Actor) -> list[str]:
        """The card's greetings with the names in place; the prompt starts from these words."""
        persona = await self.services.personas.current(story.place, actor.id)
        user = persona.persona.name if persona else actor.name
        return greetings_of(greeter.character, user, self._dice.getrandbits(32))

    async def _again(self, place: Place, message_id: int | None, purpose: Purpose) -> Generation:
        story, history, turn = await self._stories.turn(place, message_id)
        if turn.character_id is None:
            raise NotFound("this is no character's message", what="message")
        character = await self.services.characters.get(place, turn.character_id)
        return await self.replies.begin(Order(story, history, character, purpose, turn))

    async def answers(self, place: Place, *, addressed: bool) -> bool:
        """Whether characters answer a message here."""
        return await self._answers(await self.storage.stories.open(place), addressed)

    async def _answers(self, story: Story, addressed: bool) -> bool:
        # A chat whose characters are gone answers too: that nobody is there.
        options = await self.services.options.resolve(story.place)
        if story.place.guild_id is None:
            return True
        mode = options[CHAT_MODE]
        return mode == "every" or (mode == "mention" and addressed)

    async def _speakers(self, story: Story, history: History) -> list[int]:
        cast = [
            CastMember(
                entry.stored.id,
                entry.stored.character.name,
                entry.muted,
                entry.stored.character.talkativeness,
            )
            for entry in await self.input_loader.cast(story)
        ]
        if not cast:
            raise NotConfigured("no character takes part here", what="character")
        asked = history.newest(Role.USER)
        spoke = history.newest(Role.CHARACTER)
        chosen = choose(
            cast, asked.text if asked else "", spoke.character_id if spoke else None, self._dice
        )
        return chosen or [cast[0].character_id]
