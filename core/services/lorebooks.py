"""Lorebooks as commands use them, and which of them are active for a reply."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from core.characters.fields import Remark
from core.characters.names import title
from core.chat.place import Actor, Place, Scope
from core.errors import LimitReached, NotFound
from core.lorebook import ActiveBook, Entry, Lorebook, Sources
from core.lorebook.formats import to_world_info
from core.lorebook.load import load_lorebook, read_lorebook
from core.policy.permissions import Action, allowed, demand
from core.storage.characters import StoredCharacter
from core.storage.lorebooks import PERSONA, Binding, LorebookStore, StoredLorebook
from core.storage.personas import StoredPersona
from core.storage.stories import Story

MOST = 200
"""Books a server or person may keep."""
SOURCES = {
    Scope.THREAD: "chat",
    Scope.CHANNEL: "chat",
    PERSONA: "persona",
    Scope.CHARACTER: "character",
}
"""Which of `Sources` a book belongs to by the scope of its binding; elsewhere it is shared."""


class Lorebooks:
    def __init__(self, store: LorebookStore) -> None:
        self._store = store
        self._embedded: dict[int, tuple[dict[str, Any], ActiveBook]] = {}

    async def list(self, place: Place) -> Sequence[StoredLorebook]:
        return await self._store.list(place.owner)

    async def find(self, place: Place, name: str) -> StoredLorebook:
        """The book of this name. Raises NotFound."""
        return await self._store.find(place.owner, name)

    async def bindings(self, place: Place) -> Sequence[Binding]:
        """The books in use here, without those of characters and personas."""
        return await self._store.bound(place)

    async def import_file(
        self, actor: Actor, place: Place, data: bytes, file_name: str, name: str = ""
    ) -> tuple[StoredLorebook, Sequence[Remark]]:
        """Adds the book of a file, under another name if one is given.

        Raises InvalidLorebook, AlreadyExists, NotAllowed.
        """
        await self._demand_room(actor, place)
        loaded = await asyncio.to_thread(read_lorebook, data, file_name)
        book = loaded.book.model_copy(update={"name": title(name, loaded.book.name)})
        return await self._store.add(place.owner, book, actor.id), loaded.remarks

    async def new(self, actor: Actor, place: Place, name: str) -> StoredLorebook:
        await self._demand_room(actor, place)
        return await self._store.add(place.owner, Lorebook(name=name.strip()), actor.id)

    async def put_entry(
        self, actor: Actor, place: Place, name: str, uid: int | None, changes: dict[str, Any]
    ) -> tuple[StoredLorebook, Entry]:
        """Changes an entry of a book, or adds one where `uid` is None."""

        def changed(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
            if uid is None:
                fresh = max((entry.uid for entry in entries), default=-1) + 1
                return (*entries, Entry(uid=fresh, **changes))
            return tuple(
                entry.model_copy(update=changes) if entry.uid == uid else entry for entry in entries
            )

        stored = await self._change(actor, place, name, changed)
        wanted = uid if uid is not None else max(entry.uid for entry in stored.book.entries)
        found = next((entry for entry in stored.book.entries if entry.uid == wanted), None)
        if found is None:
            raise NotFound(what="entry", name=str(uid))
        return stored, found

    async def delete_entry(self, actor: Actor, place: Place, name: str, uid: int) -> StoredLorebook:
        """Takes an entry out of a book. Raises NotFound where there is none of this number."""

        def without(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
            left = tuple(entry for entry in entries if entry.uid != uid)
            if len(left) == len(entries):
                raise NotFound(what="entry", name=str(uid))
            return left

        return await self._change(actor, place, name, without)

    async def delete(self, actor: Actor, place: Place, name: str) -> None:
        stored = await self._own(actor, place, name)
        await self._store.delete(place.owner, stored.id)

    async def bind(
        self, actor: Actor, place: Place, name: str, scope: str, scope_id: int | None = None
    ) -> StoredLorebook:
        """Puts a book to use: in this channel, the server, for a character or a persona."""
        stored, there = await self._bindable(actor, place, name, scope, scope_id)
        await self._store.bind(place.owner, stored.id, *there)
        return stored

    async def unbind(
        self, actor: Actor, place: Place, name: str, scope: str, scope_id: int | None = None
    ) -> bool:
        """Takes a book out of use. False where it was not in use."""
        stored, there = await self._bindable(actor, place, name, scope, scope_id)
        return await self._store.unbind(place.owner, stored.id, *there)

    async def export(self, place: Place, name: str) -> tuple[str, bytes]:
        """The book as a World Info file: its name and content."""
        stored = await self.find(place, name)
        safe = "".join(sign for sign in stored.book.name if sign.isalnum() or sign in " -_")
        text = await asyncio.to_thread(_exported, stored.book)
        return f"{safe.strip() or 'lorebook'}.json", text

    async def active(
        self, story: Story, speaker: StoredCharacter, persona: StoredPersona | None
    ) -> Sources:
        """The books that are scanned for a reply of this speaker, the card's own included."""
        bound = await self._store.bound(
            story.place, speaker.id, persona.id if persona is not None else None
        )
        of: dict[str, list[ActiveBook]] = {field.name: [] for field in fields(Sources)}
        for binding in bound:
            book = binding.book.book
            of[SOURCES.get(binding.scope, "shared")].append(ActiveBook(book.name, book))
        embedded = await self._own_book(speaker)
        if embedded is not None:
            of["character"].insert(0, embedded)
        return Sources(**{name: tuple(books) for name, books in of.items()})

    async def _own_book(self, speaker: StoredCharacter) -> ActiveBook | None:
        """The book that came with the card."""
        document = speaker.character.character_book
        if not document or not document.get("entries"):
            return None
        known = self._embedded.get(speaker.id)
        if known is None or known[0] != document:
            name = f"{speaker.character.display_name} (card)"
            loaded = await asyncio.to_thread(load_lorebook, document, name)
            known = (document, ActiveBook(name, loaded.book))
            self._embedded[speaker.id] = known
        return known[1]

    async def _change(
        self,
        actor: Actor,
        place: Place,
        name: str,
        change: Callable[[tuple[Entry, ...]], tuple[Entry, ...]],
    ) -> StoredLorebook:
        stored = await self._own(actor, place, name)
        book = stored.book.model_copy(update={"entries": change(stored.book.entries)})
        return await self._store.change(place.owner, stored, book)

    async def _own(self, actor: Actor, place: Place, name: str) -> StoredLorebook:
        stored = await self.find(place, name)
        if stored.created_by != actor.id or not allowed(actor, Action.ADD_LOREBOOKS, place):
            demand(actor, Action.CHANGE_LOREBOOKS, place)
        return stored

    async def _demand_room(self, actor: Actor, place: Place) -> None:
        demand(actor, Action.ADD_LOREBOOKS, place)
        if len(await self._store.list(place.owner)) >= MOST:
            raise LimitReached(what="lorebooks", limit=MOST)

    async def _bindable(
        self, actor: Actor, place: Place, name: str, scope: str, scope_id: int | None
    ) -> tuple[StoredLorebook, tuple[str, int]]:
        """A book, and where it is put to use."""
        if scope != PERSONA:
            demand(actor, Action.BIND_LOREBOOKS, place)
        there = place.narrowest(scope) if scope_id is None else (scope, scope_id)
        return await self.find(place, name), there


def _exported(book: Lorebook) -> bytes:
    return json.dumps(to_world_info(book), ensure_ascii=False, indent=4).encode()
