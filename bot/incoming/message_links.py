"""Which Discord message belongs to which message of the story, also while events overtake each
other."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime

import discord
from cachetools import LRUCache

from bot.incoming.message_reader import MessageReader, ReadingRules
from core.chat.message import Incoming, Message
from core.chat.place import Place
from core.engine import Engine
from core.engine.scene import Scene
from core.errors import NotFound
from core.reply.reply_run import Speaker

_MOST_IDS = 10_000
_MOST_EDITS = 500


class MessageLinks:
    """Discord tells of a deletion or an edit before, while or after its message is stored."""

    def __init__(self, engine: Engine, reader: MessageReader) -> None:
        self._engine = engine
        self._reader = reader
        self._deleted_by_us: LRUCache[int, None] = LRUCache(_MOST_IDS)
        self._deleted_by_others: LRUCache[int, None] = LRUCache(_MOST_IDS)
        self._edited: LRUCache[int, discord.Message] = LRUCache(_MOST_EDITS)

    def deleting(self, message_id: int) -> None:
        """The bot itself is about to delete this message; the story is not meant by it."""
        self._deleted_by_us[message_id] = None

    async def deleted(self, message_ids: Collection[int]) -> None:
        """Discord tells of deletions: what others took away is no longer told."""
        by_others = [id_ for id_ in message_ids if id_ not in self._deleted_by_us]
        self._deleted_by_others.update(dict.fromkeys(by_others))
        if by_others:
            await self._engine.delete(by_others)

    def newest(self, message: discord.Message) -> discord.Message:
        """The message as last edited; Discord may tell of it late, and of an edit before it."""
        known = self._edited.get(message.id)
        if known is not None and _edit_time(known) > _edit_time(message):
            return known
        if message.edited_at is not None:
            self._edited[message.id] = message
        return message

    async def receive(self, scene: Scene, message: discord.Message) -> Incoming | None:
        """Stores what a person said, in its newest words. None where no reply is due, also where
        it was deleted before it was stored."""
        incoming = await self._reader.read(self.newest(message), scene.place, self._rules(scene))
        if incoming is None or message.id in self._deleted_by_others:
            return None
        due = await self._engine.receive(scene, incoming)
        if message.id in self._deleted_by_others:
            await self._engine.delete([message.id])
            return None
        return incoming if due else None

    async def edit(self, place: Place, message: discord.Message) -> None:
        scene = await self._engine.scene(place, message.author.id)
        await self._engine.edit(message.id, self._reader.text(message, self._rules(scene)))

    def _rules(self, scene: Scene) -> ReadingRules:
        return ReadingRules.of(scene.options, self._engine.settings.limits)

    async def shown(
        self, message_id: int, ids: Sequence[int], lengths: Sequence[int | None] = ()
    ) -> None:
        """Stores what shows a reply; some of it may have been deleted before it was known."""
        await self._engine.shown(message_id, ids, lengths)
        if any(id_ in self._deleted_by_others for id_ in ids):
            await self._engine.delete(ids)

    async def speaker_of(self, message: Message, place: Place) -> Speaker:
        """Who speaks in a stored message, with the character's present picture."""
        if message.character_id is not None:
            with suppress(NotFound):
                stored = await self._engine.services.characters.get(place, message.character_id)
                return Speaker(message.name, message.character_id, stored.avatar)
        return Speaker(message.name, person_id=message.author_id)


def _edit_time(message: discord.Message) -> datetime:
    return message.edited_at or message.created_at
