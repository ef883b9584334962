"""What was said: turns, their alternatives, and the Discord messages that show them.

Every write is one transaction and on disk when the call returns. The order of the writes of a
turn is decided in the engine: the person's line, the placeholder, drafts, the final text, ids.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from core.chat.message import Attachment, Message, Role, State, Swipe
from core.chat.place import Place
from core.errors import Conflict, NotFound
from core.storage import turn_writes
from core.storage.database import Database
from core.storage.effects import Effects, apply
from core.storage.stories import note_seen, place_of
from core.storage.story import Story
from core.storage.tables import discord_message, message, story_table, swipe
from core.storage.turn_writes import RUNNING
from core.storage.turns import PAGE, next_seq, read_turn, read_turns
from core.storage.values import now

NO_EFFECTS = Effects()


class Chats:
    """Reads and writes turns. All methods raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        turn = {
            "role": Role.USER,
            "name": name,
            "author_id": author_id,
            "persona_id": persona_id,
            "created": created or now(),
            "attachments": [turn_writes.attachment_document(one) for one in attachments] or None,
        }
        try:
            return await self._append_once(story, discord_id, text, turn)
        except Conflict:
            if await self.message_of(discord_id) is None:
                raise
            return None  # another task was faster; the key of the table decides

    async def _append_once(
        self, story: Story, discord_id: int, text: str, turn: dict[str, Any]
    ) -> Message | None:
        async with self._database.write() as connection:
            known = discord_message.c.discord_id == discord_id
            if (await connection.execute(select(discord_message).where(known))).first():
                return None
            message_id = await turn_writes.insert_turn(
                connection, story, discord_id, State.DONE, [text], turn
            )
            row = {"discord_id": discord_id, "message_id": message_id}
            await connection.execute(insert(discord_message).values(row))
            await note_seen(self._database, connection, story.place, discord_id)
            return await read_turn(connection, message_id)

    async def edit_by_discord(self, discord_id: int, text: str) -> Message | None:
        """Takes over an edit. Where a turn spans several Discord messages, only the part that
        this one shows is replaced. None when the id is unknown.
        """
        async with self._database.write() as connection:
            turn = await turn_writes.turn_of(connection, discord_id)
            if turn is None:
                return None
            whole = await turn_writes.with_slice(connection, turn, discord_id, text)
            if whole != turn.text:
                await turn_writes.set_text(connection, turn.id, turn.active, whole)
            return await read_turn(connection, turn.id)

    async def hide_by_discord(self, discord_ids: Collection[int]) -> list[int]:
        """Takes over deletions: a turn that lost any of its messages is no longer told.

        Returns the ids of the turns that vanished; unknown Discord ids are ignored.
        """
        async with self._database.write() as connection:
            found = await connection.execute(
                select(discord_message.c.message_id)
                .where(discord_message.c.discord_id.in_(list(discord_ids)))
                .distinct()
            )
            return await turn_writes.hide(connection, list(found.scalars()))

    async def hide_last_exchange(self, story: Story) -> list[int]:
        """Takes back the newest line of a person and what characters said after it.

        Returns the Discord ids that show it; empty when no person has spoken yet.
        """
        async with self._database.write() as connection:
            visible = and_(message.c.story_id == story.id, ~message.c.hidden)
            asked = await read_turns(connection, and_(visible, message.c.role == Role.USER), 1)
            if not asked:
                return []
            last = await read_turns(connection, and_(visible, message.c.seq >= asked[0].seq))
            await turn_writes.hide(connection, [turn.id for turn in last])
            return [discord_id for turn in last for discord_id in turn.discord_ids]

    # Turns of characters

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
        """A finished turn that Discord does not show yet: a greeting (its alternates are the
        swipes), a narrator's line, words put into a character's mouth.
        """
        by = {"character_id": character_id, "author_id": author_id, "persona_id": persona_id}
        return await self._at_the_end(story, State.DONE, texts, {"role": role, "name": name} | by)

    async def begin_turn(
        self,
        story: Story,
        name: str,
        *,
        role: Role = Role.CHARACTER,
        character_id: int | None = None,
        author_id: int | None = None,
        persona_id: int | None = None,
    ) -> Message:
        """A new turn in state PENDING with one empty swipe, at the end of the story."""
        by = {"character_id": character_id, "author_id": author_id, "persona_id": persona_id}
        return await self._at_the_end(story, State.PENDING, [""], {"role": role, "name": name} | by)

    async def _at_the_end(
        self, story: Story, state: State, texts: Sequence[str], fields: dict[str, Any]
    ) -> Message:
        async with self._database.write() as connection:
            seq = await next_seq(connection, story.id, story.floor)
            fields |= {"created": now(), "unshown": True}
            message_id = await turn_writes.insert_turn(connection, story, seq, state, texts, fields)
            return await turn_writes.known(connection, message_id)

    async def begin_swipe(self, turn: Message) -> Message:
        """Adds an empty alternative and shows it; the old ones stay.

        Raises Conflict when the turn is running or has changed since `turn` was read.
        """
        async with self._database.write() as connection:
            await turn_writes.claim(
                connection, turn, active=len(turn.swipes), state=State.STREAMING
            )
            await connection.execute(
                insert(swipe).values(message_id=turn.id, n=len(turn.swipes), text="")
            )
            return await turn_writes.known(connection, turn.id)

    async def begin_continue(self, turn: Message) -> Message:
        """Opens the shown alternative again. Raises Conflict as `begin_swipe` does."""
        async with self._database.write() as connection:
            await turn_writes.claim(connection, turn, active=turn.active, state=State.STREAMING)
            return await turn_writes.known(connection, turn.id)

    async def activate_swipe(self, turn: Message, n: int) -> Message:
        """Shows another stored alternative. Raises Conflict, or NotFound for one too many."""
        if not 0 <= n < len(turn.swipes):
            raise NotFound("no such alternative", what="swipe", name=n + 1)
        async with self._database.write() as connection:
            await turn_writes.claim(connection, turn, active=n, state=turn.state)
            return await turn_writes.known(connection, turn.id)

    async def placed(self, message_id: int, discord_id: int) -> None:
        """The placeholder is out: the turn streams, and stands where Discord put it."""
        async with self._database.write() as connection:
            await turn_writes.relink(connection, message_id, [discord_id])
            pending = and_(message.c.id == message_id, message.c.state == State.PENDING)
            await connection.execute(update(message).where(pending).values(state=State.STREAMING))

    async def draft(self, message_id: int, n: int, text: str) -> None:
        """Keeps what has arrived so far. Does nothing to a turn that is no longer running."""
        running = select(message.c.id).where(
            message.c.id == message_id, message.c.state.in_(RUNNING)
        )
        async with self._database.write() as connection:
            await connection.execute(
                update(swipe)
                .where(swipe.c.message_id.in_(running), swipe.c.n == n)
                .values(text=text, counts=None)
            )

    async def finish(
        self,
        message_id: int,
        n: int,
        result: Swipe,
        state: State = State.DONE,
        effects: Effects = NO_EFFECTS,
    ) -> Message:
        """Final text, state, variables and lore timers, all or nothing.

        Raises NotFound when the turn was deleted meanwhile.
        """
        async with self._database.write() as connection:
            story = await turn_writes.story_of(connection, message_id)
            await connection.execute(
                update(swipe)
                .where(swipe.c.message_id == message_id, swipe.c.n == n)
                .values(**turn_writes.swipe_values(result))
            )
            await connection.execute(
                update(message).where(message.c.id == message_id).values(state=state)
            )
            await apply(self._database, connection, story.id, place_of(story).owner, effects)
            await turn_writes.make_stale(connection, [message_id])
            return await turn_writes.known(connection, message_id)

    async def settle(self, message_id: int, text: str | None = None) -> Message:
        """Marks a turn that broke off as CUT, with this text or else with its draft."""
        async with self._database.write() as connection:
            turn = await turn_writes.known(connection, message_id)
            if text is not None:
                await turn_writes.set_text(connection, turn.id, turn.active, text)
            await connection.execute(
                update(message)
                .where(message.c.id == message_id)
                .values(state=State.CUT, unshown=True)
            )
            return await turn_writes.known(connection, message_id)

    async def drop_swipe(self, message_id: int, n: int) -> Message:
        """Removes an alternative that never got any text; the one before it is shown again.

        Only the last alternative can go, and never the only one (NotFound).
        """
        async with self._database.write() as connection:
            turn = await turn_writes.known(connection, message_id)
            if n == 0 or n != len(turn.swipes) - 1:
                raise NotFound("no such alternative", what="swipe", name=n + 1)
            await connection.execute(
                delete(swipe).where(swipe.c.message_id == message_id, swipe.c.n == n)
            )
            await connection.execute(
                update(message)
                .where(message.c.id == message_id)
                .values(active=n - 1, state=State.DONE, unshown=True)
            )
            return await turn_writes.known(connection, message_id)

    async def discard(self, message_id: int) -> tuple[int, ...]:
        """Removes a turn that came to nothing. Returns the Discord ids that show it."""
        async with self._database.write() as connection:
            turn = await read_turn(connection, message_id)
            await connection.execute(delete(message).where(message.c.id == message_id))
            return turn.discord_ids if turn else ()

    async def set_discord_ids(
        self, message_id: int, discord_ids: Sequence[int], lengths: Sequence[int] = ()
    ) -> None:
        """All Discord messages that show the turn, in order.

        `lengths`: characters of the turn's text in each, so that an edit finds its part; they
        are given when Discord shows all of it. Ids left out are forgotten: call it before surplus
        messages are deleted in Discord.
        """
        async with self._database.write() as connection:
            await turn_writes.relink(connection, message_id, discord_ids, lengths)

    # Reading

    async def history(
        self,
        story: Story,
        limit: int | None = None,
        before: int | None = None,
        hidden: bool = False,
    ) -> list[Message]:
        """The newest `limit` turns, oldest first; `before`: only those with a smaller `seq`."""
        conditions = [message.c.story_id == story.id]
        if before is not None:
            conditions.append(message.c.seq < before)
        if not hidden:
            conditions.append(~message.c.hidden)
        async with self._database.read() as connection:
            return await read_turns(connection, and_(*conditions), limit)

    async def last(self, story: Story, role: Role | None = None) -> Message | None:
        """The newest visible turn (of that role)."""
        visible = and_(message.c.story_id == story.id, ~message.c.hidden)
        condition = visible if role is None else and_(visible, message.c.role == role)
        async with self._database.read() as connection:
            found = await read_turns(connection, condition, 1)
        return found[0] if found else None

    async def message(self, place_id: int, message_id: int) -> Message:
        """One turn of this place. Raises NotFound for those of other places too."""
        async with self._database.read() as connection:
            inside = await connection.execute(
                select(message.c.id)
                .join(story_table, story_table.c.id == message.c.story_id)
                .where(message.c.id == message_id, story_table.c.place_id == place_id)
            )
            found = await read_turn(connection, message_id) if inside.first() else None
        if found is None:
            raise NotFound("no such message", what="message", name=message_id)
        return found

    async def message_of(self, discord_id: int) -> Message | None:
        """The turn that a Discord message shows, or part of it."""
        async with self._database.read() as connection:
            return await turn_writes.turn_of(connection, discord_id)

    async def place_of(self, message_id: int) -> Place:
        """Where a turn stands. Raises NotFound."""
        async with self._database.read() as connection:
            return place_of(await turn_writes.story_of(connection, message_id))

    async def unfinished(self) -> list[tuple[Place, Message]]:
        """Turns that were on their way when the process ended, oldest first.

        Those at rest among them are whole in the store, and not yet in Discord.
        """
        resting = and_(message.c.unshown, ~message.c.hidden)
        async with self._database.read() as connection:
            turns = await read_turns(connection, or_(message.c.state.in_(RUNNING), resting))
            return [
                (place_of(await turn_writes.story_of(connection, turn.id)), turn) for turn in turns
            ]

    async def save_counts(self, tokenizer_id: str, counted: Iterable[tuple[Message, int]]) -> None:
        """Remembers token counts with the texts they were made of; changed texts keep none."""
        rows = [
            {
                "in_message": turn.id,
                "in_n": turn.active,
                "in_text": turn.text,
                "in_counts": {**turn.counts, tokenizer_id: count},
            }
            for turn, count in counted
        ]
        same = and_(
            swipe.c.message_id == bindparam("in_message"),
            swipe.c.n == bindparam("in_n"),
            swipe.c.text == bindparam("in_text"),
        )
        remember = update(swipe).where(same).values(counts=bindparam("in_counts"))
        # In parts: the rows of a long chat at once would hold up the loop.
        for start in range(0, len(rows), PAGE):
            async with self._database.write() as connection:
                await connection.execute(remember, rows[start : start + PAGE])
