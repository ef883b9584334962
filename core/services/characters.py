"""Characters as commands use them: permission first, then the library."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

from core.characters.avatar import as_png, thumbnail
from core.characters.card_file import read_card, to_json, to_png
from core.characters.character import Character
from core.characters.fields import Remark
from core.characters.names import SAME_NAME, check_name, numbered
from core.chat.place import STOCK, Actor, Owner, Place
from core.errors import AlreadyExists, InvalidCard, LimitReached, NotAllowed
from core.lorebook.load import doubts_about
from core.policy.permissions import Action, allowed, demand
from core.policy.sliding_window import SlidingWindow
from core.reasons import Reason
from core.settings import LimitSettings
from core.storage.characters import (
    AVATAR,
    CARD,
    CharacterEntry,
    CharacterStore,
    Picture,
    StoredCharacter,
)

IMPORT_SECONDS = 600


class Characters:
    def __init__(self, store: CharacterStore, limits: LimitSettings) -> None:
        self._store = store
        self._limits = limits
        self._imports = SlidingWindow(limits.imports_per_person, IMPORT_SECONDS)

    async def get(self, place: Place, character_id: int) -> StoredCharacter:
        """One character. Raises NotFound for those of others too."""
        return await self._store.get(place.owner, character_id)

    async def find(self, place: Place, name: str) -> StoredCharacter:
        """The character of this name. Raises NotFound."""
        return await self._store.find(place.owner, name)

    async def list(self, place: Place) -> list[CharacterEntry]:
        return await self._store.list(place.owner)

    async def import_file(
        self, actor: Actor, place: Place, data: bytes, file_name: str
    ) -> tuple[StoredCharacter, Sequence[Remark]]:
        """Adds the character of a card file. Raises InvalidCard, NotAllowed, LimitReached."""
        demand(actor, Action.ADD_CHARACTERS, place)
        if not actor.owner:
            self._imports.enter(actor.id, "imports")
        card = await asyncio.to_thread(read_card, data, file_name)
        stored = await self._add(actor, place.owner, card.character, card.image)
        return stored, (*card.remarks, *await asyncio.to_thread(doubts_about, card.character))

    async def create(self, actor: Actor, place: Place, card: Character) -> StoredCharacter:
        """Adds a character that somebody wrote. Raises InvalidOption."""
        demand(actor, Action.ADD_CHARACTERS, place)
        check_name(card.name)
        return await self._add(actor, place.owner, card, None)

    async def edit(
        self, actor: Actor, place: Place, character_id: int, changes: Mapping[str, str]
    ) -> StoredCharacter:
        """Changes fields of the card. A stock character is copied first."""
        stored = await self.get(place, character_id)
        card = stored.character.edited(**changes)
        check_name(card.name)
        if stored.owner == STOCK:
            demand(actor, Action.ADD_CHARACTERS, place)
            picture = await self._store.picture(stored.id, CARD)
            return await self._add(actor, place.owner, card, picture.data if picture else None)
        self._demand_change(actor, place, stored)
        if card.name == stored.character.name:
            return await self._store.change(place.owner, character_id, card, stored.handle)
        return await _told_apart(
            card.name,
            lambda handle: self._store.change(place.owner, character_id, card, handle),
        )

    async def delete(self, actor: Actor, place: Place, character_id: int) -> None:
        stored = await self.get(place, character_id)
        if stored.owner == STOCK:
            raise NotAllowed(Reason.BUILT_IN_CHARACTER)
        self._demand_change(actor, place, stored)
        await self._store.delete(place.owner, character_id)

    async def export(
        self, place: Place, character_id: int, form: Literal["png", "json"]
    ) -> tuple[str, bytes]:
        """The card as a file: its name and content."""
        stored = await self.get(place, character_id)
        base = re.sub(r"[^\w\- ]+", "", stored.character.display_name).strip() or "character"
        if form == "json":
            return f"{base}.json", await asyncio.to_thread(to_json, stored.character)
        picture = await self._store.picture(stored.id, CARD)
        picture = picture or await self._store.picture(stored.id, AVATAR)
        return f"{base}.png", await to_png(stored.character, picture.data if picture else None)

    async def avatar(self, character_id: int) -> bytes | None:
        """The small picture, PNG or WebP; None without one."""
        picture = await self._store.picture(character_id)
        return picture.data if picture else None

    async def add_stock(self, slug: str, data: bytes) -> int:
        """Puts one of the product's own characters into the library, once. Returns its id."""
        known = await self._store.by_slug(slug)
        if known is not None:
            return known
        card = await asyncio.to_thread(read_card, data, slug)
        pictures = await _pictures(card.image)
        return (await self._store.add(STOCK, card.character, pictures=pictures, slug=slug)).id

    async def _add(
        self, actor: Actor, owner: Owner, card: Character, image: bytes | None
    ) -> StoredCharacter:
        limit = self._limits.characters
        if await self._store.count(owner) >= limit:
            raise LimitReached(what="characters", limit=limit)
        pictures = await _pictures(image)
        added = sum(len(picture.data) for picture in pictures.values())
        if await self._store.bytes_of(owner) + added > self._limits.library_bytes:
            room = self._limits.library_bytes
            raise LimitReached(what="bytes", limit=room)
        return await _told_apart(
            card.name,
            lambda handle: self._store.add(
                owner, card, created_by=actor.id, pictures=pictures, handle=handle
            ),
        )

    @staticmethod
    def _demand_change(actor: Actor, place: Place, stored: StoredCharacter) -> None:
        if stored.created_by != actor.id or not allowed(actor, Action.ADD_CHARACTERS, place):
            demand(actor, Action.CHANGE_CHARACTERS, place)


async def _told_apart(
    name: str, store: Callable[[str], Awaitable[StoredCharacter]]
) -> StoredCharacter:
    """Stores a card under its name, or under "Name (2)" and so on where that is taken."""
    for number in range(1, SAME_NAME):
        with suppress(AlreadyExists):
            return await store(numbered(name, number))
    return await store(numbered(name, SAME_NAME))


async def _pictures(image: bytes | None) -> dict[str, Picture]:
    """The card's picture and its small form; a damaged picture costs only itself."""
    if image is None:
        return {}
    try:
        small, whole = await thumbnail(image), await as_png(image)
    except InvalidCard:
        return {}
    return {
        AVATAR: Picture(small.hash, small.content_type, small.data),
        CARD: Picture(hashlib.sha256(whole).hexdigest(), "image/png", whole),
    }
