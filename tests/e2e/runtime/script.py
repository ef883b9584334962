"""An engine that says what a test wrote for it; everything between it and Discord is real."""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

from core.backends.types import Delta, Finish, Request, Wait
from core.chat.incoming import Incoming
from core.chat.message import Message, Role, State, Swipe
from core.chat.place import Actor, Place, Scope
from core.errors import TavernError
from core.kind import Kind
from core.options.option import Resolved, Stored
from core.prompt.prompt import Prompt
from core.reply.generation import Generation, Prepared, Speaker, Store
from core.reply.output_filter import OutputRules
from core.settings import Settings

Step = str | asyncio.Event | Wait | Exception
"""A piece of text; something to wait for; a sign of waiting; a fault."""

MIRA = Speaker("Mira", 1, "ab" * 32)


class ScriptedBackend:
    """Streams one script."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps

    async def stream(self, request: Request) -> AsyncIterator[Delta]:
        for step in self.steps:
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, Wait):
                yield Delta(wait=step)
            elif isinstance(step, Exception):
                raise step
            else:
                yield Delta(text=step)
        yield Delta(finish=Finish.STOP)


class ScriptedStore(Store):
    """Keeps turns in a dictionary, in the shape of the real store."""

    def __init__(self, engine: "ScriptedEngine") -> None:
        self.engine = engine

    async def streaming(self, generation: Generation) -> None:
        self.engine.events.append(("streaming", generation.message_id))

    async def draft(self, generation: Generation, text: str) -> None:
        self.engine.events.append(("draft", generation.message_id))

    async def finish(self, generation: Generation, swipe: Swipe, state: State) -> None:
        self.engine.put(generation.message_id, generation.swipe, swipe, state)
        self.engine.running = None

    async def discard(self, generation: Generation) -> None:
        self.engine.events.append(("discard", generation.message_id))
        self.engine.running = None


class ScriptedEngine:
    """As much of `Engine` as the Discord side touches."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self.settings = settings
        self.scripts: deque[Sequence[Step]] = deque()
        self.heard: list[Incoming] = []
        self.events: list[tuple[str, Any]] = []
        self.turns: dict[int, Message] = {}
        self.running: Generation | None = None
        self.speaker = MIRA
        self.picture: bytes | None = None
        self.options = {"chat.burst_seconds": 0.05, **options}
        self.broken: list[tuple[Place, Message]] = []
        self._ids = itertools.count(1)
        self.meta: dict[str, str] = {}
        self.places: list[tuple[Place, int]] = []
        self.services = SimpleNamespace(
            options=SimpleNamespace(resolve=self._resolve),
            characters=SimpleNamespace(get=self._character),
        )

    @property
    def told(self) -> list[tuple[int, tuple[int, ...], tuple[int, ...]]]:
        """Turn, Discord ids and lengths of each `shown`."""
        return [fact for name, fact in self.events if name == "shown"]

    def will_say(self, *steps: Step) -> None:
        """The script of the next reply."""
        self.scripts.append(steps)

    # The facade

    async def active(self, place: Place) -> bool:
        return True

    async def receive(self, incoming: Incoming) -> bool:
        if any(known.discord_id == incoming.discord_id for known in self.heard):
            return False
        self.heard.append(incoming)
        return incoming.fresh

    async def reply(self, place: Place, *, actor: Actor | None = None) -> AsyncIterator[Generation]:
        yield self._begin(place, next(self._ids), 0, ())

    async def regenerate(self, place: Place, message_id: int | None = None) -> Generation:
        turn = self.turns[message_id or max(self.turns)]
        return self._begin(place, turn.id, len(turn.swipes), turn.discord_ids)

    async def continue_(self, place: Place, message_id: int | None = None) -> Generation:
        turn = self.turns[message_id or max(self.turns)]
        return self._begin(place, turn.id, turn.active, turn.discord_ids, keeps=turn.text)

    async def swipe(self, place: Place, message_id: int, step: int) -> Message | Generation:
        turn = self.turns[message_id]
        if turn.active + step >= len(turn.swipes):
            return await self.regenerate(place, message_id)
        active = max(0, turn.active + step)
        self.turns[message_id] = _with(turn, active=active)
        return self.turns[message_id]

    async def shown(
        self, message_id: int, swipe: int, ids: Sequence[int], lengths: Sequence[int] = ()
    ) -> None:
        self.events.append(("shown", (message_id, tuple(ids), tuple(lengths))))
        if message_id in self.turns:
            self.turns[message_id] = _with(self.turns[message_id], discord_ids=tuple(ids))
        else:
            self.turns[message_id] = _with(_turn(message_id), discord_ids=tuple(ids))

    async def edit(self, discord_id: int, text: str) -> None:
        self.events.append(("edit", (discord_id, text)))

    async def delete(self, discord_ids: Sequence[int]) -> None:
        self.events.append(("delete", tuple(discord_ids)))

    async def forget_place(self, place_id: int) -> None:
        self.events.append(("forget", place_id))

    async def unfinished(self) -> list[tuple[Place, Message]]:
        return self.broken

    async def avatar(self, character_id: int) -> bytes | None:
        return self.picture

    async def shown_by(self, discord_id: int) -> Message | None:
        return next((t for t in self.turns.values() if discord_id in t.discord_ids), None)

    async def message(self, place: Place, message_id: int) -> Message:
        return self.turns[message_id]

    async def watched(self) -> list[tuple[Place, int]]:
        return self.places

    async def remembered(self, key: str) -> str | None:
        return self.meta.get(key)

    async def remember(self, key: str, value: str) -> None:
        self.meta[key] = value

    # Behind it

    def put(self, message_id: int, n: int, swipe: Swipe, state: State) -> None:
        turn = self.turns.get(message_id) or _turn(message_id)
        swipes = [*turn.swipes[:n], swipe, *turn.swipes[n + 1 :]]
        self.turns[message_id] = _with(turn, swipes=tuple(swipes), active=n, state=state)
        self.events.append(("finish", message_id))

    def _begin(
        self, place: Place, id_: int, n: int, discord_ids: tuple[int, ...], keeps: str = ""
    ) -> Generation:
        steps = self.scripts.popleft() if self.scripts else ("Well met.",)

        async def prepare(generation: Generation) -> Prepared:
            return Prepared(
                prompt=Prompt(kind=Kind.TEXT),
                backend=ScriptedBackend(steps),  # type: ignore[arg-type]
                request=Request(kind=Kind.TEXT, model="script"),
                rules=OutputRules(keeps=keeps),
                backend_name="Script",
            )

        self.running = Generation(
            id=f"g{id_}.{n}",
            place=place,
            speaker=self.speaker,
            message_id=id_,
            swipe=n,
            swipes=n + 1,
            prepare=prepare,
            store=ScriptedStore(self),
            keeps=keeps,
            discord_ids=discord_ids,
        )
        return self.running

    async def _resolve(self, place: Place, *_ids: int | None) -> Resolved:
        rows = [Stored(Scope.EVERYWHERE, 0, *item) for item in self.options.items()]
        return Resolved({row.key: row for row in rows})

    async def _character(self, place: Place, character_id: int) -> Any:
        return SimpleNamespace(avatar=MIRA.avatar)


def _turn(message_id: int) -> Message:
    return Message(message_id, 0, Role.CHARACTER, "Mira", (), character_id=1)


def _with(turn: Message, **changes: Any) -> Message:
    from dataclasses import replace

    return replace(turn, **changes)


__all__ = ["MIRA", "ScriptedEngine", "Step", "TavernError"]
