"""Writes a reply's steps to the store and keeps the history in memory equal to it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.chat.history import History
from core.chat.message import Message, State, Swipe
from core.reply.generation import Generation, Store
from core.storage.effects import Effects
from core.storage.messages import MessageStore


@dataclass(frozen=True, slots=True)
class TurnWriter(Store):
    """The store of one reply. `before` is the turn as it stood, None for a new one."""

    messages: MessageStore
    history: History
    before: Message | None
    over: Callable[[Generation], None]
    """Told when nothing more will be written."""
    learn: Callable[[Generation], Awaitable[None]]
    """Told when the reply is in the store."""

    async def streaming(self, generation: Generation) -> None:
        """The draft is in the store before the first word is shown."""
        await self.draft(generation, generation.keeps)

    async def draft(self, generation: Generation, text: str) -> None:
        """Some of the text, in case of a crash."""
        await self.messages.draft(generation.message_id, generation.swipe, text)

    async def finish(self, generation: Generation, swipe: Swipe, state: State) -> None:
        """Text, macro effects and lore timers, all or nothing."""
        prompt = generation.prompt
        effects = None
        if prompt is not None and state is State.DONE:
            effects = Effects(prompt.effects, prompt.timed_after)
        try:
            turn = await self.messages.finish(
                generation.message_id, generation.swipe, swipe, state, effects
            )
            self.history.put(turn)
            await self.learn(generation)
        finally:
            self.over(generation)

    async def discard(self, generation: Generation) -> None:
        """The turn is as it was before: gone, or without the new alternative."""
        try:
            await self._take_back(generation)
        finally:
            self.over(generation)

    async def _take_back(self, generation: Generation) -> None:
        if self.before is None:
            await self.messages.discard(generation.message_id)
            self.history.drop([generation.message_id])
        elif generation.swipe == self.before.active:
            shown = self.before.swipes[self.before.active]
            self.history.put(
                await self.messages.finish(
                    generation.message_id, generation.swipe, shown, self.before.state
                )
            )
        else:
            dropped = await self.messages.drop_swipe(generation.message_id, generation.swipe)
            self.history.put(await self.messages.activate_swipe(dropped, self.before.active))
