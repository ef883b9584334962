"""Who people are in their stories. A persona belongs to its person alone."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update

from core.characters.persona import Persona
from core.chat.place import Place, Scope
from core.errors import AlreadyExists, NotFound
from core.storage.database import Database
from core.storage.forget import drop_scope
from core.storage.lorebooks import PERSONA
from core.storage.tables import persona, persona_binding
from core.storage.values import fold

ROLES = ("system", "user", "assistant")
LADDER = (Scope.THREAD, Scope.CHANNEL, Scope.CATEGORY, Scope.SERVER, Scope.EVERYWHERE)


@dataclass(frozen=True, slots=True)
class StoredPersona:
    """A persona with its id."""

    id: int
    person_id: int
    persona: Persona


class PersonaStore:
    """Reads and writes personas. All methods raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, person_id: int) -> list[StoredPersona]:
        """The person's personas, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(persona).where(persona.c.person_id == person_id).order_by(persona.c.name_key)
            )
            return [_stored(row) for row in rows]

    async def by_id(self, persona_id: int) -> StoredPersona | None:
        """One persona, whosever it is: for turns that were told under it."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(persona).where(persona.c.id == persona_id))
            row = rows.first()
        return _stored(row) if row else None

    async def find(self, person_id: int, name: str) -> StoredPersona:
        """The person's persona of this name. Raises NotFound."""
        same = persona.c.name_key == fold(name)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(persona).where(persona.c.person_id == person_id, same)
            )
            row = rows.first()
        if row is None:
            raise NotFound("no such persona", what="persona", name=name)
        return _stored(row)

    async def put(
        self, person_id: int, new: Persona, persona_id: int | None = None
    ) -> StoredPersona:
        """Adds a persona or changes one. Raises AlreadyExists, NotFound."""
        same = persona.c.name_key == fold(new.name)
        values = {
            "name": new.name,
            "name_key": fold(new.name),
            "description": new.description,
            "position": new.position,
            "depth": new.depth,
            "role": ROLES.index(new.role),
        }
        async with self._database.write() as connection:
            taken = await connection.execute(
                select(persona.c.id).where(
                    persona.c.person_id == person_id, same, persona.c.id != (persona_id or 0)
                )
            )
            if taken.first() is not None:
                raise AlreadyExists("the name is taken", what="persona", name=new.name)
            if persona_id is None:
                await connection.execute(insert(persona).values(person_id=person_id, **values))
            else:
                mine = and_(persona.c.id == persona_id, persona.c.person_id == person_id)
                await connection.execute(update(persona).where(mine).values(**values))
        return await self.find(person_id, new.name)

    async def delete(self, person_id: int, persona_id: int) -> None:
        """Removes a persona and where it was used."""
        mine = and_(persona.c.id == persona_id, persona.c.person_id == person_id)
        async with self._database.write() as connection:
            gone = await connection.execute(delete(persona).where(mine))
            if gone.rowcount:
                await drop_scope(connection, PERSONA, persona_id)

    async def bind(
        self, person_id: int, scope: Scope, scope_id: int, persona_id: int | None
    ) -> None:
        """Uses a persona in a scope; None: none there."""
        key = and_(
            persona_binding.c.person_id == person_id,
            persona_binding.c.scope == scope.value,
            persona_binding.c.scope_id == scope_id,
        )
        async with self._database.write() as connection:
            await connection.execute(delete(persona_binding).where(key))
            if persona_id is not None:
                await connection.execute(
                    insert(persona_binding).values(
                        person_id=person_id,
                        scope=scope.value,
                        scope_id=scope_id,
                        persona_id=persona_id,
                    )
                )

    async def current(self, place: Place, person_id: int) -> StoredPersona | None:
        """The person's persona here: the narrowest that is bound."""
        scopes = place.scopes()
        bound = or_(
            *(
                and_(persona_binding.c.scope == scope.value, persona_binding.c.scope_id == id_)
                for scope, id_ in scopes
            )
        )
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(persona, persona_binding.c.scope)
                .join(persona_binding, persona_binding.c.persona_id == persona.c.id)
                .where(persona_binding.c.person_id == person_id, bound)
            )
            found = sorted(rows, key=lambda row: LADDER.index(Scope(row.scope)))
        return _stored(found[0]) if found else None


def _stored(row: Row[*tuple[Any, ...]]) -> StoredPersona:
    document = {
        "name": row.name,
        "description": row.description,
        "position": row.position,
        "depth": row.depth,
        "role": ROLES[row.role] if 0 <= row.role < len(ROLES) else "system",
        "avatar": row.avatar or "",
    }
    return StoredPersona(row.id, row.person_id, Persona.read(document)[0])
