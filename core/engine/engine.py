"""What a person does with a story, one verb each. The Discord side reaches the store only here.

Beside the verbs stand the services of commands, the models in use and the doctor.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.limits import HttpLimits, TimeLimits
from core.characters.character import Character
from core.chat.history import History
from core.chat.message import Incoming, Message, Role, State
from core.chat.place import Actor, Owner, OwnerKind, Place
from core.chat.speakers import PossibleSpeaker, choose
from core.doctor import Doctor
from core.engine.history_cache import HistoryCache
from core.engine.images import Pictures
from core.engine.replies import Preview, Replies, ReplyOrder
from core.engine.reply_input import ReplyInputLoader
from core.engine.scene import NOT_BEGUN, Scene, read_scene
from core.engine.story_scripts import StoryScripts
from core.errors import BudgetExceeded, NotConfigured, NotFound
from core.macros.engine import Macros
from core.macros.environment import CardFields, Environment, MacroNames
from core.models_in_use import ModelsInUse
from core.models_in_use.backend_pool import BackendPool
from core.options.table import CHARACTER_ADULT
from core.patterns.finder import SafeFinder
from core.patterns.matcher import SafeMatcher
from core.policy.content_rating import demand_safe
from core.policy.permissions import Action, demand
from core.presets import stock
from core.presets.preset import PresetKind
from core.presets.stock import for_model
from core.presets.templates import ContextTemplate
from core.prompt.context import Purpose
from core.prompt.handlebars.template import read_template
from core.reasons import Reason
from core.reply.reply_run import ReplyRun, Shown
from core.services import Services
from core.settings import Settings
from core.storage.characters import StoredCharacter
from core.storage.stories import StoryMember
from core.tokenizers.store import TokenizerStore


class Engine:
    """One per process. Open it with `async with Engine.open(settings) as engine`."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        pool: BackendPool,
        matcher: SafeMatcher,
        finder: SafeFinder,
    ) -> None:
        self.settings = settings
        self.services = services
        self.models = ModelsInUse(services, pool)
        self.doctor = Doctor(self.models)
        self._storage = services.storage
        pictures = Pictures(pool.http, settings.discord.cdn_url)
        adult_dms = settings.discord.adult_dms
        self.scripts = StoryScripts(services, finder)
        loader = ReplyInputLoader(self.models, matcher, pictures, self.scripts, adult_dms=adult_dms)
        messages = self._storage.messages
        stories, stopped = self._storage.stories, self.scripts.stopped
        self._replies = Replies(messages, stories, loader, pool, stopped)
        self._histories = HistoryCache(messages)
        self._dice = random.Random()

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncGenerator["Engine", None]:
        """Opens database, HTTP and tokenizers, and closes them in the end."""
        async with AsyncExitStack() as stack:
            preparing = asyncio.create_task(asyncio.to_thread(_read_presets))
            stack.push_async_callback(asyncio.wait, [preparing])
            catalog = Catalog.load(settings.data_dir / "backends")
            services = await stack.enter_async_context(Services.open(settings, catalog))
            http = await stack.enter_async_context(
                Http(limits=_http_limits(settings), prints=settings.log.prompts)
            )
            tokenizers = TokenizerStore(
                settings.data_dir / "_cache", downloads=settings.enable_downloadable_tokenizers
            )
            stack.push_async_callback(tokenizers.close)
            matcher = stack.enter_context(SafeMatcher())
            finder = stack.enter_context(SafeFinder())
            pool = BackendPool(http, catalog, tokenizers)
            stack.push_async_callback(pool.close)
            engine = cls(settings, services, pool, matcher, finder)
            stack.push_async_callback(engine._replies.stop_all)
            yield engine

    @property
    def database(self) -> str:
        """Where everything is kept, without a password."""
        return self._storage.database.shown

    async def scene(self, place: Place, person_id: int | None = None) -> Scene:
        """Who is present in a place and what holds there for a person; one read of the store."""
        return await read_scene(self._storage, place, person_id)

    # What people say

    async def receive(self, scene: Scene, incoming: Incoming) -> bool:
        """Stores a person's message once. True where a reply is due."""
        scene = await self._begun(scene)
        persona = scene.persona
        name = persona.persona.name if persona else incoming.author_name
        message = await self._storage.messages.append_person(
            scene.story,
            discord_id=incoming.discord_id,
            author_id=incoming.author_id,
            name=name,
            text=await self.scripts.said(scene, incoming.text, name),
            persona_id=persona.id if persona else None,
            attachments=incoming.attachments,
            created=incoming.created,
        )
        if message is None:
            return False
        (await self._histories.of(scene.story)).put(message)
        return incoming.fresh and scene.answers(addressed=incoming.addressed)

    async def say(self, place: Place, actor: Actor, text: str) -> Message:
        """A line of a person that was not a Discord message of their own."""
        demand(actor, Action.SPEAK, place)
        scene = await self._begun(await self.scene(place, actor.id))
        persona = scene.persona
        name = persona.persona.name if persona else actor.name
        message = await self._storage.messages.append(
            scene.story,
            Role.USER,
            name,
            [await self.scripts.said(scene, text, name)],
            author_id=actor.id,
            persona_id=persona.id if persona else None,
        )
        (await self._histories.of(scene.story)).put(message)
        return message

    async def edit(self, discord_id: int, text: str) -> None:
        before = await self._storage.messages.find_by_discord(discord_id)
        if before is not None and before.role is Role.USER:
            place = await self._storage.messages.place_of(before.id)
            scene = await self.scene(place, before.author_id)
            text = await self.scripts.said(scene, text, before.name, edited=True)
        message = await self._storage.messages.edit_by_discord(discord_id, text)
        if message is not None:
            self._histories.changed(message)

    async def delete(self, discord_ids: Collection[int]) -> None:
        gone = await self._storage.messages.hide_by_discord(discord_ids)
        self._histories.dropped(gone)

    # Replies

    async def reply(
        self, scene: Scene, *, actor: Actor | None = None
    ) -> AsyncGenerator[ReplyRun, None]:
        """The next replies, one per speaker; each sees the ones before it.

        `scene` is that of the message to be answered.
        """
        if self._histories.has_ended(scene.story):
            scene = await self.scene(scene.place, scene.person_id)
        history = await self._histories.of(scene.story)
        for speaker in self._speakers(scene, history):
            scene = await self._for(scene, history.newest(Role.USER), speaker.id)
            yield await self._replies.begin(ReplyOrder(scene, history, speaker, actor=actor))

    async def regenerate(self, scene: Scene, message_id: int | None = None) -> ReplyRun:
        """A new swipe of a message (the newest of a character)."""
        return await self._again(scene, message_id, Purpose.SWIPE)

    async def continue_(self, scene: Scene, message_id: int | None = None) -> ReplyRun:
        return await self._again(scene, message_id, Purpose.CONTINUE)

    async def swipe(self, scene: Scene, message_id: int, step: int) -> Message | ReplyRun:
        """The stored swipe `step` further; past the last one a new one is made."""
        history = await self._histories.of(scene.story)
        message = _message(history, message_id)
        wanted = message.active + step
        if wanted >= len(message.swipes):
            return await self._again(scene, message_id, Purpose.SWIPE)
        shown = await self._storage.messages.activate_swipe(message, max(0, wanted))
        history.put(shown)
        return shown

    async def inspect(self, place: Place, actor: Actor, typed: str = "") -> Preview:
        """Exactly what the next reply would send, and from what; changes nothing.

        `typed`: a line as if the person had just said it.
        """
        demand(actor, Action.SEE_PROMPT, place)
        return await self._preview(place, actor, typed)

    async def misfit(self, place: Place, actor: Actor) -> BudgetExceeded | None:
        """Why the next reply does not fit; None where it does."""
        return (await self._preview(place, actor)).misfit

    async def _preview(self, place: Place, actor: Actor, typed: str = "") -> Preview:
        scene = await self.scene(place, actor.id)
        history = await self._histories.of(scene.story)
        speaker = self._speakers(scene, history)[0]
        scene = await self._for(scene, history.newest(Role.USER), speaker.id)
        return await self._replies.preview(
            ReplyOrder(scene, history, speaker, actor=actor, typed=typed)
        )

    async def thoughts(self, place: Place, discord_id: int | None = None) -> Message:
        """The message that Discord's shows (the newest of a character), with its thinking.

        Raises NotFound for a message that is no character's of this place.
        """
        if discord_id is None:
            scene = await self.scene(place)
            return _message(await self._histories.of(scene.story), None)
        found = await self._storage.messages.find_by_discord(discord_id)
        if found is None or (await self._storage.messages.place_of(found.id)).id != place.id:
            raise NotFound(what="message")
        return found

    # The story

    async def start(
        self, place: Place, actor: Actor, character_ids: Sequence[int] | None, mode: str
    ) -> Message | None:
        """Switches the chat on with these characters (None: those of before).

        Returns the first one's greeting, stored with its alternates as swipes; None where the
        card has none or a story is under way. Raises NotAllowed, NotFound, NotConfigured.
        """
        demand(actor, Action.SWITCH_CHAT, place)
        scene = await self._begun(await self.scene(place, actor.id))
        if character_ids is None:
            character_ids = [member.character_id for member in scene.story.members]
        if not character_ids:
            raise NotConfigured(what="character")
        for id_ in character_ids:
            await self.services.characters.get(place, id_)
        present = await read_scene(self._storage, place, actor.id, character_ids)
        characters = [present.characters[id_] for id_ in character_ids]
        for found in characters:
            mark = present.options_of(found.id)[CHARACTER_ADULT]
            adult_dms = self.settings.discord.adult_dms
            demand_safe(found.character, place, mark, adult_dms=adult_dms)
        members = [
            StoryMember(found.id, ordinal, talkativeness=found.character.talkativeness)
            for ordinal, found in enumerate(characters)
        ]
        story = await self._storage.stories.set_members(scene.story, members)
        await self.services.options.switch_chat(actor, place, mode)
        history = await self._histories.of(story)
        greeter = characters[0]
        if len(history) or not greeter.character.greetings:
            return None
        user = scene.persona.persona.name if scene.persona else actor.name
        written = _greetings(greeter.character, user, self._dice.getrandbits(32))
        greetings = await self.scripts.greetings(scene, greeter, user, written)
        message = await self._storage.messages.append(
            story, Role.CHARACTER, greeter.character.name, greetings, character_id=greeter.id
        )
        history.put(message)
        return message

    async def stop_chat(self, place: Place, actor: Actor) -> None:
        """Characters fall silent here; the story stays."""
        await self.services.options.switch_chat(actor, place, "off")

    async def clear(self, place: Place, actor: Actor) -> None:
        """Forgets from here: a new story with the same characters."""
        demand(actor, Action.CLEAR_CHAT, place)
        await self.begin_anew(place)

    async def begin_anew(self, place: Place) -> None:
        """A new story with the same characters, whoever wants it."""
        ended = await self._storage.stories.open(place)
        await self._storage.stories.new(place)
        self._histories.end(ended)

    async def undo(self, place: Place, actor: Actor) -> list[int]:
        """Takes back the last exchange. Returns the Discord messages that showed it."""
        demand(actor, Action.STEER_REPLY, place)
        scene = await self.scene(place)
        discord_ids = await self._storage.messages.hide_last_exchange(scene.story)
        self._histories.forget(scene.story)
        return discord_ids

    # What Discord shows

    async def shown_text(self, message: Message, place: Place) -> Shown:
        """What people see of a message as it is stored."""
        ids = [message.character_id] if message.character_id else []
        scene = await read_scene(self._storage, place, message.author_id, ids)
        return await self.scripts.shown(scene, message, await self._histories.of(scene.story))

    async def shown(
        self, message_id: int, discord_ids: Sequence[int], lengths: Sequence[int | None] = ()
    ) -> None:
        """The Discord messages that show a message: the first at once, all at the end."""
        seq = await self._storage.messages.shown(message_id, discord_ids, lengths)
        self._histories.shown(message_id, discord_ids, seq)

    async def shown_by(self, discord_id: int) -> Message | None:
        return await self._storage.messages.find_by_discord(discord_id)

    async def forget_place(self, place_id: int) -> None:
        """A channel or thread is gone, and its stories with it."""
        await self._storage.forget.place(place_id)
        self._histories.forget()

    async def leave_server(self, guild_id: int) -> None:
        """The bot was removed from a server: its keys go at once, nobody there can any more."""
        await self._storage.connections.delete(Owner(OwnerKind.SERVER, guild_id))

    # After a restart

    async def watched(self) -> list[tuple[Place, int]]:
        return await self._storage.stories.watched()

    async def mark_seen(self, place: Place, discord_id: int) -> None:
        await self._storage.stories.mark_seen(place, discord_id)

    async def newest(self, place: Place, limit: int) -> list[Message]:
        story = await self._storage.stories.open(place)
        return await self._storage.messages.history(story, limit)

    async def unfinished(self) -> list[tuple[Place, Message]]:
        return await self._storage.messages.unfinished()

    async def settle(self, message_id: int, text: str | None, state: State = State.CUT) -> Message:
        """The message as Discord shows it, with this text or else with its draft."""
        message = await self._storage.messages.settle(message_id, text, state)
        self._histories.changed(message)
        return message

    async def drop_swipe(self, message: Message) -> Message:
        kept = await self._storage.messages.drop_swipe(message.id, message.active)
        self._histories.changed(kept)
        return kept

    async def discard(self, message_id: int) -> None:
        await self._storage.messages.discard(message_id)
        self._histories.dropped([message_id])

    # Inside

    async def _begun(self, scene: Scene) -> Scene:
        """The scene with a story to write to."""
        if scene.story.id != NOT_BEGUN:
            return scene
        story = await self._storage.stories.open(scene.place)
        if story.members:  # a thread takes over those of its channel
            return await self.scene(scene.place, scene.person_id)
        return replace(scene, story=story)

    async def _for(self, scene: Scene, asked: Message | None, character_id: int) -> Scene:
        """The scene of a reply: for the newest person who spoke, with the one who answers."""
        person_id = asked.author_id if asked is not None else scene.person_id
        if person_id == scene.person_id and character_id in scene.characters:
            return scene
        return await read_scene(self._storage, scene.place, person_id, [character_id])

    async def _again(self, scene: Scene, message_id: int | None, purpose: Purpose) -> ReplyRun:
        history = await self._histories.of(scene.story)
        target = _message(history, message_id)
        if target.character_id is None:
            raise NotFound(Reason.NOT_A_CHARACTERS_MESSAGE, what="message")
        told = reversed(history.until(target.id))
        asked = next((one for one in told if one.role is Role.USER), None)
        scene = await self._for(scene, asked, target.character_id)
        speaker = scene.characters.get(target.character_id)
        if speaker is None:
            raise NotFound(what="character", name="")
        return await self._replies.begin(ReplyOrder(scene, history, speaker, purpose, target))

    def _speakers(self, scene: Scene, history: History) -> list[StoredCharacter]:
        """Who answers next. Raises NotConfigured where nobody takes part."""
        if not scene.members:
            raise NotConfigured(what="character")
        candidates = [
            PossibleSpeaker(
                member.stored.id,
                member.stored.character.name,
                member.muted,
                member.stored.character.talkativeness,
            )
            for member in scene.members
        ]
        asked, spoke = history.newest(Role.USER), history.newest(Role.CHARACTER)
        chosen = choose(
            candidates,
            asked.text if asked else "",
            spoke.character_id if spoke else None,
            self._dice,
        )
        return [scene.characters[id_] for id_ in chosen] or [scene.members[0].stored]


def _message(history: History, message_id: int | None) -> Message:
    """A message of the story (None: the newest of a character). Raises NotFound."""
    newest = history.newest(Role.CHARACTER)
    found = newest if message_id is None else history.find(message_id)
    if found is None:
        raise NotFound(what="message")
    return found


def _greetings(card: Character, user: str, seed: int) -> list[str]:
    """The card's first message and its alternates with names and dice in place.

    The prompt starts from the words that are shown.
    """
    char = card.name
    names = MacroNames(user=user, char=char, group=char, group_not_muted=char, not_char=user)
    plain = Macros(Environment(names=names, reply_seed=seed))
    texts = CardFields(
        description=plain.expand(card.description.strip(), card=False),
        personality=plain.expand(card.personality.strip(), card=False),
        scenario=plain.expand(card.scenario.strip(), card=False),
    )
    macros = Macros(Environment(names=names, card=lambda: texts, reply_seed=seed))
    return [macros.expand(text.strip()) for text in card.greetings]


def _read_presets() -> None:
    """What the first reply would wait for: stock presets, and the grammar of templates."""
    for_model("")
    template = stock.preset(PresetKind.CONTEXT, "Default")
    assert isinstance(template, ContextTemplate)
    read_template(template.story_string).render({}, lambda name: "")


def _http_limits(settings: Settings) -> HttpLimits:
    """The operator's time limits in the terms of the HTTP client."""
    given = settings.limits
    cloud = TimeLimits(given.cloud_first_byte, given.cloud_silence, given.cloud_total)
    local = TimeLimits(given.local_first_byte, given.local_silence, given.local_total)
    horde = TimeLimits(given.cloud_first_byte, given.cloud_silence, given.horde_total)
    return HttpLimits(cloud=cloud, local=local, horde=horde)
