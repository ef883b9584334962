"""Who people are in their stories. A persona belongs to its person alone."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update

from core.characters.persona import Persona
from core.chat.place import Place, Scope
from core.errors import NotFound
from core.storage.columns import demand_free_name, name_columns, named
from core.storage.database import Store
from core.storage.forget import drop_scope
from core.storage.lorebooks import PERSONA
from core.storage.tables import persona_bindings, personas

ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class StoredPersona:
    id: int
    person_id: int
    persona: Persona


class PersonaStore(Store):
    async def list(self, person_id: int) -> list[StoredPersona]:
        mine = select(personas).where(personas.c.person_id == person_id)
        rows = await self._database.rows(mine.order_by(personas.c.name_key))
        return [_stored(row) for row in rows]

    async def by_id(self, persona_id: int) -> StoredPersona | None:
        """One persona, whosever it is: for messages that were told under it."""
        row = await self._database.first(select(personas).where(personas.c.id == persona_id))
        return _stored(row) if row else None

    async def find(self, person_id: int, name: str) -> StoredPersona:
        """The person's persona of this name. Raises NotFound."""
        mine = select(personas).where(personas.c.person_id == person_id, named(personas, name))
        row = await self._database.first(mine)
        if row is None:
            raise NotFound(what="persona", name=name)
        return _stored(row)

    async def put(
        self, person_id: int, new: Persona, persona_id: int | None = None
    ) -> StoredPersona:
        """Adds a persona or changes one. Raises AlreadyExists, NotFound."""
        mine = personas.c.person_id == person_id
        values = {
            **name_columns(new.name),
            "description": new.description,
            "position": new.position,
            "depth": new.depth,
            "role": ROLES.index(new.role),
        }
        async with self._database.write() as connection:
            await demand_free_name(connection, personas, mine, new.name, persona_id or 0)
            await connection.execute(
                insert(personas).values(person_id=person_id, **values)
                if persona_id is None
                else update(personas).where(mine, personas.c.id == persona_id).values(**values)
            )
        return await self.find(person_id, new.name)

    async def delete(self, person_id: int, persona_id: int) -> None:
        mine = and_(personas.c.id == persona_id, personas.c.person_id == person_id)
        async with self._database.write() as connection:
            gone = await connection.execute(delete(personas).where(mine))
            if gone.rowcount:
                await drop_scope(connection, PERSONA, persona_id)

    async def bind(
        self, person_id: int, scope: Scope, scope_id: int, persona_id: int | None
    ) -> None:
        """Uses a persona in a scope; None: none there."""
        key = {"person_id": person_id, "scope": scope.value, "scope_id": scope_id}
        there = and_(*(persona_bindings.c[name] == value for name, value in key.items()))
        async with self._database.write() as connection:
            await connection.execute(delete(persona_bindings).where(there))
            if persona_id is not None:
                await connection.execute(
                    insert(persona_bindings).values(**key, persona_id=persona_id)
                )

    async def current(self, place: Place, person_id: int) -> StoredPersona | None:
        """The person's persona here: the narrowest that is bound."""
        columns = persona_bindings.c
        bound = or_(
            *(
                and_(columns.scope == scope.value, columns.scope_id == id_)
                for scope, id_ in place.scopes()
            )
        )
        rows = await self._database.rows(
            select(personas, columns.scope)
            .join(persona_bindings, columns.persona_id == personas.c.id)
            .where(columns.person_id == person_id, bound)
        )
        found = {Scope(row.scope): row for row in rows}
        row = next((found[scope] for scope, _ in place.scopes() if scope in found), None)
        return _stored(row) if row else None


def _stored(row: Row[*tuple[Any, ...]]) -> StoredPersona:
    document = {
        "name": row.name,
        "description": row.description,
        "position": row.position,
        "depth": row.depth,
        "role": ROLES[row.role] if 0 <= row.role < len(ROLES) else "system",
    }
    return StoredPersona(row.id, row.person_id, Persona.read(document)[0])
