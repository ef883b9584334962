"""Reads everything a reply starts from: one look at the store, one at the server."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.backends.spec import Spec
from core.backends.types import Image
from core.chat.message import Message, Role
from core.chat.place import Actor, Place
from core.engine.images import Pictures, sees
from core.engine.reply_input import CastEntry, ReplyInput
from core.errors import NotConfigured, NotFound
from core.kind import Kind
from core.models_in_use.backend_pool import BackendPool, ModelFacts
from core.options.table import KIND, MODEL, TOKENIZER
from core.patterns.matcher import Matcher
from core.policy.content_rating import demand_safe
from core.prompt.context import Purpose
from core.services import Services
from core.storage.characters import StoredCharacter
from core.storage.connections import Connection
from core.storage.personas import StoredPersona
from core.storage.story import Story
from core.tokenizers.download import Watcher

SOMEBODY = "User"
"""{{user}} where nobody has said anything yet."""


class ReplyInputLoader:
    """Makes scenes of places."""

    def __init__(
        self,
        services: Services,
        backend_pool: BackendPool,
        matcher: Matcher,
        pictures: Pictures,
        *,
        adult_dms: bool,
    ) -> None:
        self._pictures = pictures
        self._adult_dms = adult_dms
        self._services = services
        self._backend_pool = backend_pool
        self._matcher = matcher

    async def cast(self, story: Story) -> list[CastEntry]:
        """The characters that take part; those deleted since are left out."""
        entries = []
        for member in story.members:
            try:
                stored = await self._services.characters.get(story.place, member.character_id)
            except NotFound:
                continue
            entries.append(CastEntry(stored, member.muted))
        return entries

    async def read(
        self,
        story: Story,
        turns: Sequence[Message],
        purpose: Purpose,
        speaker_id: int | None = None,
        actor: Actor | None = None,
        typed: str = "",
        watch: Watcher | None = None,
    ) -> ReplyInput:
        """The scene of the next reply; `watch` hears of a tokenizer that is fetched for it.

        Raises NotConfigured where no character or no connection is chosen.
        """
        cast = await self.cast(story)
        speaker = await self._speaker(story.place, cast, speaker_id)
        demand_safe(speaker.character, story.place, adult_dms=self._adult_dms)
        asked = next((turn for turn in reversed(turns) if turn.role is Role.USER), None)
        person_id = asked.author_id if asked else (actor.id if actor else None)
        place, services = story.place, self._services
        options = await services.options.resolve(place, speaker.id, person_id)
        persona = await self._persona(place, asked, person_id)
        connection = await services.connections.resolve(place, options)
        spec = self._backend_pool.spec(connection)
        kind = self._backend_pool.kind(connection, options[KIND])
        facts = await self._backend_pool.facts(connection, kind, options[MODEL] or "")
        counted = await self._backend_pool.counted(
            connection, kind, facts.model, options[TOKENIZER], watch
        )
        return ReplyInput(
            place=place,
            story=story,
            purpose=purpose,
            turns=turns,
            options=options,
            speaker=speaker,
            cast=cast,
            persona=persona,
            user_name=name_of(asked, persona, actor),
            connection=connection,
            spec=spec,
            kind=kind,
            facts=facts,
            templates=await services.presets.templates(
                place, options, kind, facts.model, facts.probe.chat_template
            ),
            books=await services.lorebooks.active(story, speaker, persona),
            timed=await services.storage.stories.timed(story),
            variables=await services.storage.stories.variables(story),
            matcher=self._matcher,
            now=datetime.now(UTC),
            seed=secrets.randbits(32),
            counted=counted,
            typed=typed,
            pictures=await self._seen(spec, kind, facts, turns),
        )

    async def moved(self, reply_input: ReplyInput, connection: Connection) -> ReplyInput:
        """The same scene on another connection, with its own kind, model and templates."""
        kind = self._backend_pool.kind(connection)
        facts = await self._backend_pool.facts(connection, kind)
        options, spec = reply_input.options, self._backend_pool.spec(connection)
        return replace(
            reply_input,
            connection=connection,
            spec=spec,
            pictures=await self._seen(spec, kind, facts, reply_input.turns),
            kind=kind,
            facts=facts,
            templates=await self._services.presets.templates(
                reply_input.place, options, kind, facts.model, facts.probe.chat_template
            ),
            counted=await self._backend_pool.counted(
                connection, kind, facts.model, options[TOKENIZER], None
            ),
        )

    async def next_in_chain(self, reply_input: ReplyInput) -> Connection | None:
        """The connection to turn to where the scene's one is down or used up."""
        name = reply_input.connection.fallback
        return await self._services.connections.named(reply_input.place, name) if name else None

    async def _seen(
        self, spec: Spec, kind: Kind, facts: ModelFacts, turns: Sequence[Message]
    ) -> Mapping[int, Image]:
        return await self._pictures.of(turns) if sees(spec, kind, facts) else {}

    async def _speaker(
        self, place: Place, cast: Sequence[CastEntry], speaker_id: int | None
    ) -> StoredCharacter:
        """The one who answers; who has left the cast may still tell an old turn anew."""
        for entry in cast:
            if speaker_id in (None, entry.stored.id):
                return entry.stored
        if speaker_id is None:
            raise NotConfigured("no character takes part here", what="character")
        return await self._services.characters.get(place, speaker_id)

    async def _persona(
        self, place: Place, asked: Message | None, person_id: int | None
    ) -> StoredPersona | None:
        if person_id is None:
            return None
        if asked is not None and asked.persona_id is not None:
            return await self._services.personas.by_id(asked.persona_id)
        return await self._services.personas.current(place, person_id)


def name_of(asked: Message | None, persona: StoredPersona | None, actor: Actor | None) -> str:
    """{{user}}: the author of the newest human line (decisions 1)."""
    if asked is not None:
        return asked.name
    if persona is not None:
        return persona.persona.name
    if actor is not None:
        return actor.name
    return SOMEBODY
