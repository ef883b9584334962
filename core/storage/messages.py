"""What was said: messages, their swipes, and the Discord messages that show them.

Every write is one transaction and on disk when the call returns. In which order a reply is written
is decided in the engine: the person's message, the reply's row, its first Discord id, drafts, the
final text, the remaining ids.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.message import Attachment, Message, Role, State, Swipe
from core.chat.place import Place
from core.errors import Conflict, NotFound
from core.storage import message_rows
from core.storage.columns import now
from core.storage.database import Store
from core.storage.message_rows import (
    PAGE,
    RUNNING,
    no_such_message,
    read_message,
    read_messages,
    swipe_is,
)
from core.storage.stories import Effects, Story, apply_effects, note_seen, place_of
from core.storage.tables import discord_messages, messages, stories, swipes


@dataclass(frozen=True, slots=True)
class Counts:
    """Token counts of messages by one tokenizer, to be kept with the texts they were made of."""

    tokenizer_id: str = ""
    of: Sequence[tuple[Message, int]] = ()

    def parted(self, number: int) -> "tuple[Counts, Counts]":
        """The first ones, and the rest."""
        return replace(self, of=self.of[:number]), replace(self, of=self.of[number:])


class MessageStore(Store):
    # What people write, and what happens to it in Discord

    async def append_person(
        self,
        story: Story,
        *,
        discord_id: int,
        author_id: int,
        name: str,
        text: str,
        persona_id: int | None = None,
        attachments: Sequence[Attachment] = (),
        created: int = 0,
    ) -> Message | None:
        """Stores a person's message once, in Discord's order.

        None when this Discord id is already stored, or from before the story began.
        """
        if discord_id <= story.floor:
            return None
        new = Message(
            id=0,
            seq=discord_id,
            role=Role.USER,
            name=name,
            swipes=(Swipe(text),),
            author_id=author_id,
            persona_id=persona_id,
            created=created or now(),
            discord_ids=(discord_id,),
            attachments=tuple(attachments),
        )
        known = select(discord_messages).where(discord_messages.c.discord_id == discord_id)
        try:
            async with self._database.write() as connection:
                if (await connection.execute(known)).first():
                    return None
                stored = await message_rows.insert_message(connection, story, new, unshown=False)
                row = {"discord_id": discord_id, "message_id": stored.id}
                await connection.execute(insert(discord_messages).values(row))
                await note_seen(self._database, connection, story.place, discord_id)
                return stored
        except Conflict:
            if await self.find_by_discord(discord_id) is None:
                raise
            return None  # another task was faster; the key of the table decides

    async def edit_by_discord(self, discord_id: int, text: str) -> Message | None:
        """Takes over an edit. Where a message spans several of Discord's, only the part that this
        one shows is replaced. None when the id is unknown.
        """
        async with self._database.write() as connection:
            message = await message_rows.find_by_discord(connection, discord_id)
            if message is None:
                return None
            whole = await message_rows.with_part(connection, message, discord_id, text)
            if whole != message.text:
                await message_rows.set_text(connection, message.id, message.active, whole)
            return await read_message(connection, message.id)

    async def hide_by_discord(self, discord_ids: Collection[int]) -> list[int]:
        """Takes over deletions: what lost any of its Discord messages is no longer told.

        Returns the ids of the messages that vanished; unknown Discord ids are ignored.
        """
        async with self._database.write() as connection:
            found = await connection.execute(
                select(discord_messages.c.message_id)
                .where(discord_messages.c.discord_id.in_(list(discord_ids)))
                .distinct()
            )
            return await message_rows.hide(connection, list(found.scalars()))

    async def hide_last_exchange(self, story: Story) -> list[int]:
        """Takes back the newest message of a person and what characters said after it.

        Returns the Discord ids that show it; empty when no person has spoken yet.
        """
        async with self._database.write() as connection:
            visible = and_(messages.c.story_id == story.id, ~messages.c.hidden)
            asked = await read_messages(connection, and_(visible, messages.c.role == Role.USER), 1)
            if not asked:
                return []
            last = await read_messages(connection, and_(visible, messages.c.seq >= asked[0].seq))
            await message_rows.hide(connection, [message.id for message in last])
            return [discord_id for message in last for discord_id in message.discord_ids]

    # Messages that Discord does not show yet

    async def append(
        self,
        story: Story,
        role: Role,
        name: str,
        texts: Sequence[str],
        *,
        character_id: int | None = None,
        author_id: int | None = None,
        persona_id: int | None = None,
    ) -> Message:
        """A finished message: a greeting (its alternates are the swipes), a narrator's line, words
        put into a character's mouth. Raises Conflict where the story is over.
        """
        new = Message(
            id=0,
            seq=0,
            role=role,
            name=name,
            swipes=tuple(map(Swipe, texts)),
            author_id=author_id,
            persona_id=persona_id,
            character_id=character_id,
        )
        return await self._at_the_end(story, new)

    async def begin(self, story: Story, name: str, character_id: int | None = None) -> Message:
        """A new reply in state PENDING with one empty swipe, at the end of the story.

        Raises Conflict where the story is over.
        """
        new = Message(0, 0, Role.CHARACTER, name, (Swipe(""),), state=State.PENDING)
        return await self._at_the_end(story, replace(new, character_id=character_id))

    async def _at_the_end(self, story: Story, new: Message) -> Message:
        async with self._database.write() as connection:
            seq = await message_rows.next_seq(connection, story)
            new = replace(new, seq=seq, created=now())
            return await message_rows.insert_message(connection, story, new, unshown=True)

    async def begin_swipe(self, message: Message) -> Message:
        """Adds an empty swipe and shows it; the old ones stay.

        Raises Conflict when the message is running or has changed since it was read.
        """
        n = len(message.swipes)
        async with self._database.write() as connection:
            await message_rows.claim(connection, message, active=n, state=State.STREAMING)
            await connection.execute(insert(swipes).values(message_id=message.id, n=n, text=""))
            return await read_message(connection, message.id)

    async def begin_continue(self, message: Message) -> Message:
        """Opens the shown swipe again. Raises Conflict as `begin_swipe` does."""
        return await self._claim(message, message.active, State.STREAMING)

    async def activate_swipe(self, message: Message, n: int) -> Message:
        """Shows another stored swipe. Raises Conflict, or NotFound for one too many."""
        if not 0 <= n < len(message.swipes):
            raise NotFound(what="swipe", name=n + 1)
        return await self._claim(message, n, message.state)

    async def _claim(self, message: Message, active: int, state: State) -> Message:
        async with self._database.write() as connection:
            await message_rows.claim(connection, message, active=active, state=state)
            return await read_message(connection, message.id)

    # Replies on their way

    async def shown(
        self, message_id: int, discord_ids: Sequence[int], lengths: Sequence[int | None] = ()
    ) -> int:
        """The Discord messages that show a message, in order: the placeholder first, all at last.

        `lengths`: characters of the text in each, so that an edit finds its part; they are given
        when Discord shows all of it. Ids left out are forgotten: call it before surplus messages
        are deleted in Discord. Returns the message's place in the story. Raises NotFound.
        """
        async with self._database.write() as connection:
            return await message_rows.link(connection, message_id, discord_ids, lengths)

    async def draft(self, message_id: int, n: int, text: str) -> None:
        """Keeps what has arrived so far. Does nothing to a message that is no longer running."""
        running = select(messages.c.id).where(
            messages.c.id == message_id, messages.c.state.in_(RUNNING)
        )
        await self._database.change(
            update(swipes)
            .where(swipes.c.message_id.in_(running), swipes.c.n == n)
            .values(text=text, counts=None)
        )

    async def finish(
        self,
        message_id: int,
        n: int,
        result: Swipe,
        state: State = State.DONE,
        effects: Effects | None = None,
        counts: Counts | None = None,
    ) -> Message:
        """Final text, state, variables and lore timers, all or nothing; and what was counted.

        Raises NotFound when the message was deleted meanwhile.
        """
        counts = counts or Counts()
        async with self._database.write() as connection:
            # Counts of an earlier text are void.
            changed = update(swipes).where(swipe_is(message_id, n))
            await connection.execute(changed.values(**asdict(result), counts=None))
            its = messages.c.id == message_id
            await connection.execute(update(messages).where(its).values(state=state))
            if effects:
                story_id, place = await _story_of(connection, message_id)
                await apply_effects(self._database, connection, story_id, place.owner, effects)
            await message_rows.save_counts(connection, counts.tokenizer_id, counts.of)
            return await read_message(connection, message_id)

    async def settle(
        self, message_id: int, text: str | None = None, state: State = State.CUT
    ) -> Message:
        """Brings a message to rest, with this text or else with its draft."""
        async with self._database.write() as connection:
            message = await read_message(connection, message_id)
            if text is not None:
                await message_rows.set_text(connection, message.id, message.active, text)
            rests = update(messages).where(messages.c.id == message_id)
            await connection.execute(rests.values(state=state, unshown=True))
            return await read_message(connection, message_id)

    async def drop_swipe(self, message_id: int, n: int) -> Message:
        """Removes a swipe that never got any text; the one before it is shown again.

        Only the last swipe can go, and never the only one (NotFound).
        """
        async with self._database.write() as connection:
            message = await read_message(connection, message_id)
            if n == 0 or n != len(message.swipes) - 1:
                raise NotFound(what="swipe", name=n + 1)
            await connection.execute(delete(swipes).where(swipe_is(message_id, n)))
            back = update(messages).where(messages.c.id == message_id)
            await connection.execute(back.values(active=n - 1, state=State.DONE, unshown=True))
            return await read_message(connection, message_id)

    async def discard(self, message_id: int) -> tuple[int, ...]:
        """Removes a message that came to nothing. Returns the Discord ids that show it."""
        async with self._database.write() as connection:
            columns = discord_messages.c
            linked = select(columns.discord_id).where(columns.message_id == message_id)
            ids = (await connection.execute(linked.order_by(columns.ordinal))).scalars().all()
            await connection.execute(delete(messages).where(messages.c.id == message_id))
            return tuple(ids)

    async def save_counts(self, counts: Counts) -> None:
        """Remembers token counts, in parts: those of a long story at once would stall the loop."""
        for start in range(0, len(counts.of), PAGE):
            async with self._database.write() as connection:
                part = counts.of[start : start + PAGE]
                await message_rows.save_counts(connection, counts.tokenizer_id, part)

    # Reading

    async def history(
        self, story: Story, limit: int | None = None, *, hidden: bool = False
    ) -> list[Message]:
        condition = messages.c.story_id == story.id
        if not hidden:
            condition = and_(condition, ~messages.c.hidden)
        async with self._database.read() as connection:
            return await read_messages(connection, condition, limit)

    async def get(self, place_id: int, message_id: int) -> Message:
        """One message of this place. Raises NotFound for those of other places too."""
        async with self._database.read() as connection:
            message = await read_message(connection, message_id)
            if (await _story_of(connection, message_id))[1].id != place_id:
                raise no_such_message(message_id)
            return message

    async def find_by_discord(self, discord_id: int) -> Message | None:
        async with self._database.read() as connection:
            return await message_rows.find_by_discord(connection, discord_id)

    async def place_of(self, message_id: int) -> Place:
        """Where a message stands. Raises NotFound."""
        async with self._database.read() as connection:
            return (await _story_of(connection, message_id))[1]

    async def unfinished(self) -> list[tuple[Place, Message]]:
        """Messages that were on their way when the process ended, oldest first.

        Those at rest among them are whole in the store, and not yet in Discord.
        """
        resting = and_(messages.c.unshown, ~messages.c.hidden)
        async with self._database.read() as connection:
            found = await read_messages(connection, or_(messages.c.state.in_(RUNNING), resting))
            return [((await _story_of(connection, one.id))[1], one) for one in found]


async def _story_of(connection: AsyncConnection, message_id: int) -> tuple[int, Place]:
    """The story that a message stands in, and where it is told. Raises NotFound."""
    found = await connection.execute(
        select(stories)
        .join(messages, messages.c.story_id == stories.c.id)
        .where(messages.c.id == message_id)
    )
    row = found.one_or_none()
    if row is None:
        raise no_such_message(message_id)
    return row.id, place_of(row)
