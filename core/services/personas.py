"""Personas as commands use them. Everybody manages their own."""

from collections.abc import Mapping

from core.characters.names import check_name
from core.characters.persona import Persona
from core.chat.place import Actor, Place, Scope
from core.errors import LimitReached, NotFound
from core.storage.personas import PersonaStore, StoredPersona

MOST = 100
"""Personas a person may keep."""


class Personas:
    def __init__(self, store: PersonaStore) -> None:
        self._store = store

    async def list(self, actor: Actor) -> list[StoredPersona]:
        return await self._store.list(actor.id)

    async def find(self, actor: Actor, name: str) -> StoredPersona:
        """The person's own of this name. Raises NotFound."""
        return await self._store.find(actor.id, name)

    async def current(self, place: Place, person_id: int) -> StoredPersona | None:
        return await self._store.current(place, person_id)

    async def new(self, actor: Actor, fields: Mapping[str, str]) -> StoredPersona:
        """Adds a persona; the first one is used everywhere at once. Raises InvalidOption."""
        check_name(fields.get("name", ""))
        own = await self._store.list(actor.id)
        if len(own) >= MOST:
            raise LimitReached(what="personas", limit=MOST)
        persona, _ = Persona.read(dict(fields))
        stored = await self._store.put(actor.id, persona)
        if not own:
            await self._store.bind(actor.id, Scope.EVERYWHERE, 0, stored.id)
        return stored

    async def edit(
        self, actor: Actor, persona_id: int, fields: Mapping[str, object]
    ) -> StoredPersona:
        """Changes one of the person's own. Raises InvalidOption."""
        before = await self._own(actor, persona_id)
        persona, _ = Persona.read({**before.persona.model_dump(), **fields})
        check_name(persona.name)
        return await self._store.put(actor.id, persona, persona_id)

    async def use(self, actor: Actor, place: Place, persona_id: int | None, scope: Scope) -> None:
        """Uses a persona here, in the server or everywhere; None: none there."""
        if persona_id is not None:
            await self._own(actor, persona_id)
        await self._store.bind(actor.id, *place.nearest(scope), persona_id)

    async def delete(self, actor: Actor, persona_id: int) -> None:
        await self._store.delete(actor.id, persona_id)

    async def _own(self, actor: Actor, persona_id: int) -> StoredPersona:
        stored = await self._store.by_id(persona_id)
        if stored is None or stored.person_id != actor.id:
            raise NotFound(what="persona", name="")
        return stored
