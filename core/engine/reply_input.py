"""Everything one reply starts from: one look at the store, one at the server."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b

from core.backends.types import Image
from core.chat.message import Message, Role
from core.chat.place import Actor
from core.engine.images import Pictures, sees
from core.engine.scene import Scene
from core.engine.story_scripts import StoryScripts
from core.lorebook import Sources, TimedState
from core.macros.variables import Variables
from core.models_in_use.models import ActiveModel, ModelsInUse
from core.models_in_use.token_counter import TokenCounter
from core.options.table import CHARACTER_ADULT, PICTURES
from core.patterns.matcher import Matcher
from core.policy.content_rating import demand_safe
from core.presets.preset import Templates
from core.prompt.context import Purpose
from core.regex_scripts.run import ScriptSet
from core.storage.characters import StoredCharacter
from core.storage.connections import Connection
from core.storage.personas import StoredPersona
from core.storage.stories import Story
from core.tokenizers.store import Watcher


@dataclass(frozen=True, slots=True)
class ReplyInput(ActiveModel):
    """The model that answers, and all else one reply starts from.

    `messages` are those the model may see, oldest first.
    """

    scene: Scene
    purpose: Purpose
    messages: Sequence[Message]
    speaker: StoredCharacter
    persona: StoredPersona | None
    user_name: str
    templates: Templates
    books: Sources
    timed: TimedState
    variables: Variables
    matcher: Matcher
    now: datetime
    seed: int
    token_counter: TokenCounter
    scripts: ScriptSet
    typed: str = ""
    pictures: Mapping[int, Image] = field(default_factory=dict)
    """What the model is shown, by the ids of attachments."""

    @property
    def story(self) -> Story:
        return self.scene.story

    @property
    def asked(self) -> Message | None:
        """The newest words of a person."""
        people = (one for one in reversed(self.messages) if one.author_id)
        return next(people, None)


_process = secrets.token_bytes(8)


def seed_of(turn: str) -> int:
    """The seed of a turn's macros; other after every start of the bot."""
    if not turn:
        return secrets.randbits(32)
    return int.from_bytes(blake2b(turn.encode(), digest_size=4, key=_process).digest())


SOMEBODY = "User"
"""{{user}} where nobody has said anything yet."""


class ReplyInputLoader:
    def __init__(
        self,
        models: ModelsInUse,
        matcher: Matcher,
        pictures: Pictures,
        scripts: StoryScripts,
        *,
        adult_dms: bool,
    ) -> None:
        self._pictures = pictures
        self._scripts = scripts
        self._adult_dms = adult_dms
        self._models = models
        self._matcher = matcher

    async def read(
        self,
        scene: Scene,
        messages: Sequence[Message],
        purpose: Purpose,
        speaker: StoredCharacter,
        actor: Actor | None = None,
        typed: str = "",
        watch: Watcher | None = None,
        *,
        turn: str = "",
    ) -> ReplyInput:
        """What the next reply of this speaker starts from.

        `turn` names the reply: macros of chance give the same in a preview as in what is then
        sent. `watch` hears of a tokenizer that is fetched for it. Raises NotConfigured where no
        connection is chosen.
        """
        place, services = scene.place, self._models.services
        options = scene.options_of(speaker.id)
        mark = options[CHARACTER_ADULT]
        demand_safe(speaker.character, place, mark, adult_dms=self._adult_dms)
        asked = next((one for one in reversed(messages) if one.role is Role.USER), None)
        connection = await services.connections.resolve(place, options)
        model = await self._models.on(place, connection, options)
        token_counter = await self._models.token_counter(model, watch)
        async with services.storage.database.read():
            persona = await self._persona(scene, asked)
            templates = await self._models.templates_of(model)
            books = await services.lorebooks.active(scene.story, speaker, persona)
            timed = await services.storage.stories.timed(scene.story)
            variables = await services.storage.stories.variables(scene.story)
            scripts = await self._scripts.at_work(scene, options, [speaker], model.kind)
        return ReplyInput(
            place=place,
            connection=connection,
            spec=model.spec,
            kind=model.kind,
            facts=model.facts,
            options=options,
            scene=scene,
            purpose=purpose,
            messages=messages,
            speaker=speaker,
            persona=persona,
            user_name=name_of(asked, persona, actor),
            templates=templates,
            books=books,
            timed=timed,
            variables=variables,
            matcher=self._matcher,
            now=datetime.now(UTC),
            seed=seed_of(turn),
            token_counter=token_counter,
            scripts=scripts,
            typed=typed,
            pictures=await self._seen(model, messages),
        )

    async def moved(self, reply_input: ReplyInput, connection: Connection) -> ReplyInput:
        """The same reply on another connection, with its own kind, model and templates."""
        place, options = reply_input.place, reply_input.options
        model = await self._models.on(place, connection, options, wishes=False)
        return replace(
            reply_input,
            connection=connection,
            spec=model.spec,
            pictures=await self._seen(model, reply_input.messages),
            kind=model.kind,
            facts=model.facts,
            templates=await self._models.templates_of(model),
            token_counter=await self._models.token_counter(model),
            scripts=await self._scripts.at_work(
                reply_input.scene, options, [reply_input.speaker], model.kind
            ),
        )

    async def next_in_chain(self, reply_input: ReplyInput) -> Connection | None:
        """The connection to turn to where the present one is down or used up."""
        name = reply_input.connection.fallback
        return (
            await self._models.services.connections.named(reply_input.place, name) if name else None
        )

    async def _seen(self, model: ActiveModel, messages: Sequence[Message]) -> Mapping[int, Image]:
        seen = sees(model.spec, model.kind, model.facts, model.options[PICTURES])
        return await self._pictures.of(messages) if seen else {}

    async def _persona(self, scene: Scene, asked: Message | None) -> StoredPersona | None:
        """The persona under which the newest person spoke, else who they are now."""
        if asked is None or asked.persona_id is None:
            return scene.persona
        if scene.persona is not None and scene.persona.id == asked.persona_id:
            return scene.persona
        return await self._models.services.storage.personas.by_id(asked.persona_id)


def name_of(asked: Message | None, persona: StoredPersona | None, actor: Actor | None) -> str:
    """{{user}}: the author of the newest human line, whoever pressed a button since."""
    if asked is not None:
        return asked.name
    if persona is not None:
        return persona.persona.name
    if actor is not None:
        return actor.name
    return SOMEBODY
