"""Regex scripts of servers and channels, and which scripts of cards and presets may run."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from core.chat.place import Owner, Scope
from core.errors import NotFound
from core.regex_scripts.script import RegexScript
from core.storage.columns import fold, owned, owner_columns
from core.storage.database import Store
from core.storage.tables import presets, regex_scripts, script_consents


class Bringer(StrEnum):
    """What brings scripts along in its document."""

    CHARACTER = "character"
    PRESET = "preset"


Consents = frozenset[tuple[Bringer, int, str]]
"""What brings the script, its id, and the script's digest."""

_COLUMNS: Mapping[Bringer, Column[Any]] = {
    Bringer.CHARACTER: script_consents.c.character_id,
    Bringer.PRESET: script_consents.c.preset_id,
}


@dataclass(frozen=True, slots=True)
class StoredScript:
    """A script of a server or channel. `allowed`: somebody with the right wants it to run."""

    id: int
    scope: Scope
    scope_id: int
    script: RegexScript
    allowed: bool


@dataclass(frozen=True, slots=True)
class StoredPreset:
    """A preset's row as it is stored, for what its document brings along."""

    id: int
    kind: str
    name: str
    document: dict[str, Any]


class RegexScriptStore(Store):
    async def within(
        self, owner: Owner, scopes: Collection[tuple[Scope, int]]
    ) -> list[StoredScript]:
        """The owner's scripts in these scopes, each list in its order."""
        columns = regex_scripts.c
        reach = tuple_(columns.scope, columns.scope_id).in_(
            [(scope.value, id_) for scope, id_ in scopes]
        )
        rows = await self._database.rows(
            select(regex_scripts)
            .where(owned(regex_scripts, owner), reach)
            .order_by(columns.ordinal, columns.id)
        )
        return [
            StoredScript(
                row.id, Scope(row.scope), row.scope_id, RegexScript.of(row.document), row.allowed
            )
            for row in rows
        ]

    async def add(
        self,
        owner: Owner,
        scope: tuple[Scope, int],
        scripts: Sequence[RegexScript],
        *,
        allowed: bool,
        created_by: int = 0,
    ) -> None:
        """Puts scripts behind those that are there."""
        columns = regex_scripts.c
        there = and_(
            owned(regex_scripts, owner),
            columns.scope == scope[0].value,
            columns.scope_id == scope[1],
        )
        async with self._database.write() as connection:
            last = select(func.coalesce(func.max(columns.ordinal), 0)).where(there)
            ordinal = (await connection.execute(last)).scalar_one()
            for number, script in enumerate(scripts, ordinal + 1):
                await connection.execute(
                    insert(regex_scripts).values(
                        **owner_columns(owner),
                        scope=scope[0].value,
                        scope_id=scope[1],
                        ordinal=number,
                        document=dict(script.document),
                        allowed=allowed,
                        created_by=created_by,
                    )
                )

    async def change(
        self, owner: Owner, script_id: int, script: RegexScript, *, allowed: bool
    ) -> None:
        """Other contents for a script. Raises NotFound."""
        its = update(regex_scripts).where(*_its(owner, script_id))
        if not await self._database.change(
            its.values(document=dict(script.document), allowed=allowed)
        ):
            raise NotFound(what="script", name=script.name)

    async def delete(self, owner: Owner, script_id: int) -> bool:
        """Removes a script. False where there was none."""
        return await self._database.change(delete(regex_scripts).where(*_its(owner, script_id))) > 0

    # What cards and presets bring

    async def presets(self, owner: Owner, wanted: Iterable[tuple[str, str]]) -> list[StoredPreset]:
        """The owner's presets of these kinds and names."""
        keys = [(kind, fold(name)) for kind, name in wanted]
        if not keys:
            return []
        columns = presets.c
        rows = await self._database.rows(
            select(columns.id, columns.kind, columns.name, columns.document)
            .where(owned(presets, owner), tuple_(columns.kind, columns.name_key).in_(keys))
            .order_by(columns.id)
        )
        return [StoredPreset(row.id, row.kind, row.name, row.document) for row in rows]

    async def consents(
        self, character_ids: Collection[int], preset_ids: Collection[int]
    ) -> Consents:
        """What may run of these cards and presets."""
        asked = [(Bringer.CHARACTER, character_ids), (Bringer.PRESET, preset_ids)]
        wanted = [_COLUMNS[bringer].in_(ids) for bringer, ids in asked if ids]
        if not wanted:
            return frozenset()
        rows = await self._database.rows(select(script_consents).where(or_(*wanted)))
        return frozenset(
            (Bringer.CHARACTER, row.character_id, row.digest)
            if row.character_id is not None
            else (Bringer.PRESET, row.preset_id, row.digest)
            for row in rows
        )

    async def allow(
        self, bringer: Bringer, bringer_id: int, digests: Iterable[str], by: int = 0
    ) -> None:
        """These scripts of a card or preset may run from now on."""
        column = _COLUMNS[bringer]
        async with self._database.write() as connection:
            known = select(script_consents.c.digest).where(column == bringer_id)
            there = set((await connection.execute(known)).scalars())
            for digest in dict.fromkeys(digests):
                if digest not in there:
                    await connection.execute(
                        insert(script_consents).values(
                            {column.name: bringer_id, "digest": digest, "created_by": by}
                        )
                    )

    async def forbid(self, bringer: Bringer, bringer_id: int, digest: str) -> None:
        """This script of a card or preset may no longer run."""
        its = and_(_COLUMNS[bringer] == bringer_id, script_consents.c.digest == digest)
        await self._database.change(delete(script_consents).where(its))


def _its(owner: Owner, script_id: int) -> tuple[ColumnElement[bool], ...]:
    return owned(regex_scripts, owner), regex_scripts.c.id == script_id
